/** What `unrec help cluster` prints. */
export const CLUSTER: string = `Many machines

--shard=I/N writes one of N shares of the work; I counts from 0. Every share may run on
another machine, in any order, at the same time or not, and as often as need be. All are
given the same --include, the same options, and the same --output, on a file system that
all machines see. Together they write the very files of one run. Then

  unrec finish --output=DIR

says whether all is there, and names the shares that are missing. What each share would
have to do, unrec plan --include=SET --shards=N says before.

What goes to one file is written in pieces of 16 MB of records: with --format=rec into the
output, with --format=tar or list, and with --list=FILE beside any format, into a hidden
folder beside the file, .FILE.parts for FILE, where the journals and _SUCCESS are too.
unrec finish joins the pieces in order, then removes them. So it needs the room of that
file once more, and the time to write it; a list is joined with what it lists. Run again,
it joins them anew, or finds all joined. --output is the FILE for tar and list, and cannot
be -.

The scheduler that you have starts the shares, and starts them again:

  unrec help cluster --slurm > unrec.sbatch
      A batch script for Slurm: an array, and the job that comes after it.
  unrec help cluster --k8s > unrec.yaml
      Two Jobs for Kubernetes.

  --shard=auto
      Takes I and N from the scheduler: from the array of Slurm, SGE or AWS Batch, or from
      the tasks of srun, Open MPI or MPICH. A line says what was taken.
  --shard=auto/N
      Takes only I, so that some elements of an array can be run again by themselves:
      sbatch --array=3,17. A Kubernetes Job needs it, for it does not say how many there
      are. The number of the element is that of the share; SGE counts from 1, and its
      element 1 is share 0.

On one machine with many cores --jobs does the same with less ado. GNU parallel starts
shares again that failed:

  parallel --joblog unrec.log --resume-failed --jobs 4 \\
    unrec --include=SET --output=DIR --jobs=1 --shard={}/16 ::: {0..15}

Machines without a scheduler, from one that reaches them all by ssh:

  nodes=(node1 node2 node3)
  for i in "\${!nodes[@]}"; do
    ssh "\${nodes[i]}" unrec --include=SET --output=DIR --shard=$i/\${#nodes[@]} &
  done
  wait
  unrec finish --output=DIR

A share that is stopped, by a signal or because its node fails, goes on where it ended
when the same command runs again. SIGTERM ends it within seconds, with exit code 143. Exit
code 2 means that the command line makes no sense, and 1 that the share is not whole.

Each share has a journal of its own in the output: .unrec-journal-3-of-16. A share that
was begun with another N is refused. A set in an archive cannot be shared out, for it must
be read from its beginning: unpack it first.`;
