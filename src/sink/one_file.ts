import { basename, dirname, resolve } from "node:path";
import { RefusedError, systemReason, UnrecError } from "../errors.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { isThere } from "./image_file.ts";
import type { ShardFile, ShardWriter } from "./shard_writer.ts";
import type {
  AskedField,
  Finished,
  ImagePaths,
  Receipt,
  ShardCut,
  Sink,
  SinkStore,
  SinkTask,
  SourceFacts,
  SpaceNeeded,
} from "./sink.ts";
import { WholeFile } from "./whole_file.ts";

/** How the standard output is named in place of a file. */
export const STANDARD_OUTPUT = "-";

/** Bytes that are gathered before they go through a pipe. */
const BUFFER_BYTES = 2 ** 16;

/** A file that is written, and finished or given up. */
interface OpenFile extends ShardFile {
  finish(): Receipt[];
  abandon(): void;
}

/** What becomes of all images in one file. */
export interface OneFileOptions {
  /** The name of the format. */
  format: string;
  /** The file, or `-` for the standard output. */
  target: string;
  /** Whether a file that is there may be replaced. */
  overwrite: boolean;
  /** Whether the file is durable when it is whole. */
  fsync: boolean;
  /** What has to be told of every record. */
  asks: readonly AskedField[];
  /** Where images are cut into tasks, if they are. */
  cut?: ShardCut;
  /** Makes sure that what is read can be written. */
  check(sources: readonly SourceFacts[]): void;
  /** What stands before the first image. */
  head: Uint8Array;
  /** What stands after the last image. */
  end: Uint8Array;
  /** Makes what writes to the file. */
  writer(file: ShardFile): ShardWriter;
  /** Told of each task before its first image. */
  begin?(task: SinkTask): void;
  /** Tells where each image is in what is written. */
  paths(): ImagePaths;
  /**
   * Makes a store for the file in pieces.
   *
   * @param requirePlace Makes sure that nothing is in the way of the file.
   */
  inPieces(requirePlace: () => void): SinkStore;
}

/**
 * A store for all images in one file, in reading order: it has another name until it is whole. There is no journal, so a
 * run that was stopped begins anew.
 *
 * @param options What is written where.
 */
export function oneFile(options: OneFileOptions): SinkStore {
  const { format, target, overwrite, asks, cut = { images: Infinity, bytes: Infinity }, check } = options;
  const requirePlace = () => requireFree(target, overwrite);
  return {
    format,
    output: undefined,
    spec: undefined,
    form: {},
    asks,
    tellsNumbers: false,
    cut,
    inSequence: true,
    open: () => new OneFileSink(options),
    check,
    requirePlace,
    prepare() {},
    entries: () => [],
    holds: () => false,
    clear: () => Promise.resolve(),
    paths: options.paths,
    space: (): SpaceNeeded => ({ images: 0, bytes: 0, inodes: 0, subfolders: 0, otherNames: undefined }),
    ...target === STANDARD_OUTPUT ? {} : { inPieces: () => options.inPieces(requirePlace) },
  };
}

/** Makes sure that nothing is in the way. */
function requireFree(target: string, overwrite: boolean): void {
  if (target === STANDARD_OUTPUT) {
    if (!Deno.stdout.isTerminal()) return;
    throw new RefusedError("Cannot write to the standard output: it is a terminal", { kind: "other-output" });
  }
  const reason = whyNoFile(target);
  if (reason !== "") throw new RefusedError(`Cannot write ${target}: ${reason}`, { kind: "other-output" });
  if (overwrite || !isThere(target)) return;
  throw new RefusedError(
    `Cannot write ${target}: it is there already`,
    { kind: "other-output" },
    { kind: "replace-file" },
  );
}

/** Why there can be no file, or none in place of what is there; empty if there can. A device or a pipe would be lost. */
function whyNoFile(target: string): string {
  const folder = dirname(resolve(target));
  if (!isFolder(folder)) return `there is no folder ${folder}`;
  if (/[\\/]$/.test(target)) return "that is the name of a folder, and all images go to one file";
  try {
    if (Deno.lstatSync(target).isDirectory) return "it is a directory";
    const { isFile, isDirectory } = Deno.statSync(target);
    return isFile || isDirectory ? "" : "it is no regular file";
  } catch {
    // There is nothing, or a link that leads nowhere.
    return "";
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Writes all images to one file. */
class OneFileSink implements Sink {
  readonly #options: OneFileOptions;
  #goesOn = false;
  #open: { file: OpenFile; writer: ShardWriter } | undefined;

  constructor(options: OneFileOptions) {
    this.#options = options;
  }

  begin(task: SinkTask): void {
    this.#goesOn = task.goesOn;
    this.#options.begin?.(task);
    if (this.#open !== undefined) return;
    const { target, fsync, head } = this.#options;
    const whole = resolve(target);
    const file = target === STANDARD_OUTPUT
      ? new StandardOutput()
      : new WholeFile(dirname(whole), basename(whole), { fsync });
    file.write(head);
    this.#open = { file, writer: this.#options.writer(file) };
  }

  write(record: RecordView): void {
    this.#open!.writer.write(record);
  }

  finish(): Finished {
    if (this.#goesOn || this.#open === undefined) return {};
    this.#open.writer.finish();
    this.#open.file.write(this.#options.end);
    const receipts = this.#open.file.finish();
    this.#open = undefined;
    return { receipts };
  }

  abandon(): void {
    this.#open?.file.abandon();
    this.#open = undefined;
  }
}

/** The standard output, as a file. */
class StandardOutput implements OpenFile {
  readonly name = STANDARD_OUTPUT;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #filled = 0;
  #written = 0;

  get position(): number {
    return this.#written + this.#filled;
  }

  write(bytes: Uint8Array): void {
    if (this.#filled + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) return this.#append(bytes);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  beside(name: string): ShardFile {
    throw new UnrecError(`Cannot write ${name}: there is nothing beside the standard output`);
  }

  finish(): Receipt[] {
    this.#flush();
    return [];
  }

  abandon(): void {
    // What went through is with the one who reads it.
  }

  #flush(): void {
    this.#append(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #append(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
    } catch (error) {
      const reason = error instanceof Deno.errors.BrokenPipe ? "nobody reads it any more" : systemReason(error);
      throw new UnrecError(`Cannot write to the standard output: ${reason}`);
    }
    this.#written += bytes.length;
  }
}
