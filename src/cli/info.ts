import type { CommandDefinition } from "./command.ts";
import { flag, paths, type Values } from "./option.ts";
import { selectionOptions } from "./selection_options.ts";
import { header } from "./url_access.ts";
import { chunkSize, engine, labelsFrom, quiet } from "./shared_options.ts";

const options = {
  include: paths({
    short: "i",
    required: true,
    value: "DIR[,DIR...]",
    help: "datasets: folders with train.rec, or .rec files; with --all archives too; may be given more than once",
    more:
      "datasets: folders with `train.rec`, `.rec` files, folders or patterns of these. With `--all` archives too, as " +
      "`unrec decode` takes them",
  }),
  all: flag({
    help: "look at every image, and not only at some that are spread over the set",
    more:
      "look at every image, and not only at some that are spread over the set: kinds, sizes and labels of all are counted " +
      "then. It reads all of the file",
  }),
  ...selectionOptions,
  labelsFrom,
  header,
  quiet,
  json: flag({ help: "print what is known as one JSON object" }),
  engine,
  chunkSize,
};

/** What a command line of `unrec info` gives. */
export type InfoGiven = Values<typeof options>;

/** `unrec info`: says what is in datasets. */
export const info: CommandDefinition<typeof options> = {
  name: "info",
  summary: "say what is in a dataset: layout, people, images, kinds and sizes",
  usage: "unrec info --include=DIR[,DIR...] [--all] [--json]",
  description:
    "unrec info says what is in a dataset without reading all of it: layout, records, people, images per person, kinds " +
    "and sizes of images, whether its property file is true, and what lies beside it.",
  details:
    "It reads the index, the identity records and, of a set with more than 1,000 images, 1,000 that are spread over it. " +
    "Kinds and sizes are those of the images that were looked at; how many these are, a line says.\n\n" +
    "People are counted by the labels in the images' headers. Of an identity record the first image is asked, and it " +
    "speaks for all that the record names; where an identity record has images of several labels, only --all tells. In " +
    "the flat layout every image is asked; where there are more than 524,288 of them, they are not counted without " +
    "--all, and the labels shown are those of the images looked at.\n\n" +
    "A set is called by the name of a published one only if it has exactly as many images, identity records and lines " +
    "of the index. `unrec verify --checksums` compares its sums.\n\n" +
    "An archive can only be read from front to back, so it takes --all.\n\n" +
    "With options that choose images, figures are those of the images chosen; the layout's are those of the whole set.\n\n" +
    "--json prints an object with ok, error and sources. Each source has path, kind, error, bytes, images, lookedAt " +
    "(images, bytes, all, lost), payloads, sizes, labels (basis, count, lowest, highest, gaps, absent, imagesPerLabel), " +
    "property (text, classes, width, height, classesAreTrue, sizeIsTrue), published, verificationSets, labelLists, notes " +
    "and datasets, which has the figures of each layout. basis is images, identity-records or sample; with sample, count " +
    "and imagesPerLabel are null. What is not known is null.",
  options,
  exitCodes: "0 it is all said, 1 something cannot be read, 2 wrong usage, 129, 130 or 143 stopped by a signal.",
};
