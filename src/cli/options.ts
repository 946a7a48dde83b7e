import { parseArgs } from "node:util";
import type { EngineName } from "../recordio/types.ts";
import { nearest } from "./nearest.ts";

/** The command line asks for something that cannot be meant; the message says what. Exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

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

/** Every option. */
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

/** What the command line asks for. */
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

const MOST_JOBS = 256;
const LEAST_CHUNK = 256;
const MOST_CHUNK = 256 * 2 ** 20;

/**
 * Reads the command line.
 *
 * @param args The arguments, without the program.
 * @returns What they ask for.
 * @throws {UsageError} If they make no sense.
 */
export function parseOptions(args: string[]): DecodeArguments | { command: "help" | "version" } {
  const given = new Map<string, string[]>();
  for (const token of tokensOf(args)) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw new UsageError(
        `what is ${token.value} for? Datasets are given with --include=DIR, the output with --output=DIR`,
      );
    }
    const name = resolveName(token.rawName);
    const { value, repeatable } = OPTIONS[name];
    if (value === undefined) {
      if (token.value !== undefined) throw new UsageError(`--${name} takes no value`);
    } else if (!token.value || !token.inlineValue && token.value.startsWith("--")) {
      throw new UsageError(`--${name} needs a value: --${name}=${value}`);
    }
    if (given.has(name) && !repeatable) throw new UsageError(`--${name} is given more than once`);
    given.set(name, [...given.get(name) ?? [], token.value ?? ""]);
  }
  if (given.has("help")) return { command: "help" };
  if (given.has("version")) return { command: "version" };

  const include = (given.get("include") ?? []).flatMap((list) => list.split(",")).filter((path) => path !== "");
  if (include.length === 0) throw new UsageError(`--include=${OPTIONS.include.value} is missing`);
  const dryRun = given.has("dry-run");
  const output = given.get("output")?.[0];
  if (output === undefined && !dryRun) throw new UsageError(`--output=${OPTIONS.output.value} is missing`);
  if (given.has("no-checksum") && given.has("checksums")) {
    throw new UsageError("--checksums and --no-checksum contradict each other");
  }
  return {
    command: "decode",
    include,
    output,
    jobs: parseJobs(given.get("jobs")?.[0]),
    engine: parseEngine(given.get("engine")?.[0]),
    chunkBytes: parseChunkSize(given.get("chunk-size")?.[0]),
    relabel: given.has("relabel"),
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
}

function tokensOf(args: string[]) {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? "boolean" as const : "string" as const, ...(short ? { short } : {}) },
    ]),
  );
  // Not strict, for its errors are made for programmers; the tokens are checked above.
  return parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function resolveName(rawName: string): string {
  const names = Object.keys(OPTIONS);
  const name = rawName.replace(/^-+/, "");
  const found = names.find((long) => rawName === `--${long}` || rawName === `-${OPTIONS[long].short}`);
  if (found === undefined) throw new UsageError(`unknown option ${rawName}; did you mean --${nearest(name, names)}?`);
  return found;
}

function parseJobs(text: string | undefined): number {
  if (text === undefined) return navigator.hardwareConcurrency;
  const jobs = Number(text);
  if (/^\d+$/.test(text) && jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new UsageError(`--jobs=${text}: give a whole number from 1 to ${MOST_JOBS}`);
}

function parseEngine(text = "wasm"): EngineName {
  if (text === "wasm" || text === "ts") return text;
  throw new UsageError(`--engine=${text}: did you mean --engine=${nearest(text, ["wasm", "ts"])}?`);
}

function parseChunkSize(text = "8M"): number {
  const match = /^(\d+)([KkMm]?)$/.exec(text);
  const unit = match?.[2].toUpperCase();
  const bytes = Number(match?.[1]) * (unit === "M" ? 2 ** 20 : unit === "K" ? 2 ** 10 : 1);
  if (bytes >= LEAST_CHUNK && bytes <= MOST_CHUNK) return bytes;
  throw new UsageError(`--chunk-size=${text}: give a number of bytes from ${LEAST_CHUNK} to 256M`);
}
