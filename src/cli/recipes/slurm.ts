/** What `unrec help cluster --slurm` prints: a batch script for sbatch(1) of Slurm. */
export const SLURM: string = `#!/bin/bash
# Writes one set from several machines. Put your own values in the lines that are marked
# with <-, then submit this file twice: as an array whose elements each write a share, and
# for the job that comes after all of them and says whether the whole is there.
#
#   job=$(sbatch --parsable unrec.sbatch)
#   sbatch --array=0 --dependency=afterany:$job unrec.sbatch finish
#
# If some shares are missing, finish names them. This runs just these again:
#
#   sbatch --array=3,17 unrec.sbatch
#
#SBATCH --job-name=unrec
#SBATCH --array=0-15
#         <- from 0 to one less than shares=
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=4:00:00
#SBATCH --output=unrec-%A_%a.log
# A job that is put off for another one, or whose node fails, begins again; what was
# written counts. Two minutes before its time is over unrec is asked to stop.
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@120

shares=16                      # <- as many as the array has elements
include=/data/glint360k        # <- the set
output=/scratch/glint360k      # <- one folder for all shares, on a file system that all nodes see

if [ "\${1-}" = finish ]; then exec unrec finish --output="$output"; fi
exec unrec --include="$include" --output="$output" --shard=auto/$shares
`;
