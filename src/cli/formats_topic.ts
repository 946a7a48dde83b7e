/** What `unrec help formats` prints: lines of at most 90 characters. */
export const FORMATS_TOPIC = `What can be written

--format=folder, the default
    A file for each image, in a folder for each label. --name names them otherwise.

--format=tar
    The same tree as one tar archive: --output=FILE, or --output=- for a pipe, as in
    unrec -i faces --format=tar -o - | zstd >faces.tar.zst. The summary goes to standard
    error then. Files come in reading order.

--format=list
    No image, only a list of them: --output=FILE, or -. --list=FILE writes one beside any
    other format; for that the input is read once more. In a file with many images the
    path of one is that of the file, a slash, and the name that it has in there, in a
    train.rec its key.

    --list-form=tsv          path, label, key, number, identity and bytes, named in the
                             first line; what an archive does not tell is left empty
    --list-form=path-label   path and label, with a space between them
    --list-form=lst          number, label, path, as MXNet's im2rec.py reads them
    --list-form=insightface  1, path, label, as InsightFace's face2rec2.py reads them

--format=webdataset
    Tar archives with 10,000 images each, DIR/train-000000.tar and so on, for the Python
    libraries webdataset, wids, Hugging Face datasets and timm, and for NVIDIA DALI. A
    sample is two members, 000000123.cls and 000000123.jpg: the label in digits, and the
    image. The number is the place of the image in reading order, over all datasets.

    --shard-images=N    images in a shard; --shard-bytes=256M cuts by size instead
    --prefix=TEXT       what the names of shards begin with, and the name of the split
    --ext=content       call the field of an image by what it is, and not always jpg
    --sample-json       a third member, .json: key, id, identity, labels and source
    --index=wids,dali   lists besides _info.json, which timm reads: train-wids.json with
                        md5 sums, and a .idx file beside each shard

--format=parquet
    Tables for Hugging Face datasets, and for all that reads Parquet, such as DuckDB and
    pandas: files of 500 MB, DIR/data/train-00000-of-00250.parquet and so on, and the card
    DIR/README.md, which says what is in them. A row is an image and its label:

        image: struct<bytes: binary, path: string>    label: int64

    The path is the one that the image has in a tree; --name makes it another. A label
    that is no whole number is refused. DIR can be uploaded as it is, or read at once:

        images = datasets.load_dataset("DIR", split="train")

    --shard-bytes=BYTES    bytes in a file; --shard-images=N cuts by number instead
    --prefix=TEXT          the name of the split, with which the names of files begin

    Nothing is compressed: images are already. What writes Parquet, hyparquet-writer, is
    loaded from npm when it is used for the first time. Of an archive it is not known
    before how many files there will be: then their names do not say it.

--format=rec
    A dataset of MXNet again, DIR/train.rec, train.idx and property: some of the images of
    a set, several sets as one with --relabel, or a folder of images, for which im2rec and
    face2rec2 are used otherwise. A set that face2rec2 wrote comes out byte for byte.

    --layout=identity    as face2rec2 writes: record 0, images with the keys 1, 2, 3 and
                         so on, and an identity record for all images that follow each
                         other and have one label. arcface_torch and timm train from it
    --layout=flat        images alone, with the keys 0, 1, 2 and so on and one label each:
                         for DALI's readers.mxnet, which takes every record for an image

    A record holds labels as float32: one that this rounds, or that is no whole number, is
    refused, and so are more than 16,777,215 images in the identity layout, whose record 0
    has the key after the last one. In the flat layout an image has one label: of a class
    with a 0 or a 1 after it that is the class, and other vectors are refused. Where
    train.rec is, trainers read no folders, so both are never written to one folder. One
    thread writes it. A run that was stopped goes on where it ended; until all is there,
    the files have names that begin with a dot.

--shuffle, for webdataset, parquet and rec with --layout=flat
    All images of all datasets in another order: trainers shuffle only the 10,000 or so
    that their buffers hold, and neighbours in a dataset are of one person. The order
    follows from the number of images and from a seed, --shuffle=SEED, 0 if none is given:
    it is the same on every machine. In webdataset an image keeps the number that it has
    in reading order.

    The input is read once, from front to back. The images are set aside in hidden files
    in the output, and merged from there. Until all is written that takes as much disk
    again as the images have; memory stays below 1 GB, for at most two jobs work at it,
    whatever --jobs says. It takes about twice as long as reading order does, on a hard
    disk more: the pieces of a file are read from all over it. A run that was stopped goes
    on. An archive has to be unpacked first. --list beside it does all of this once more.

What is the same for all formats that have several files with many images:

Images come in reading order, or shuffled. A shard's bytes depend on the input and these
options alone, not on --jobs, on the machine, or on how often the run was stopped. Two
jobs write two shards at a time. A shard has another name, which begins with a dot, until
it is whole; a run that goes on keeps the whole ones and writes the others anew. Where the
order of a dataset jumps about in its file, the images of a shard are held in memory until
it is written.

A tar archive and a list have no journal: a run that was stopped begins them anew, and
leaves no part of them. A file that is there is replaced with --overwrite only. With
--shard they and train.rec are written in pieces, and shares have journals (unrec help
cluster).

An archive is read by one thread, and shards are cut as its images come; a run that was
stopped reads it again from its beginning.`;
