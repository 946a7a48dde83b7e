import type { CommandDefinition } from "./command.ts";
import { flag, path, paths, type Values } from "./option.ts";
import { overwrite, quiet } from "./shared_options.ts";

const options = {
  include: paths({
    short: "i",
    required: true,
    value: "FILE[,FILE...]",
    help: "verification sets: .bin files, or folders or patterns of them; may be given more than once",
    more: "verification sets: `.bin` files, folders or patterns of them. A folder means every `.bin` file in it",
  }),
  output: path({
    short: "o",
    value: "DIR",
    completes: "folder",
    help: "where a folder for each set goes; made if need be. Without it nothing is written",
    more:
      "where a folder for each set goes, `DIR/lfw` for `lfw.bin`; made if need be. Without it nothing is written, " +
      "and it is only said what is in the sets",
  }),
  overwrite,
  quiet,
  json: flag({ help: "print the summary as one JSON object" }),
};

/** What a command line of `unrec pairs` gives. */
export type PairsGiven = Values<typeof options>;

/** `unrec pairs`: says what is in verification sets, and writes their images. */
export const pairs: CommandDefinition<typeof options> = {
  name: "pairs",
  summary: "say what is in verification sets (lfw.bin), or write their images",
  usage: "unrec pairs --include=FILE[,FILE...] [--output=DIR]",
  description:
    "unrec pairs reads verification sets, such as lfw.bin and cfp_fp.bin beside train.rec, and says what is " +
    "in them. With --output it writes the images of every pair, and a list of the pairs.",
  details:
    "A verification set is a Python pickle of images, two for each pair, and of whether both are the same person. A " +
    "pickle can name any program to be run when it is loaded. unrec reads it as data: it looks nothing up, runs " +
    "nothing, and refuses what such sets do not have, with its name and byte.\n\n" +
    "Images are written as they are stored to DIR/SET/00000_a.jpg and DIR/SET/00000_b.jpg, where SET is the file's " +
    "name without .bin, and the ending goes by the content. An image that is stored once and used in several pairs is " +
    "written once, under the name of the first.\n\n" +
    "DIR/SET/pairs.tsv has a line for each pair, with tabs: number from 0, 1 for the same person or 0, and the names " +
    "of both files. It is written last, so where it is, all images are. After a run that was stopped the same command " +
    "writes what is missing.",
  options,
  exitCodes:
    "0 all is read, and written if that was asked for, 1 not, 2 wrong usage, 129, 130 or 143 stopped by a signal.",
};
