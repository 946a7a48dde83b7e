/** What `unrec help TOPIC` prints, by topic: lines of at most 90 characters. */
export const TOPICS: Readonly<Record<string, string>> = {
  resume: `When a run ends before its end

Run the same command again: it goes on where it ended, and the tree and the summary are
those of a run that was not interrupted. That holds after Ctrl-C, a full disk, a lost
network drive and a killed process.

What is done is noted in .unrec-journal in the output, a line for each finished task. The
file stays there when all is done. The same command then says "Already complete" at once,
and what was lost, if something was; its exit code is that of the run that ended.

What is found in the output, and what is done:

  nothing, or only hidden files and lost+found
      It begins.
  the journal of the same run
      It goes on. Only images of unfinished tasks are written again.
  the journal of another dataset, or of other options
      It stops and names the difference. --restart removes what that run wrote and begins
      anew.
  other files, and no journal
      It stops and says which. A tree without a journal counts as other files:
      unrec verify --output=TREE says whether it is the one that would be written.
      --overwrite writes among the files, over those of the same names.
  symbolic links in place of folders or images
      It stops: no link in the output is followed.
  another unrec at work
      It stops.

"The same run" means the same datasets in the same order, wherever they lie, and the same
--relabel. --jobs, --chunk-size, --engine, --fsync and --on-error may change.

After a damaged record: download or mend the file and run the same command. The file is
another one then, so what was read of the old one is read again, for it may have been
damaged too. Going from --on-error=skip back to stop reads again the tasks that lost
something.

An archive is one task: one that was read to its end is not read again, and one that was
not is read again from its beginning.

The journal survives a process that is killed at any moment. A machine that loses power
may not have all on its disk that the journal names, unless --fsync was given. That waits
for the disk once an image, about a millisecond on an SSD, and makes a run five to ten
times as long.

Before it begins, the free bytes and inodes are compared with what is left to write, and
too few end it; but not for archives, whose images are not known before, nor where files
are overwritten. A disk that fills all the same ends it without a part of a file left:
make room and run the command again.`,

  layouts: `What is read

A dataset is a folder with train.rec and train.idx, or a .rec file with its .idx beside
it. Two layouts are known:

  identity, record 0 first or last
      Record 0 has a label vector and no image. It names the identity records, and each of
      these names the keys of its images. Images are read by identity record, and in each
      by key.
  flat
      Record 0 is an image, or is missing. Images are read as in the index.

An image's number is its place in this order, counted on over all datasets of a command
line. It is the second number in id_<label>/<label>_<number>.jpg.

Folders follow the label in each image's own header, be it a scalar or a vector. An
identity record is no label: in Glint360K 416,042 of them hold images of 360,232 people,
so a folder may be met more than once.

Records whose data holds the format's magic word are stored in several parts; they are put
together again. An image that two identity records name is written for each. If a key
comes twice in the index, its last line counts, as for MXNet.

Every byte of train.rec must belong to a record that the index names. Where it has more,
because the index was cut or is another one, the exit code is 1.

No two names differ only in the case of their letters, so file systems that do not tell
them apart will do.`,

  archives: `Straight from the download

Glint360K comes as seven parts of one tar.gz. They are read once, from front to back, and
nothing is stored but the images; --keep-rec=DIR stores train.rec, train.idx and the .bin
files too.

  unrec --include='downloads/glint360k_*' --output=images
  cat downloads/glint360k_* | unrec --include=- --output=images

An archive is known by its first bytes, whatever its name is: tar, compressed with gzip or
not. Parts are put in the order of their numbers, and a gap is an error.

The md5 sum of each part of Glint360K is taken on the way, and of every part that is
listed in --checksums=FILE. A part that differs is named as soon as it was read, and the
run ends there; --no-checksum takes no sums. A part that is cut short or damaged is named
with the byte; the images before it are written.

In a stream there is no index to look up first, so images are numbered as they come. That
is right when keys rise with their offsets, as in all published sets. train.idx and the
identity records are used to check it in the end: a shuffled file is found out, and the
exit code is 1.

--on-error=skip, unrec index and unrec verify need a dataset's folder: unpack the archive
for them.`,

  "exit-codes": `Exit codes

  0    All is done: every image is written, every record is in the index, nothing is
       wrong with what was verified. Also when an earlier run had done all of it.
  1    Not all is done, or something is wrong. One line on standard error says which file,
       which byte, which key, and what to do. With --on-error=skip: what could be read is
       written, the rest is listed. Run again, the code stays 1 as long as something is
       lost.
  2    The command line makes no sense. Nothing was read or written.
  130  Stopped by Ctrl-C (SIGINT).
  143  Stopped by SIGTERM.

When a signal comes, images begun are finished first, so that every file that is there is
whole. The same command goes on from there.

Progress and messages go to standard error, the summary to standard output. Where the
reader of the summary is gone (unrec help | head -1), that is no failure.`,
};
