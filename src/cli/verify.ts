import type { CommandDefinition } from "./command.ts";
import { flag, optionName, path, paths, text, type Values } from "./option.ts";
import { selectionOptions } from "./selection_options.ts";
import { header } from "./url_access.ts";
import { chunkSize, engine, jobs, labelsFrom, quiet } from "./shared_options.ts";
import { UsageError } from "./usage_error.ts";

const options = {
  include: paths({
    short: "i",
    required: true,
    value: "DIR[,DIR...]",
    help: "datasets: folders with train.rec, or .rec files; may be given more than once",
    more:
      "datasets: folders with `train.rec`, `.rec` files, folders or patterns of these, in the order in which they " +
      "were decoded",
  }),
  output: path({
    short: "o",
    value: "TREE",
    completes: "folder",
    help: "a decoded tree: it must hold exactly the images, each with its size",
    more: "a decoded tree: it must hold a file of the right size for every image, and nothing else but files in TREE " +
      "itself whose names begin with a dot",
  }),
  name: text({
    value: "TEMPLATE",
    help: "the tree was decoded with this --name; not needed where its journal is there",
    more: "the tree was decoded with this `--name`. Where its journal is there, that says it",
  }),
  deep: flag({ help: "compare the bytes of the tree's files too" }),
  decode: flag({
    help: "decode every JPEG and PNG, and list those that fail or have another size than most",
    more:
      "decode every JPEG and PNG, and list those that fail or have another size than most. Deno fetches what does " +
      "that from npm, once",
  }),
  relabel: flag({ help: "the tree was decoded with --relabel", more: "the tree was decoded with `--relabel`" }),
  labelsFrom,
  header,
  ...selectionOptions,
  checksums: flag({
    help: "print the md5 sums of both files; those of Glint360K are compared with the published ones. Uses one thread",
    more: "print the md5 sums of both files. Those of Glint360K are compared with the published ones. An md5 sum " +
      "goes from front to back, so this takes one thread and the time of `md5sum`",
  }),
  jobs,
  quiet,
  json: flag({ help: "print the result as one JSON object" }),
  engine,
  chunkSize,
};

/** What a command line of `unrec verify` gives. */
export type VerifyGiven = Values<typeof options>;

/** `unrec verify`: says what is wrong with datasets, and with a tree. */
export const verify: CommandDefinition<typeof options> = {
  name: "verify",
  summary: "read all of a dataset and say what is wrong with it, or with its tree",
  usage: "unrec verify --include=DIR[,DIR...] [--output=TREE [--deep]] [--decode] [--checksums]",
  description:
    "unrec verify reads every record once and says what is wrong with the dataset and, with --output, with " +
    "the tree that was decoded from it. It changes nothing.",
  details: "It counts frames, records, multi-part records, keys, identity records, images and labels. What is wrong " +
    "comes on standard error, a line for each kind with the first few cases: damage, keys without a record, records " +
    "without a key, keys that come twice, ranges of identity records that overlap or run backward, records that none " +
    "of them names, images that are empty, that are cut or that begin as no kind of image does where others do, labels " +
    "that name no class or are not there.\n\n" +
    "What is odd and need not be wrong is only noted, and changes no exit code: payloads that are no JPEG, bytes after " +
    "the end of an image, and labels as `unrec help layouts` lists them.\n\n" +
    "--decode takes about 0.1 ms for an image of 112 x 112 pixels, in each thread. The first time Deno downloads two " +
    "packages from npm for it, 1 MB; the single binary has them. It finds what makes a decoder stop or warn, such as data " +
    "that end too early. Damage that only changes pixels it cannot know: of single bits flipped in the data of JPEGs it " +
    "found one in five, in PNG all, for these have sums. GIF, WebP and other forms are counted and not decoded. Another " +
    "size is told only where more than half of the images share one.\n\n" +
    "Options that choose images say which of them the tree should have, as `unrec help select` tells. All of the " +
    "dataset is read and verified all the same. Where the tree has its journal, that says which were chosen.\n\n" +
    "A dataset is taken for Glint360K if its property file names 360,232 classes, or its index has 17,507,700 lines, " +
    "or one of its two sums is the published one.",
  options,
  exitCodes: "0 all is well, 1 not, 2 wrong usage, 129, 130 or 143 stopped by a signal.",
  check(given) {
    const ofTree = ["name", "deep", "relabel", ...Object.keys(selectionOptions)] as (keyof VerifyGiven)[];
    for (const key of ofTree) {
      if (given[key] && given.output === undefined) {
        throw new UsageError(`--${optionName(key)} is about a tree: give --output=${options.output.value} too`);
      }
    }
  },
};
