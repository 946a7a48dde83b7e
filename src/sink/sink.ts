import type { DatasetFacts } from "../dataset/dataset.ts";
import type { RecordView } from "../recordio/record_view.ts";

/** What is told of a record only where somebody asks for it, or not by every source. */
export type AskedField = "key" | "identity" | "index";

/** What a store is told of each source before anything is written. */
export interface SourceFacts {
  /** Its name. */
  path: string;
  /** Whether it is read once from front to back, so that neither keys nor identity records are known before. */
  streamed: boolean;
  /** Its datasets, as far as they are known. */
  datasets: readonly DatasetFacts[];
}

/** What a thread makes a sink from: plain data. Which sink, the name of its format says. */
export interface SinkSpec {
  /**
   * The name of the format.
   *
   * @ignore
   */
  readonly format: string;
}

/** What a journal keeps of what a sink wrote in a task, so that it can be looked at later whether it is still there. */
export type Receipt = Record<string, number | string>;

/** What a sink says when a task is done. */
export interface Finished {
  /** What was written and is whole; none if nothing is, or if nobody can look at it later. */
  receipts?: Receipt[];
  /** Seconds that were waited for it to be durable. */
  syncSeconds?: number;
}

/** When a file ends, and the next one begins. Each has at least one image. */
export interface ShardCut {
  /** The most images of a file; Infinity if that does not matter. */
  images: number;
  /** About the most bytes that their records take where they are read from; Infinity if that does not matter. */
  bytes: number;
}

/** What a task is to write, as the sink is told. Plain data. */
export interface SinkTask {
  /** Number of the shard that has just its images, from 0; undefined if the sink is to cut as they come. */
  shard?: number;
  /** How many shards there are in all, if that is known. */
  shards?: number;
  /** Whether the next task goes on with what is open when this one is done. */
  goesOn: boolean;
}

/** Tells where images are in what is written, when it is asked of one after the other in reading order. */
export interface ImagePaths {
  /**
   * Called before the first image of a task.
   *
   * @param task What it writes.
   */
  begin?(task: SinkTask): void;

  /**
   * Where an image is.
   *
   * @param record The image.
   * @returns A path within the output.
   */
  pathOf(record: RecordView): string;

  /**
   * Rewrites paths that were told as if no image had come before, where they count what was written.
   *
   * @param text Text with such paths in it, and nothing else that looks like one.
   * @param images How many images have come before.
   * @returns The same with the right ones.
   */
  shifted?(text: string, images: number): string;
}

/** Writes records: a folder tree, a shard, a list. It is used by one thread. */
export interface Sink {
  /**
   * Called before the first record of a task.
   *
   * @param task What it is to write.
   * @throws {UnrecError} If it cannot be begun.
   */
  begin?(task: SinkTask): void;

  /**
   * Takes a record.
   *
   * @param record The record; the view is good until this returns, so copy what is to be kept.
   * @throws {UnrecError} If it cannot be stored. Nothing half-stored is left then.
   */
  write(record: RecordView): void;

  /**
   * Called after the last record of a task, before the task counts as finished: closes what is open and makes it
   * durable, if that is wanted.
   *
   * @returns What was written since {@linkcode begin}.
   * @throws {UnrecError} If it cannot be done.
   */
  finish?(): Finished;

  /** Called when a task ends before its last record: removes what is not whole and would be in the way. */
  abandon?(): void;
}

/** What is to be written yet, as far as the indexes tell. */
export interface WorkLeft {
  /** About how many bytes each image has. */
  imageBytes: Iterable<number>;
  /** About how many labels they have. */
  labels: number;
}

/** What writing takes. */
export interface SpaceNeeded {
  /** Images. */
  images: number;
  /** Bytes, every file rounded up to the file system's blocks. */
  bytes: number;
  /** Files and folders to be made. */
  inodes: number;
  /** Folders in the one that gets the most. */
  subfolders: number;
  /** Names that take fewer in one folder; undefined if there are none. */
  otherNames: string | undefined;
}

/** Options of {@linkcode SinkStore.clear}. */
export interface ClearOptions {
  /**
   * How it was written.
   *
   * @default {as this store writes}
   */
  form?: SinkStore["form"];
  /** Ends it when it is aborted. */
  signal?: AbortSignal;
  /** Told how many images were removed since it was told last. */
  onRemoved?: (images: number) => void;
}

/** Another store, and the order in which it gets all images. */
export interface Shuffle {
  /** What the order follows from. */
  seed: number;
  /** What writes the images. */
  store: SinkStore;
  /** Where its files end. */
  cut: ShardCut;
}

/** Options of {@linkcode SinkStore.conclude}. */
export interface ConcludeOptions {
  /**
   * Whether to look if there is room for what is made of all, before it is made.
   *
   * @default {false}
   */
  checkSpace?: boolean;
  /** Told, while much is written, how many bytes were since it was told last. */
  onWritten?: (bytes: number) => void;
}

/** Where a run writes, as the main thread sees it: it makes sinks, and knows what earlier runs have left. */
export interface SinkStore {
  /** What is written there, as journals name it. */
  readonly format: string;
  /** The folder that is written to, where a journal can be kept; undefined if there is none. */
  readonly output: string | undefined;
  /**
   * Plain data from which each thread makes a sink of its own; undefined if all goes to the one sink of this thread.
   *
   * @ignore
   */
  readonly spec: SinkSpec | undefined;
  /**
   * What decides, besides the format, what is written: names and values, as messages have them.
   *
   * @ignore
   */
  readonly form: Readonly<Record<string, string>>;
  /**
   * What it needs to be told of every record.
   *
   * @ignore
   */
  readonly asks: readonly AskedField[];
  /**
   * Whether {@linkcode clear} can tell what was written from a number on; else it removes all or nothing.
   *
   * @ignore
   */
  readonly tellsNumbers: boolean;
  /**
   * Where files end, if what is written are files in reading order; undefined if each image can be written at any time.
   *
   * @ignore
   */
  readonly cut: ShardCut | undefined;
  /**
   * Whether one sink takes all images, one after the other, whatever they are cut into.
   *
   * @ignore
   */
  readonly inSequence?: boolean;

  /**
   * What gets the images in the end, if this one only sets them aside to be shuffled.
   *
   * @ignore
   */
  readonly shuffle?: Shuffle;

  /**
   * Whether a file that is not whole can be gone on with, as far as tasks that follow each other have written it; else
   * it is begun anew.
   *
   * @ignore
   */
  readonly keepsParts?: boolean;

  /**
   * A sink for this thread.
   *
   * @param written What was written before, task by task, if all goes to the one sink of this thread.
   * @ignore
   */
  open(written?: readonly Receipt[]): Sink | Promise<Sink>;

  /**
   * Makes sure that what is read can be written here. Called before anything is.
   *
   * @param sources All that is read.
   * @throws {UnrecError} If it cannot.
   * @ignore
   */
  check(sources: readonly SourceFacts[]): void;

  /**
   * Makes sure that what is there already leaves a place for it. Called before anything else is asked of the output, in a
   * dry run too.
   *
   * @throws {UnrecError} If it does not, whatever may be overwritten.
   * @ignore
   */
  requirePlace?(): void;

  /**
   * Makes the folder, if need be.
   *
   * @throws {UnrecError} If that cannot be done.
   * @ignore
   */
  prepare(): void;

  /**
   * Names of what is in the folder and was put there by somebody: not hidden files, nor what the system makes.
   *
   * @returns None if there is no folder.
   * @throws {UnrecError} If it cannot be read.
   * @ignore
   */
  entries(): string[];

  /**
   * Whether what a finished task has written is still there.
   *
   * @param labels The labels of its images.
   * @param receipts What the sink said.
   * @ignore
   */
  holds(labels: Iterable<number>, receipts: readonly Receipt[]): boolean;

  /**
   * Removes what was written from a number on. It lets others run now and then.
   *
   * @param from Number of the first image to be removed; 0 if the store does not tell numbers.
   * @param options How it was written, what ends the removing, and who is told of it.
   * @throws {UnrecError} If something cannot be removed.
   * @ignore
   */
  clear(from: number, options?: ClearOptions): Promise<void>;

  /**
   * What writing the rest takes.
   *
   * @param left The rest.
   * @param blockBytes Bytes of the file system's blocks.
   * @ignore
   */
  space(left: WorkLeft, blockBytes: number): SpaceNeeded;

  /**
   * Tells where each image is in what is written.
   *
   * @ignore
   */
  paths?(): ImagePaths;

  /**
   * Called when all is written, before the run counts as complete: writes what is made of all receipts.
   *
   * @param receipts Those of all tasks.
   * @param labels How many different labels the images have.
   * @param options Whether there has to be room, and who is told how far it is.
   * @returns What is odd about it, in sentences; nothing if nothing is.
   * @throws {UnrecError} If it cannot be written.
   * @ignore
   */
  conclude?(
    receipts: readonly Receipt[],
    labels: number,
    options?: ConcludeOptions,
  ): string[] | void | Promise<string[] | void>;

  /**
   * Where a share of the work is written to, if all of it goes to one file: pieces of that file, which
   * {@linkcode conclude} joins when all are there.
   *
   * @ignore
   */
  inPieces?(): SinkStore | undefined;

  /**
   * Whether all is there that {@linkcode conclude} wrote in an earlier run; if not, it is called once more.
   *
   * @param receipts Those of all tasks.
   * @ignore
   */
  isConcluded?(receipts: readonly Receipt[]): boolean;

  /**
   * Called when the run counts as complete: removes what nobody needs any more.
   *
   * @param receipts Those of all tasks of a share; without them nobody else is at work, and all goes that was left.
   * @throws {UnrecError} If it cannot be removed.
   * @ignore
   */
  tidy?(receipts?: readonly Receipt[]): void;
}

/**
 * A store for images that go to a function, in the thread that called for them.
 *
 * @example
 * ```ts
 * import { decode, eachImage, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * let bytes = 0;
 * await decode([dataset], eachImage((image) => bytes += image.length));
 * console.log(bytes, "bytes"); // 349374 bytes
 * ```
 *
 * @param write Takes each record; the view is good until it returns.
 */
export function eachImage(write: (record: RecordView) => void): SinkStore {
  return {
    format: "function",
    output: undefined,
    spec: undefined,
    form: {},
    asks: [],
    tellsNumbers: true,
    cut: undefined,
    open: () => ({ write }),
    check() {},
    prepare() {},
    entries: () => [],
    holds: () => false,
    clear: () => Promise.resolve(),
    space: () => ({ images: 0, bytes: 0, inodes: 0, subfolders: 0, otherNames: undefined }),
  };
}
