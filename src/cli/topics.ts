import { FORMATS_TOPIC } from "./formats_topic.ts";
import { CLUSTER } from "./recipes/cluster.ts";

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
  symbolic links in place of folders or images, or pipes in place of images
      It stops: no link in the output is followed.
  another unrec at work
      It stops.

A file that is there is replaced and not written into, so a backup made of hard links
(cp -al) stays as it is.

"The same run" means the same datasets in the same order, wherever they lie, the same
--relabel, --name and --format with its options, and the same choice of images (unrec help
select). --jobs, --chunk-size, --engine, --fsync and --on-error may change. Images that
are files are known by their names and sizes, and by when one was changed last.

After a damaged record: download or mend the file and run the same command. The file is
another one then, so what was read of the old one is read again, for it may have been
damaged too. Going from --on-error=skip back to stop reads again the tasks that lost
something. A lost.tsv that is there is kept true, and removed when nothing is lost.

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
it. A folder without train.rec means all .rec files and all datasets in it, in the order
of the numbers in their names: train_2.rec comes before train_10.rec. So does a pattern.
Beside train.rec no other .rec file is read, and that is said.

What is no record file is named by what it is: a web page of a download quota, an archive
under another name, a file that was not downloaded. An index may begin with a byte order
mark and end in blank lines, as editors leave them.

A folder without any .rec file and archive may hold a folder of images for each person:
id_7, 0007 or 7, whose numbers are the labels, or names, which are numbered in the order
of their bytes; classes.tsv in the output then says which label is which name. People are
read in the order of their labels, and the images of each in that of the numbers in their
names, 2.jpg before 10.jpg. Or a .lst, .txt or .tsv file names the images, a line each:
path and label; key, label and path, as im2rec.py writes them; flag, path and label, as
face2rec2.py reads them; or what --format=list writes. Paths count from the list's folder,
and the order is that of the lines. Files that are not named as images are said, and left
out; one that is, and cannot be read, ends the run. Where some folders have numbers for
names and others do not, all are taken for names, and that is said. Of files whose names
are not UTF-8 Deno 2.7 says nothing, so use a newer one where there are some.

Two layouts are known:

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

Every image is written as it is stored, whatever it is, and its folder is the whole part
of its first label. What most sets do not have is counted and said, with the first key:

  labels that are no whole number, are below 0, or are above 16,777,216, where a float32
      does not hold every whole number
  labels of several numbers, but for a class with a 0 or a 1 after it; detection labels as
      MXNet's im2rec.py packs them, whose first number is a length and no class
  labels that change within the images of an identity record
  payloads that are no JPEG: PNG, GIF, WebP, BMP, TIFF, .npy, and what begins as none of
      these

A record whose header announces labels that are not there is damaged: its image begins
where they should stand.

Record 0 and identity records store keys as float32, which rounds those above 16,777,216.
The records themselves tell which keys are meant, and a line says so. Where they do not
tell, the exit code is 1, and the line names the key. A record 0 that is lost can be done
without: --on-error=skip takes the records with the highest keys for identity records if
they look so, says that this is a guess, and ends with exit code 1.

Records whose data holds the format's magic word are stored in several parts; they are put
together again. An image that two identity records name is written for each. If a key
comes twice in the index, its last line counts, as for MXNet.

Every byte of train.rec must belong to a record that the index names. Where it has more,
because the index was cut or is another one, the exit code is 1.

No two names differ only in the case of their letters, so file systems that do not tell
them apart will do.`,

  select: `Some images of a dataset

These options choose which images are read. What is written is the same part of the tree
of all: the numbers in names are those of the whole dataset. Each option leaves something
out of what those before it leave, in this order:

  --keys=LIST           images with these keys in train.idx
  --labels=LIST         people with these labels
  --exclude-labels=LIST no people with these labels
  --min-per-label=N     people with at least N images
  --sample=N --seed=S   N people drawn at random
  --max-per-label=N     the first N images of each person
  --limit=N             the first N images

A LIST has numbers and ranges, 0-999,1500, or is @FILE, a text file that lists them with
commas, spaces or line ends between. Labels are those of the records or of --labels-from,
before --relabel shifts them. With several datasets each is chosen from by itself:
--limit=10 takes 10 images of each.

What is asked for has to be there: a label or key that no dataset has, a range of which
nothing is there, and more people to draw than there are, end the run with exit code 1. Of
a range the part that is there is taken, and a line says how large it is.

Where identity records name the images, the first image of each tells the label of all
that it names, so little is read. Every other image must have that label too: one with
another label ends the run, or is left out and listed with --on-error=skip, exit code 1.
In the flat layout only the headers tell: all of train.rec is read for them first, unless
--labels-from gives the labels. --keys and --limit alone need no label.

--sample draws the N labels with the least hashes: MurmurHash3 (x86, 32 bits) of the label
as a little-endian double, with S as its seed. So 10 people are among the 100 of the same
seed, and the same ones everywhere.

From an archive images are chosen as they come, and all of it is read, to check their
numbers. --keys, --min-per-label and --sample need the index or all labels first: unpack
it for these.

A folder's journal knows what was chosen: another choice is refused there.`,

  labels: `Labels from a list

Some sets have the same label in every header, and the people in a list beside the .rec
file. --labels-from=LIST takes them from there: folders, --relabel and unrec verify go by
the list then, and not by the headers. It is for datasets in files: unpack an archive.

What a list looks like is told from its lines. Columns have tabs between them, or spaces
where no name has a space:

  key, name, label        0     subj0/0.jpg   0
  key, label              0     0
  key, labels, path       0     0.000000      subj0/0.jpg
      The .lst of MXNet's im2rec.py, whose first column is the key.
  path, label             subj0/0.jpg   0
      There is no key, so the first line is for the first image in reading order, and so
      on. The number of lines must be that of the images.
  1, path, label          1     subj0/0.jpg   0
      The list that InsightFace packs. Where the first column is the same in all lines, it
      is no key, and the lines are in reading order.

A first line without numbers is a heading. Of several labels the first is taken. A label
may be written 3, 3.0 or 3e+00, and must be a whole number.

Every image must have a label. A key with two different labels, a label that is no whole
number, and a form that is not told for sure end the run before anything is written, with
the number of the line. Lines for keys that the dataset does not have are counted and
left out.

With several datasets give a list for each, in the same order. The list is part of the
run: when it changes, the images are written again.`,

  names: `How files are named

Without --name an image is id_{label}/{label}_{number}.jpg, as the usual script has it.
--name=TEMPLATE gives other names:

  unrec --include=DIR --output=images --name='{label:06}/{number}.{ext}'

  {label}       the class of the image, shifted with --relabel
  {number}      its place in reading order, from 0, over all datasets
  {key}         its key in train.idx
  {id}          the id in its header, for which every program has its own use
  {identity}    the key of the identity record that names it
  {index}       its place among the images of its label, from 0, over all datasets
  {ext}         jpg, png, gif, webp, bmp, tif, npy or bin, as its first bytes tell
  {label:06}    filled up with zeros to six characters, as Python does: -5 is -00005
  {label/1000}  divided, the whole part: the same for a thousand labels
  {{ and }}     braces

A slash parts folders. Before the first file is written, what follows is refused: names
that lead out of the output, begin with a dot or are too long; and a template by which two
images could have one name. Images are told apart by {number}, by {label} with {index}, or
in a single dataset by {key}. Between two fields there must be text, for {label}{number}
would be 112 for 1 and 12 as for 11 and 2.

Archives tell no {key} and no {identity}, and flat sets have no {identity}. For {index}
the labels of all images are read first, which takes as long as reading all of the file,
and 12 bytes of memory an image. An archive counts its images as they come, and must be
the only source then. An image that cannot be read is not counted.

In one folder of an ext3, or of an ext4 that was made without dir_nlink, there is room for
64,998 others. Where that is known, a run that needs more says so before it begins. This
puts a thousand into each:

  --name='{label/1000}/id_{label}/{label}_{number}.jpg'

The names are part of the run: the journal keeps the template, and unrec verify takes it
from there, or is told it with --name.`,

  formats: FORMATS_TOPIC,

  archives: `Straight from the download

Glint360K comes as seven parts of one tar.gz, other sets as ZIP archives. They are read
once, and nothing is stored but the images.

  unrec --include='downloads/glint360k_*' --output=images
  cat downloads/glint360k_* | unrec --include=- --output=images
  unrec --include=faces.zip --output=images

An archive is known by its first bytes, whatever its name is: tar, compressed with gzip or
not, and ZIP. For others, such as .tar.xz, .tar.zst or .7z, the command is named that
inflates or unpacks them. A ZIP archive's table of contents is at its end, so it cannot
come through a pipe; what reads it is loaded from npm (yauzl) when the first one is met.

Parts are put in the order of their numbers; a gap is an error, and so are parts of other
sizes than \`split\` gives them, unless their sums are known.

--keep-rec=DIR stores train.rec, train.idx, property and the .bin files too: where there
are several datasets, in a folder each. They get their names when all of the archive was
read. A file that is there already stays if it has the same bytes; another one is never
written over. The .bin files are sets of pairs, which unrec pairs reads.

The md5 sum of each part of Glint360K is taken on the way, and of every part or file in an
archive that is listed in --checksums=FILE. A part that differs is named as soon as it was
read, and the run ends there; --no-checksum takes no sums. A list that has sums of nothing
that is read is refused, and parts that it does not name are said. For the sum of a ZIP
archive it is read once more. Where nothing tells which part is damaged, the message says
so. The sums of gzip come after what they are of: images that were written before may be
damaged too.

In a stream there is no index to look up first, so images are numbered as they come. That
is right when keys rise with their offsets, as in all published sets. train.idx and the
identity records are used to check it in the end: a shuffled file is found out, and the
exit code is 1.

No archive takes more than 500 MB of memory, a single record of up to 512 MB aside. That
is enough for 30 million records; what takes more has to be unpacked first.

--on-error=skip, unrec index and unrec verify need a dataset's folder: unpack the archive
for them.`,

  cluster: CLUSTER,

  urls: `Datasets at URLs

A dataset on a web server is read where it is: only the bytes that are needed, in parts.
It is named by the folder of its train.rec, or by its .rec file; train.idx and property
are looked for beside it.

  unrec info --include=https://example.org/faces/
  unrec get 4711 --include=https://example.org/faces/train.rec --output=face.jpg
  unrec --include=hf://datasets/gaunernst/ms1mv3-recordio --limit=1000 --output=images

hf://datasets/OWNER/NAME[@REVISION]/PATH is the Hub of Hugging Face: a folder or a .rec
file of a dataset there. Without a revision it is main; in one with a slash, write %2F for
that. HF_ENDPOINT names another Hub.

Private files need something that opens them: HF_TOKEN on the Hub, elsewhere a user and a
password in the URL, or headers:

  unrec info --include=https://example.org/faces/ --header='Authorization: Bearer ...'

These are sent to the host that the URL names, and to no other, also where it redirects to
one. No message has them, nor the query of a signed URL: what is told to be run next has
"..." in its place.

The server must be able to send parts of files. While all of a dataset is read, each job
has four requests for 8 MiB under way, and takes some 50 MB of memory. A connection that
breaks is tried again from the byte on that was reached, for half a minute; where a server
says how long to wait, that is done, for up to ten minutes. What is run in the end without
success goes on when the same command is run again, as it does with files.

The ETag of a file tells whether it changes. A change ends the run, and the same command
then reads the new file from its beginning. Some servers have no strong ETag: then the
date and the size tell, and a line says so.

--limit and --keys read no more than their images. What chooses by labels takes a small
request for each identity record of the set, so a hundred thousand for MS1M: from afar
that is slow, and the Hub may refuse it.

In the end a line says how many requests and bytes it took. --json has them as well. An
archive is not read from a URL: pipe it, as unrec help archives shows. unrec index writes
beside the dataset, so it needs the files here.`,

  "exit-codes": `Exit codes

  0    All is done: every image is written, every record is in the index, nothing is
       wrong with what was verified. Also when an earlier run had done all of it.
  1    Not all is done, or something is wrong. One line on standard error says which file,
       which byte, which key, and what to do. With --on-error=skip: what could be read is
       written, the rest is listed. Run again, the code stays 1 as long as something is
       lost.
  2    The command line makes no sense. Nothing was read or written, and where options are
       not understood --json prints nothing either.
  129  Stopped by SIGHUP: the terminal was closed.
  130  Stopped by Ctrl-C (SIGINT).
  143  Stopped by SIGTERM.

When a signal comes, images begun are finished first, so that every file that is there is
whole. The same command goes on from there. A second Ctrl-C ends it at once: then a file
may be there in part, and the same command writes it again.

With nohup SIGHUP is ignored; Deno tells that only a program with all permissions (-A),
and only on Linux. Elsewhere begin with setsid or tmux what is to outlive the terminal.

Progress and messages go to standard error, the summary to standard output. Where nobody
reads them, because a stream is closed or its reader is gone (unrec help | head -1), the
work is done all the same, and the exit code is that of the work. A summary that cannot be
written, as on a full disk, is exit code 1.

Where a file of the input changes while it is read, the exit code is 1.

UNREC_DEBUG=1 shows where a defect of unrec comes from; it needs -A.`,
};
