import { MOST_SHARES } from "../dataset/share.ts";
import type { CommandDefinition } from "./command.ts";
import { decode } from "./decode.ts";
import { count, flag, type Values } from "./option.ts";
import { selectionOptions } from "./selection_options.ts";
import { chunkSize, engine, labelsFrom } from "./shared_options.ts";
import { header } from "./url_access.ts";

const { include, format, shardImages, shardBytes } = decode.options;

const options = {
  include,
  shards: count({ least: 1, most: MOST_SHARES, default: undefined }, {
    required: true,
    value: "N",
    help: "how many shares there are to be",
  }),
  format,
  shardImages,
  shardBytes,
  labelsFrom,
  header,
  ...selectionOptions,
  json: flag({ help: "print an object a line, as JSON" }),
  engine,
  chunkSize,
};

/** What a command line of `unrec plan` gives. */
export type PlanGiven = Values<typeof options>;

/** `unrec plan`: says what each share is going to be. */
export const plan: CommandDefinition<typeof options> = {
  name: "plan",
  summary: "say what each share of --shard would have to do",
  usage: "unrec plan --include=DIR[,DIR...] --shards=N",
  description:
    "unrec plan prints a line for each of N shares: how many images it has, about how many bytes of the .rec " +
    "file it reads, and how many files it writes. Nothing is written.",
  details: "The index and the identity records tell; options that choose images by their labels may need more, as " +
    "`unrec help select` says. `unrec help cluster` says how shares are written.",
  options,
  exitCodes: "0 the shares are printed, 1 not, 2 wrong usage.",
};
