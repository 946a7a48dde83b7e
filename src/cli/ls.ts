import type { CommandDefinition } from "./command.ts";
import { decode } from "./decode.ts";
import { flag, type Values } from "./option.ts";
import { selectionOptions } from "./selection_options.ts";
import { header } from "./url_access.ts";
import { chunkSize, engine, labelsFrom } from "./shared_options.ts";
import { UsageError } from "./usage_error.ts";

const { include, name, relabel, onError } = decode.options;

const options = {
  include,
  people: flag({
    help: "a line for each label: label, images, bytes, and the first key",
    more: "a line for each label, in the order of the labels: label, images, their bytes, and the key of the first one",
  }),
  labelsAll: flag({ help: "show all labels of each image too, in a column after the others" }),
  name,
  relabel,
  labelsFrom,
  header,
  ...selectionOptions,
  onError,
  json: flag({ help: "print an object a line, as JSON" }),
  engine,
  chunkSize,
};

/** What a command line of `unrec ls` gives. */
export type LsGiven = Values<typeof options>;

/** `unrec ls`: lists images, or people. */
export const ls: CommandDefinition<typeof options> = {
  name: "ls",
  summary: "list the images, a line each, or the people",
  usage: "unrec ls --include=DIR[,DIR...] [--people | --labels-all]",
  description:
    "unrec ls prints a line for each image: its number, key, label and identity record, how many bytes it has and of " +
    "which kind they are, where in the .rec file its record begins, and the path that it would get in the tree.",
  details:
    "Piped to another program the lines have tabs between their fields, and the first one names these. On a terminal " +
    "they are a table, whose lines are cut to fit. What is not known is empty, or null in JSON: in an archive, the key " +
    "and the identity record; in a set without identity records, these.\n\n" +
    "Images come in the order of their numbers where the file has them so, as nearly every one does; else in the " +
    "order of the file, and the numbers tell the reading order.\n\n" +
    "All records are read once, and nothing is written. Sums of archives are not compared.",
  options,
  exitCodes: "0 all images are listed, or the reader of the lines is gone; 1 not all; 2 wrong usage.",
  check({ people, labelsAll }) {
    if (people && labelsAll) throw new UsageError("--people is about people, and --labels-all about images; give one");
  },
};
