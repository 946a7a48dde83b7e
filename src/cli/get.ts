import type { CommandDefinition } from "./command.ts";
import { flag, type Option, path, paths, type Values } from "./option.ts";
import { header } from "./url_access.ts";
import { engine } from "./shared_options.ts";
import { UsageError } from "./usage_error.ts";

const label: Option<number | undefined> = {
  value: "L",
  default: undefined,
  help: "in place of keys: all images with this label",
  more: "in place of keys: all images with this label, chosen as `--labels` of the other commands chooses them",
  parse([text], flag) {
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    throw new UsageError(`${flag}=${text}: give a whole number`);
  },
};

const options = {
  include: paths({
    short: "i",
    required: true,
    value: "DIR",
    help: "the dataset: a folder with train.rec and train.idx, or a .rec file",
  }),
  label,
  output: path({
    short: "o",
    value: "FILE|DIR",
    completes: "file",
    help: "write to this file, or to DIR/KEY.jpg where this is a folder or several images are asked for",
    more:
      "write to this file and not to the standard output. Where it is a folder, or ends in a slash, or several images " +
      "are asked for, each goes to a file in it, `KEY.jpg`, or with the ending of what it is; the folder is made if " +
      "need be. The path of each file is printed",
  }),
  overwrite: flag({ help: "write over files that are there" }),
  header,
  engine,
};

/** What a command line of `unrec get` gives. */
export type GetGiven = Values<typeof options>;

/** `unrec get`: takes single images out of a dataset. */
export const get: CommandDefinition<typeof options> = {
  name: "get",
  summary: "write the image of a key, or those of a label, to the standard output or files",
  usage: "unrec get KEY... --include=DIR [--output=FILE|DIR]",
  description: "unrec get writes the image of a key in train.idx, every byte as it is stored, to the standard output " +
    "or to a file; or with --label in place of a key all images of a person. For a key it takes no longer in a large " +
    "dataset than in a small one.",
  details:
    "A key is the number at the beginning of a line of train.idx. It is not the number in the names of the tree: " +
    "`unrec ls` shows both.\n\n" +
    "Of an index whose keys rise only a few lines are read, in several places. Where these show that the keys do not " +
    "rise, or do not show the key, all of it is read. A key that comes twice means its last line, as for MXNet; where " +
    "the two are far apart and all lines that are looked at rise, the other one may be taken.\n\n" +
    "For --label the whole index and the labels are read, and of a set without identity records all of the .rec file.\n\n" +
    "No image is written to a terminal.",
  options,
  word: { value: "KEY", repeatable: true },
  exitCodes: "0 all that was asked for is written, 1 not, 2 wrong usage.",
};
