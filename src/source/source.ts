import type { DatasetFacts } from "../dataset/dataset.ts";
import type { KindCount } from "../dataset/image_kinds.ts";
import type { OnError } from "../dataset/layout.ts";
import type { DatasetLoss, LostRange } from "../dataset/loss.ts";
import type { ReadTask } from "../dataset/plan.ts";
import type { Selection } from "../dataset/selection/selection.ts";
import type { ReadingOrder } from "../dataset/reading_order.ts";
import type { Traffic } from "../bytes/traffic.ts";
import type { UnrecError } from "../errors.ts";
import type { Steps } from "../pool/work.ts";
import type { RecordProblem } from "../recordio/problem.ts";
import type { RecordView } from "../recordio/record_view.ts";
import type { Engine, EngineName, RecordScanner } from "../recordio/types.ts";
import type { FileFacts } from "./file_facts.ts";

/** From what a thread makes a reader: plain data. Which reader, the kind of the source says. */
export interface ReaderSpec {
  /** The name of the kind. */
  readonly kind: string;
}

/** How sources are opened. */
export interface SourceOptions {
  /**
   * Which scanners read the files.
   *
   * @default {"wasm"}
   */
  engine?: EngineName;
  /**
   * How many bytes are read at once.
   *
   * @default {8388608}
   */
  chunkBytes?: number;
  /**
   * Whether what cannot be read is an error, or left out and told.
   *
   * @default {"stop"}
   */
  onError?: OnError;
  /**
   * What sums the parts of an archive should have, by base name; false to take none.
   *
   * @default {those published of Glint360K}
   */
  checksums?: ReadonlyMap<string, string> | false;
  /** A folder that the datasets' own files of an archive are stored in while it is read. */
  keep?: string;
}

/** Which scanners read a source, and how many bytes at once. */
export interface Scanning {
  engine: EngineName;
  chunkBytes: number;
}

/** What a path means: something that can be read. Nothing is read yet. */
export interface FoundSource {
  /** The name of its kind. */
  readonly kind: string;
  /** Its name in messages. */
  readonly path: string;
  /** The files it is read from, for checks that nothing is written among them; not the standard input. */
  readonly paths: readonly string[];
  /** Which images are wanted, of each of its datasets by itself; undefined if all are. */
  readonly select: Selection | undefined;
  /**
   * The same, of which only some images are wanted.
   *
   * @param selection Which.
   */
  selecting(selection: Selection): FoundSource;
  /** What went over a network to find and open it. */
  readonly traffic?: Traffic;
  /** By what it is known again. */
  facts(): FileFacts[];
  /**
   * Opens it.
   *
   * @param options How.
   * @returns The source; dispose of it when done.
   * @throws {UnrecError} If it cannot be read.
   */
  open(options: SourceOptions): Promise<Source>;
}

/** Something that images are read from. It cuts the reading into tasks; threads do them. */
export interface Source extends Disposable {
  /**
   * What it was opened from.
   *
   * @ignore
   */
  readonly found: FoundSource;
  /**
   * How many images are wanted of it, those counted that cannot be read; undefined if that is known only when all was
   * read.
   */
  readonly imageCount: number | undefined;
  /**
   * How many numbers its images take, whether they are wanted or not; undefined if that is known only when all was read.
   *
   * @ignore
   */
  readonly numberCount: number | undefined;
  /**
   * Its datasets, as far as they are known before all was read.
   *
   * @ignore
   */
  readonly datasets: readonly DatasetFacts[];
  /**
   * About how many bytes are read of it; undefined if that is not known.
   *
   * @ignore
   */
  readonly bytes: number | undefined;
  /**
   * The names that its labels are the numbers of, from label 0 on; undefined if they are numbers by themselves.
   *
   * @ignore
   */
  readonly classes?: readonly string[];
  /**
   * How it was asked to be read.
   *
   * @ignore
   */
  readonly scanning: Scanning;
  /**
   * From what a thread makes a reader.
   *
   * @ignore
   */
  readonly reader: ReaderSpec;

  /**
   * Cuts the reading into tasks.
   *
   * @param taskBytes About how many bytes each is to read.
   * @param firstNumber The number of the first image.
   * @ignore
   */
  tasks(taskBytes: number, firstNumber: number): Iterable<ReadTask>;

  /**
   * Its images in reading order; undefined for a stream, of which only {@linkcode tasks} are known.
   *
   * @ignore
   */
  readonly order: ReadingOrder | undefined;

  /**
   * About how many bytes each image of a task has.
   *
   * @param task One of {@linkcode tasks}.
   * @ignore
   */
  imageBytes(task: ReadTask): Iterable<number>;

  /**
   * About how many labels its images have; undefined if that is not known.
   *
   * @ignore
   */
  labels(): Promise<number | undefined>;

  /**
   * For those who shift labels: its labels are whole numbers from 0 to one less than this.
   *
   * @param onStep Called now and then; it may wait.
   * @returns undefined if it is known only when all was read.
   * @throws {UnrecError} If they are not.
   * @ignore
   */
  labelSpan(onStep?: () => void | Promise<void>): Promise<number | undefined>;

  /**
   * For those who count the images of each label: reads all labels.
   *
   * @param onError Whether an image that cannot be read, or has no label, is an error or left out.
   * @param onStep Called now and then; it may wait.
   * @returns Labels in reading order, not shifted, NaN for those left out; undefined if they are known only when all was
   * read.
   * @throws {UnrecError} At an image that cannot be read, unless those are left out.
   * @ignore
   */
  readLabels(onError: OnError, onStep?: () => void | Promise<void>): Promise<Float64Array<ArrayBuffer> | undefined>;

  /**
   * What was not read of it.
   *
   * @param ranges What could not be read, with numbers counted over all sources.
   * @param firstNumber The number of its first image.
   * @returns undefined if all was read.
   * @ignore
   */
  loss(ranges: LostRange[], firstNumber: number): DatasetLoss | undefined | Promise<DatasetLoss | undefined>;

  /**
   * Whether what an earlier run stored beside the images, when it read this to its end, is still there; without it there
   * is nothing to be stored.
   *
   * @param end What that run knew in the end.
   * @ignore
   */
  isKept?(end: StreamEnd): boolean;

  /**
   * Takes note of a place where a record was met that was not wanted: the index may lack it.
   *
   * @param offset Byte of its record file.
   * @returns Whether it does.
   * @ignore
   */
  notePassed(offset: number): boolean;

  /**
   * Turns a record's problem into an error that names file and key.
   *
   * @param problem What is wrong.
   * @ignore
   */
  explain(problem: RecordProblem): UnrecError;
}

/** Takes what a reader finds. */
export interface RecordTaker {
  /** Takes an image; the view is good until this returns. */
  record(view: RecordView): void;
  /** Takes an image that cannot be read. Without this the first one ends the reading. */
  lost?(problem: RecordProblem, number: number): void;
  /** Told of places after wanted records where another record should begin. */
  passed?(offset: number): void;
}

/** What is known only when all of a stream was read. Plain data. */
export interface StreamEnd {
  /** Its datasets. */
  datasets: DatasetFacts[];
  /** One more than its highest label, those of its second dataset shifted, and so on. */
  labelSpan: number;
  /** How many images came, whether they were wanted or not. */
  numbers: number;
  /** Files that were stored beside the images, if that was asked for, by their paths. */
  kept?: FileFacts[];
  /** Images of each dataset with another label than the one before, though the same identity record names both. */
  mixedLabels?: KindCount[];
}

/** What readers of a thread share. */
export interface ReaderContext {
  /** The scanners. */
  engine: Engine;
  /** Scans records. One for all readers of a thread: they read one after the other. */
  scanner: RecordScanner;
  /** Whether labels are shifted: then those of each dataset in an archive past those before it. */
  relabel: boolean;
  /** Whether there are threads to spare. */
  parallel: boolean;
  /** Aborted when all is asked to stop, for when bytes are waited for. */
  signal: AbortSignal;
  /** Told of oddities, in a sentence. */
  warn(message: string): void;
}

/** Reads tasks of a source in a thread. */
export interface SourceReader extends Disposable {
  /** Bytes read so far, where these are what progress is measured by. */
  readonly read: number;
  /** What is added to the labels of the dataset that is being read, before those of other sources are. */
  readonly labelShift: number;
  /** What went over a network so far. */
  readonly traffic?: Traffic;
  /**
   * Reads a task.
   *
   * @param task Which one.
   * @param taker Takes the images.
   * @returns What is known only now; undefined for what is no stream.
   * @throws {RecordError} At a record that cannot be read.
   * @throws {UnrecError} If there is something else.
   */
  run(task: ReadTask, taker: RecordTaker): Steps<StreamEnd | void>;
}
