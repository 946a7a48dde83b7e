import type { CommandDefinition } from "./command.ts";
import { LIST_FORMS } from "../sink/list_forms.ts";
import { whyNoPrefix } from "../sink/prefix.ts";
import { overlapOf } from "./check_apart.ts";
import { FILE_FORMATS, FORMAT_NAMES, unknownOption } from "./formats.ts";
import { choice, count, flag, optionName, orList, path, paths, size, someOf, text, type Values } from "./option.ts";
import { selectionOptions } from "./selection_options.ts";
import { shard } from "./shard_option.ts";
import { chunkSize, engine, labelsFrom, overwrite, quiet } from "./shared_options.ts";
import { writingJobs } from "./writing_jobs.ts";
import { header } from "./url_access.ts";
import { UsageError } from "./usage_error.ts";

/** How the standard input and the standard output are named. */
const STANDARD_STREAM = "-";

const options = {
  include: paths({
    short: "i",
    required: true,
    value: "DIR[,DIR...]",
    help:
      "datasets: folders with train.rec and train.idx, .rec files, tar and ZIP archives (the first of their parts, or " +
      "a 'pattern*'), folders or patterns of these, URLs, - for an archive on standard input; and folders or lists of images",
    more: "what to decode: folders with `train.rec` and `train.idx`; `.rec` files with their `.idx` beside them; tar " +
      "archives, compressed with gzip or not, and ZIP archives, by their first part, by a quoted pattern or as a " +
      "folder of parts; a folder or a pattern of datasets, which means all of them in the order of the numbers in their " +
      "names; `-` for an archive on standard input; a folder with a folder of images for each person, or a list of " +
      "images (unrec help layouts). May be given more than once; images are numbered on over all of them",
  }),
  output: path({
    short: "o",
    value: "DIR",
    completes: "folder",
    help: "where the folders id_<label> go; made if need be",
    more: "where the folders `id_<label>` go; made if need be. A folder that holds other files is refused. With " +
      "`--format=tar` and `--format=list` a file, or `-` for the standard output",
  }),
  format: choice(FORMAT_NAMES, {
    help: "what is written: a tree of folders (default), or files for training; see unrec help formats",
    more:
      "what is written: `folder`, a file for each image, which is the default; `webdataset`, tar archives with many " +
      "images each; `parquet`, tables of images and labels; or `rec`, a `train.rec` with its `train.idx`. `unrec help " +
      "formats` says who reads what",
  }),
  name: text({
    value: "TEMPLATE",
    help: "name files in another way than id_{label}/{label}_{number}.jpg; see unrec help names",
    more:
      "name files in another way than `id_{label}/{label}_{number}.jpg`, the default: `{label:06}/{number}.{ext}`, for " +
      "example. There are `{label}`, `{number}`, `{key}`, `{id}`, `{identity}`, `{index}` and `{ext}`; " +
      "`unrec help names` says what they are, and what is refused",
  }),
  list: path({
    value: "FILE",
    completes: "file",
    help: "list the images that are written: path, label, key, number, identity, bytes",
    more:
      "list the images that are written, in reading order: path, label, key, number, identity, bytes. For that the " +
      "input is read once more when all is written. An older list of that name is replaced, any other file is not. " +
      "With `--shard` each share lists its own, and `unrec finish` makes one list of them",
  }),
  listForm: choice(LIST_FORMS, {
    help: "what stands in a line of a list; see unrec help formats",
  }),
  shardImages: count({ least: 1, most: 1e9, default: undefined }, {
    value: "N",
    help: "images in a shard (default for webdataset: 10000)",
    more: "the most images in a shard, that is, in one of the files of a format that has several. The default for " +
      "webdataset is 10000, or any number if `--shard-bytes` is given",
  }),
  shardBytes: size({ least: "1K", most: "1000G", default: undefined }, {
    value: "BYTES",
    help: "bytes in a shard, about (default for parquet: 500 MB); K, M and G are understood",
    more: "about how many bytes a shard has at most: those that its records take in the `.rec` file. The default for " +
      "parquet is 500 MB, or any number if `--shard-images` is given. K, M and G are understood",
  }),
  layout: choice(["identity", "flat"], {
    help: "how a train.rec is laid out: with record 0 and identity records (default), or images alone",
    more:
      "how a `train.rec` is laid out: `identity`, with record 0, images from key 1 on, and identity records, which " +
      "is the default; or `flat`, images alone from key 0 on, each with one label",
  }),
  prefix: text({
    value: "TEXT",
    help: "what the names of shards begin with (default: train)",
  }),
  ext: choice(["jpg", "content"], {
    help: "what the field of an image is called: jpg (default), or by what the image is",
    more:
      "what the field of an image is called in a shard: `jpg`, whatever it is, which is the default, since readers " +
      "want the same fields in all samples; or `content`, by what the image is",
  }),
  sampleJson: flag({
    help: "add to each image a .json with its key, id, identity, labels and source",
  }),
  index: someOf(["wids", "dali"], {
    help: "write lists of the shards as well: for wids, for DALI",
    more:
      "write lists of the shards besides `_info.json`: `wids`, one for the library of that name, with md5 sums; `dali`, " +
      "a `.idx` file beside each shard",
  }),
  shuffle: count({ least: 0, most: 2 ** 32 - 1, default: undefined }, {
    value: "SEED",
    without: "0",
    help: "write all images in a shuffled order, the same for the same SEED (default 0)",
    more:
      "write all images of all datasets in a shuffled order, the same on every machine for the same number (default 0): " +
      "for webdataset, parquet and the flat layout of rec. It takes as much disk again as the images have, until it is " +
      "done; `unrec help formats` says more",
  }),
  jobs: writingJobs,
  shard,
  relabel: flag({
    help: "shift each dataset's labels past those of the datasets before it, so that no two share a folder",
    more: "shift each dataset's labels past those of the datasets before it: by the classes that its `property` file " +
      "names or, without one, by its highest label plus 1, for which all headers are read first. Labels must be whole " +
      "numbers from 0 on. Without this, people of two datasets who have the same label share a folder, as with the " +
      "usual script; you are told how many do",
  }),
  labelsFrom,
  header,
  ...selectionOptions,
  onError: choice(["stop", "skip"], {
    help: "at a record that cannot be read: stop (default), or leave it out, go on, and say in the end what is missing",
    more: "at a record that cannot be read: `stop`, the default; or `skip`: leave it out, go on, and say in the end " +
      "which bytes, keys and identities are lost. The exit code is 1 then. The numbers of all other images stay as " +
      "they are",
  }),
  lostTsv: flag({
    help: "with --on-error=skip: list what is missing in DIR/lost.tsv",
    more:
      "with `--on-error=skip`: list every lost image in `lost.tsv` in the output. When a later run has lost nothing, " +
      "the list is removed",
  }),
  keepRec: path({
    value: "DIR",
    completes: "folder",
    help: "store the .rec, .idx and .bin files of an archive as well",
    more: "store `train.rec`, `train.idx`, `property` and the `.bin` files of an archive as well: under their base " +
      "names, or where there are several datasets, in a folder each",
  }),
  checksums: path({
    value: "FILE",
    completes: "file",
    help: "what md5sum or sha256sum wrote of an archive's parts; those of Glint360K are known",
    more: "what `md5sum` or `sha256sum` wrote of the parts of an archive; a part that differs ends the run. Those of " +
      "Glint360K are known",
  }),
  noChecksum: flag({
    help: "decode an archive whatever its checksums are",
    more: "decode an archive whatever its checksums are, and take none",
  }),
  overwrite,
  restart: flag({
    help: "begin anew where an earlier run could be gone on with",
    more: "begin anew where an earlier run could be gone on with, or is complete. What it wrote is removed first, " +
      "unless it was told to write among other files",
  }),
  fsync: flag({
    help: "make finished images safe against a loss of power, bit by bit",
    more: "make finished images safe against a loss of power, some thousands at a time; the summary says how long " +
      "that took",
  }),
  noSpaceCheck: flag({ help: "begin even if the disk seems to be too small" }),
  dryRun: flag({
    help: "say what would be written, and write nothing",
    more: "say what would be written, from the index alone, and write nothing",
  }),
  quiet,
  json: flag({ help: "print the summary as one JSON object" }),
  engine,
  chunkSize,
};

/** What a command line of `unrec decode` gives. */
export type DecodeGiven = Values<typeof options>;

/** `unrec decode`, or `unrec` alone: writes images as files. */
export const decode: CommandDefinition<typeof options> = {
  name: "decode",
  summary: "write the images as files; the word decode may be left out",
  usage: "unrec --include=DIR[,DIR...] --output=DIR",
  description: "unrec writes the images of MXNet RecordIO datasets (train.rec, train.idx) as files, " +
    "DIR/id_<label>/<label>_<number>.jpg, every byte as it is stored.",
  details: "Run the same command again after it was stopped, or after a disk was full: it goes on from there. " +
    "`unrec help resume` says when, `unrec help layouts` in which order images are numbered, and " +
    "`unrec help archives` what is different about archives.",
  options,
  exitCodes: "0 all images are written, 1 not all, 2 wrong usage, 129, 130 or 143 stopped by a signal.",
  check(given) {
    const { include, output, name, list, listForm, shard, prefix, format, layout, shuffle } = given;
    const { dryRun, json, checksums, noChecksum, lostTsv, onError } = given;
    const unknown = unknownOption(format, (option) => {
      const value = given[option];
      // A list beside what is written has a form too.
      if (option === "listForm" && list !== undefined) return false;
      return Array.isArray(value) ? value.length > 0 : value !== options[option].default;
    });
    if (unknown !== undefined) throw new UsageError(unknown);
    if (format === "rec" && layout === "identity" && shuffle !== undefined) {
      throw new UsageError(
        "--shuffle: in the identity layout the images of a person follow each other; --layout=flat can be shuffled",
      );
    }
    const noPrefix = prefix === undefined ? undefined : whyNoPrefix(prefix);
    if (noPrefix !== undefined) throw new UsageError(`--prefix=${prefix}: ${noPrefix}`);
    if (output === STANDARD_STREAM && !FILE_FORMATS.includes(format)) {
      throw new UsageError(`--output=- is for --format=${orList(FILE_FORMATS)}, and this is --format=${format}`);
    }
    if (output === STANDARD_STREAM && json) {
      throw new UsageError("--json prints to the standard output, and --output=- writes there too");
    }
    if (list === STANDARD_STREAM) {
      throw new UsageError("--list is a file: a list alone goes to the standard output, with --format=list --output=-");
    }
    for (const option of ["output", "labelsFrom", "checksums"] as const) {
      const same = list === undefined
        ? undefined
        : [given[option] ?? []].flat().find((path) => overlapOf(path, list) === "same");
      if (same === undefined) continue;
      throw new UsageError(
        `--list=${list} and --${optionName(option)}=${same} are the same file; put the list elsewhere`,
      );
    }
    if (listForm === "path-label" && name?.includes(" ")) {
      throw new UsageError(`--list-form=path-label: a space ends the path in a line, and --name=${name} has one`);
    }
    if (list !== undefined && include.includes(STANDARD_STREAM)) {
      throw new UsageError("--list reads the input once more, and the standard input comes only once");
    }
    if (output === undefined && !dryRun) throw new UsageError(`--output=${options.output.value} is missing`);
    if (shard !== undefined && output === STANDARD_STREAM) {
      throw new UsageError("--output=- is one stream, and --shard writes pieces of a file: give --output=FILE");
    }
    if (checksums !== undefined && noChecksum) {
      throw new UsageError("--checksums and --no-checksum contradict each other");
    }
    if (lostTsv && onError !== "skip") {
      throw new UsageError("--lost-tsv lists what --on-error=skip leaves out: give that too");
    }
  },
};
