import type { CommandDefinition } from "./command.ts";
import { decode } from "./decode.ts";
import { flag, path, type Values } from "./option.ts";

const options = {
  output: path({
    short: "o",
    required: true,
    value: "DIR",
    completes: "folder",
    help: "what all shares have written to",
    more: "what all shares have written to: a folder or, with `--format=tar` and `--format=list`, a file",
  }),
  noSpaceCheck: decode.options.noSpaceCheck,
  json: flag({ help: "print the result as one JSON object" }),
};

/** What a command line of `unrec finish` gives. */
export type FinishGiven = Values<typeof options>;

/** `unrec finish`: says whether all shares are there. */
export const finish: CommandDefinition<typeof options> = {
  name: "finish",
  summary: "say whether all shares of --shard are there, join what is one file, write _SUCCESS",
  usage: "unrec finish --output=DIR",
  description:
    "unrec finish looks whether all shares that were written with --shard=I/N have come to their ends. If so, " +
    "it writes what is made of all of them, and last DIR/_SUCCESS. If not, it names those that are missing.",
  details: "It reads the journals of the shares, and neither the dataset nor the images; unrec verify --output=DIR " +
    "compares these. What goes to one file, a train.rec, a tar archive or a list, it joins from the pieces that the " +
    "shares have written, and removes these; a --list beside the images too. _SUCCESS is a JSON object: of which datasets, with which choice of images, and how many images, " +
    "labels and bytes are there, and how many images were lost with --on-error=skip. Run again, it looks again.\n\n" +
    "`unrec help cluster` says how shares are written.",
  options,
  exitCodes: "0 all shares are there and nothing is lost, 1 not, 2 wrong usage.",
};
