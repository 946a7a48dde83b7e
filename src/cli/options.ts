import type { EngineName } from "../recordio/types.ts";
import { type GivenOptions, readGivenOptions } from "./given_options.ts";
import { nearest } from "./nearest.ts";
import { parseChunkSize, parseEngine, parseJobs, parseWord } from "./option_values.ts";
import { UsageError } from "./usage_error.ts";

/** An option of the command line, as its help shows it. */
export interface OptionSpec {
  /** What stands behind `--name=`; undefined if the option takes no value. */
  value?: string;
  /** Whether it may be given more than once. */
  repeatable?: boolean;
  /** A letter for short. */
  short?: string;
  /** What it does, a line of help each. */
  help: string[];
}

/** Every option of the default command, which decodes. */
export const OPTIONS: Record<string, OptionSpec> = {
  include: {
    value: "DIR[,DIR...]",
    repeatable: true,
    help: [
      "datasets: directories with train.rec and train.idx, .rec files,",
      "tar archives (compressed or not, the first of their parts, or a",
      "'pattern*' for all), or - for one on the standard input; may be",
      "given more than once",
    ],
  },
  output: { value: "DIR", help: ["where the folders id_<label> go; made if need be"] },
  jobs: { value: "N", help: ["threads that read and write (default: the machine's cores)"] },
  relabel: {
    help: ["shift each dataset's labels past the highest one before it,", "so that no two datasets share a folder"],
  },
  "on-error": {
    value: "stop|skip",
    help: [
      "at a record that cannot be read: stop (default), or leave it",
      "out, go on, and say in the end what is missing",
    ],
  },
  "lost-tsv": { help: ["with --on-error=skip: list what is missing in DIR/lost.tsv"] },
  "keep-rec": { value: "DIR", help: ["store the .rec, .idx and .bin files of an archive as well"] },
  checksums: {
    value: "FILE",
    help: ["what md5sum or sha256sum wrote of an archive's parts; those of", "Glint360K are known"],
  },
  "no-checksum": { help: ["decode an archive whatever its checksums are"] },
  overwrite: { help: ["write to a folder that holds files, over those of the same names"] },
  restart: { help: ["begin anew where a run that did not end could be gone on with"] },
  "keep-journal": { help: ["leave the journal, .unrec-journal, in the output at the end"] },
  fsync: { help: ["make finished images safe against a loss of power, bit by bit"] },
  "no-space-check": { help: ["begin even if the disk seems to be too small"] },
  "dry-run": { help: ["say what would be written, and write nothing"] },
  quiet: { help: ["show no progress"] },
  json: { help: ["print the summary as one JSON object"] },
  engine: { value: "wasm|ts", help: ["what scans the files (default: wasm)"] },
  "chunk-size": { value: "BYTES", help: ["how much is read at once; K and M are understood (8M)"] },
  help: { short: "h", help: ["show this help"] },
  version: { help: ["show the version"] },
};

const { jobs, quiet, engine, "chunk-size": chunkSize, help, version } = OPTIONS;

const include: OptionSpec = {
  value: "DIR[,DIR...]",
  repeatable: true,
  help: ["datasets: directories with train.rec, or .rec files; may be", "given more than once"],
};

/** Every option of `unrec index`. */
export const INDEX_OPTIONS: Record<string, OptionSpec> = {
  include,
  "on-error": {
    value: "stop|skip",
    help: ["at a damaged record: stop (default), or leave it out,", "index the whole ones and say what is missing"],
  },
  quiet,
  json: { help: ["print what was done as one JSON object"] },
  engine,
  "chunk-size": chunkSize,
  help,
  version,
};

/** Every option of `unrec verify`. */
export const VERIFY_OPTIONS: Record<string, OptionSpec> = {
  include,
  output: { value: "TREE", help: ["a decoded tree: it must hold exactly the images, each with", "its size"] },
  deep: { help: ["compare the bytes of the tree's files too"] },
  relabel: { help: ["the tree was decoded with --relabel"] },
  checksums: {
    help: [
      "print the md5 sums of both files; those of Glint360K are",
      "compared with the published ones. Uses one thread",
    ],
  },
  jobs,
  quiet,
  json: { help: ["print the result as one JSON object"] },
  engine,
  "chunk-size": chunkSize,
  help,
  version,
};

/** A command, as its help shows it. */
export interface CommandSpec {
  /** How it is called. */
  usage: string;
  /** What it does, in a few words. */
  summary: string;
  /** What it does, in lines of at most 90 characters. */
  description: string;
  /** Its options. */
  options: Record<string, OptionSpec>;
  /** What its exit codes mean. */
  exitCodes: string;
}

/** Every command, the default one first. */
export const COMMANDS = {
  decode: {
    usage: "unrec --include=DIR[,DIR...] --output=DIR",
    summary: "write the images as files; the word decode may be left out",
    description: `unrec writes the images of MXNet RecordIO datasets (train.rec, train.idx) as files,
DIR/id_<label>/<label>_<number>.jpg, every byte as it is stored.`,
    options: OPTIONS,
    exitCodes: "0 all images are written, 1 not all, 2 wrong usage, 130 or 143 stopped by a signal.",
  },
  index: {
    usage: "unrec index --include=DIR[,DIR...] [--on-error=skip]",
    summary: "rebuild train.idx from train.rec",
    description: `unrec index rebuilds train.idx from train.rec. Keys are the ids in the records' headers if
they are unique, else running numbers. An index that is there is kept as train.idx.bak.`,
    options: INDEX_OPTIONS,
    exitCodes: "0 every record is in the index, 1 not, 2 wrong usage, 130 or 143 stopped by a signal.",
  },
  verify: {
    usage: "unrec verify --include=DIR[,DIR...] [--output=TREE [--deep]] [--checksums]",
    summary: "read all of a dataset and say what is wrong with it, or with its tree",
    description: `unrec verify reads every record once and says what is wrong with the dataset and, with
--output, with the tree that was decoded from it. It changes nothing.`,
    options: VERIFY_OPTIONS,
    exitCodes: "0 all is well, 1 not, 2 wrong usage, 130 or 143 stopped by a signal.",
  },
} as const satisfies Record<string, CommandSpec>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** What a decoding command line asks for. */
export interface DecodeArguments {
  /** The default command. */
  command: "decode";
  /** Directories or `.rec` files. */
  include: string[];
  /** A directory; undefined only in a dry run. */
  output: string | undefined;
  /** Threads, 1 to 256. */
  jobs: number;
  /** Which scanners. */
  engine: EngineName;
  /** Bytes read at once, 256 to 256 Mi. */
  chunkBytes: number;
  /** Whether labels are shifted. */
  relabel: boolean;
  /** What to do at a record that cannot be read. */
  onError: "stop" | "skip";
  /** Whether what is missing is listed in a file. */
  lostTsv: boolean;
  /** Where an archive's own files are stored. */
  keepRec: string | undefined;
  /** A file of checksums for archives; false if none are to be taken. */
  checksums: string | undefined | false;
  /** Whether a folder with files is written to. */
  overwrite: boolean;
  /** Whether the journal is not gone on with. */
  restart: boolean;
  /** Whether the journal stays at the end. */
  keepJournal: boolean;
  /** Whether finished tasks are made durable. */
  fsync: boolean;
  /** Whether the room on the disk is looked at before. */
  spaceCheck: boolean;
  /** Whether nothing is written. */
  dryRun: boolean;
  /** Whether no progress is shown. */
  quiet: boolean;
  /** Whether the summary is JSON. */
  json: boolean;
}

/** What `unrec index` is asked for. */
export interface IndexArguments {
  command: "index";
  /** Directories or `.rec` files. */
  include: string[];
  /** What to do at a damaged record. */
  onError: "stop" | "skip";
  /** Which scanners. */
  engine: EngineName;
  /** Bytes read at once, 256 to 256 Mi. */
  chunkBytes: number;
  /** Whether no progress is shown. */
  quiet: boolean;
  /** Whether the summary is JSON. */
  json: boolean;
}

/** What `unrec verify` is asked for. */
export interface VerifyArguments {
  command: "verify";
  /** Directories or `.rec` files. */
  include: string[];
  /** The tree to compare with. */
  output: string | undefined;
  /** Whether the bytes of the tree's files are compared. */
  deep: boolean;
  /** Whether the labels of the tree are shifted. */
  relabel: boolean;
  /** Whether md5 sums are made. */
  checksums: boolean;
  /** Threads, 1 to 256. */
  jobs: number;
  /** Which scanners. */
  engine: EngineName;
  /** Bytes read at once, 256 to 256 Mi. */
  chunkBytes: number;
  /** Whether no progress is shown. */
  quiet: boolean;
  /** Whether the summary is JSON. */
  json: boolean;
}

/** What a command line asks for. */
export type CommandArguments =
  | DecodeArguments
  | IndexArguments
  | VerifyArguments
  | { command: "help"; of: CommandName }
  | { command: "version" };

/**
 * Reads the command line.
 *
 * @param args The arguments, without the program.
 * @returns What they ask for.
 * @throws {UsageError} If they make no sense.
 */
export function parseOptions(args: string[]): CommandArguments {
  const hasWord = args.length > 0 && !args[0].startsWith("-");
  const command = hasWord ? commandOf(args[0]) : "decode";
  const given = readGivenOptions(hasWord ? args.slice(1) : args, COMMANDS[command].options, ownersOf);
  if (given.has("help")) return { command: "help", of: command };
  if (given.has("version")) return { command: "version" };
  return PARSERS[command](given);
}

function commandOf(word: string): CommandName {
  const names = Object.keys(COMMANDS) as CommandName[];
  const name = names.find((name) => name === word);
  if (name !== undefined) return name;
  throw new UsageError(
    `unknown command ${word}; did you mean ${nearest(word, names)}? Datasets are given with --include=DIR`,
  );
}

/** The commands that have an option, as they are called. */
function ownersOf(option: string): string[] {
  return Object.entries(COMMANDS).filter(([, { options }]) => Object.hasOwn(options, option))
    .map(([name]) => name === "decode" ? "unrec without a command" : `unrec ${name}`);
}

const PARSERS = {
  decode(given: GivenOptions): DecodeArguments {
    const include = parseInclude(given);
    const dryRun = given.has("dry-run");
    const output = given.get("output")?.[0];
    if (output === undefined && !dryRun) throw new UsageError(`--output=${OPTIONS.output.value} is missing`);
    if (given.has("no-checksum") && given.has("checksums")) {
      throw new UsageError("--checksums and --no-checksum contradict each other");
    }
    if (given.has("lost-tsv") && given.get("on-error")?.[0] !== "skip") {
      throw new UsageError("--lost-tsv lists what --on-error=skip leaves out: give that too");
    }
    return {
      command: "decode",
      include,
      output,
      jobs: parseJobs(given.get("jobs")?.[0]),
      engine: parseEngine(given.get("engine")?.[0]),
      chunkBytes: parseChunkSize(given.get("chunk-size")?.[0]),
      relabel: given.has("relabel"),
      onError: parseWord("on-error", ["stop", "skip"], given.get("on-error")?.[0]),
      lostTsv: given.has("lost-tsv"),
      keepRec: given.get("keep-rec")?.[0],
      checksums: given.has("no-checksum") ? false : given.get("checksums")?.[0],
      overwrite: given.has("overwrite"),
      restart: given.has("restart"),
      keepJournal: given.has("keep-journal"),
      fsync: given.has("fsync"),
      spaceCheck: !given.has("no-space-check"),
      dryRun,
      quiet: given.has("quiet"),
      json: given.has("json"),
    };
  },

  index(given: GivenOptions): IndexArguments {
    return {
      command: "index",
      include: parseInclude(given),
      onError: parseWord("on-error", ["stop", "skip"], given.get("on-error")?.[0]),
      engine: parseEngine(given.get("engine")?.[0]),
      chunkBytes: parseChunkSize(given.get("chunk-size")?.[0]),
      quiet: given.has("quiet"),
      json: given.has("json"),
    };
  },

  verify(given: GivenOptions): VerifyArguments {
    const include = parseInclude(given);
    const output = given.get("output")?.[0];
    for (const name of ["deep", "relabel"]) {
      if (given.has(name) && output === undefined) {
        throw new UsageError(`--${name} is about a tree: give --output=${VERIFY_OPTIONS.output.value} too`);
      }
    }
    return {
      command: "verify",
      include,
      output,
      deep: given.has("deep"),
      relabel: given.has("relabel"),
      checksums: given.has("checksums"),
      jobs: parseJobs(given.get("jobs")?.[0]),
      engine: parseEngine(given.get("engine")?.[0]),
      chunkBytes: parseChunkSize(given.get("chunk-size")?.[0]),
      quiet: given.has("quiet"),
      json: given.has("json"),
    };
  },
};

function parseInclude(given: GivenOptions): string[] {
  const include = (given.get("include") ?? []).flatMap((list) => list.split(",")).filter((path) => path !== "");
  if (include.length === 0) throw new UsageError(`--include=${OPTIONS.include.value} is missing`);
  return include;
}
