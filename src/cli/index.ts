import type { CommandDefinition } from "./command.ts";
import { choice, flag, paths, type Values } from "./option.ts";
import { chunkSize, engine, quiet } from "./shared_options.ts";

const options = {
  include: paths({
    short: "i",
    required: true,
    value: "DIR[,DIR...]",
    help: "datasets: folders with train.rec, or .rec files; may be given more than once",
    more: "datasets: folders with `train.rec`, `.rec` files, folders or patterns of these. Each gets an index",
  }),
  onError: choice(["stop", "skip"], {
    help: "at a damaged record: stop (default), or leave it out, index the whole ones and say what is missing",
    more: "at a damaged record `stop`, the default, changes nothing and names the byte; `skip` goes on at the next " +
      "record, says what is left out and ends with exit code 1",
  }),
  quiet,
  json: flag({ help: "print what was done as one JSON object" }),
  engine,
  chunkSize,
};

/** What a command line of `unrec index` gives. */
export type IndexGiven = Values<typeof options>;

/** `unrec index`: rebuilds indices. */
export const index: CommandDefinition<typeof options> = {
  name: "index",
  summary: "rebuild train.idx from train.rec",
  usage: "unrec index --include=DIR[,DIR...] [--on-error=skip]",
  description: "unrec index rebuilds train.idx from train.rec. Keys are the ids in the records' headers if they are " +
    "unique, else those that record 0 and the identity records name, else running numbers. An index that is there is " +
    "kept as train.idx.bak.",
  details:
    "Ids in headers are taken if no two are the same, all are below 2^32, and identity records have those that record 0 " +
    "names. Else, in a set with identity records, record 0 and these tell the keys: images first, then the identity " +
    "records, as they lie in the file. Where they do not fit the number of images, nothing is written. In all other sets " +
    "keys are the running numbers from 0 that MXNet's rec2idx.py gives. The summary says which. The index is written under another name, made " +
    "durable and renamed. One that was there is kept as train.idx.bak, or .bak2, .bak3 and so on if that name is " +
    "taken; one that is right already is left alone.\n\n" +
    "With --on-error=skip the next record after damage is where the next magic word stands at a multiple of 4, if its " +
    "frame is plausible: it begins a record, lies in the file, has a header that makes sense, and is followed by a " +
    "frame or by the end of the file or, if not, holds an image that begins and ends as JPEG or PNG do. A record " +
    "before damage is left out too if its own length is what is wrong: if a magic word stands in its data, where no " +
    "writer leaves one, or its image is cut.",
  options,
  exitCodes: "0 every record is in the index, 1 not, 2 wrong usage, 129, 130 or 143 stopped by a signal.",
};
