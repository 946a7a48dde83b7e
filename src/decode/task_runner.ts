import type { ReadTask } from "../dataset/cut_tasks.ts";
import { openRecordFile } from "../dataset/dataset.ts";
import { readRecords, type RecordFile } from "../dataset/read_records.ts";
import { UnrecError } from "../errors.ts";
import { LabelSet } from "../label_set.ts";
import { loadEngine } from "../recordio/engine.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";
import { type EngineName, type RecordScanner, ROW } from "../recordio/types.ts";
import type { ImageSink } from "../sink/image_sink.ts";

/** A task of one dataset among several. Plain data. */
export interface DecodeTask extends ReadTask {
  /** Which dataset, from 0. */
  dataset: number;
  /** What is added to its labels. */
  labelShift: number;
}

/** What was written so far. */
export interface Written {
  /** Images. */
  images: number;
  /** Their bytes. */
  bytes: number;
}

/** What came of a task. Plain data. */
export interface TaskOutcome extends Written {
  /** Images written that have no bytes. */
  emptyImages: number;
  /** Images written whose record was stored in several parts. */
  multiPartImages: number;
  /** Labels of the images written, shifted, each once. */
  labels: Float64Array<ArrayBuffer>;
  /** Why the task ended early: a record that cannot be read, or what else went wrong, as a sentence. */
  failure?: { problem: RecordProblem } | { message: string };
}

/** What a {@linkcode TaskRunner} needs to know. Plain data. */
export interface RunnerSetup {
  /** The record file of each dataset. */
  files: string[];
  /** Which scanners read them. */
  engine: EngineName;
  /** How many bytes are read at once. */
  chunkBytes: number;
  /** Not 0 when running tasks should stop. Shared between threads. */
  stop: Int32Array<SharedArrayBuffer>;
}

/** Thrown out of a task that was asked to stop. */
class Stopped extends Error {}

/** Runs tasks one after the other in one thread: from the files through the scanner's memory to a sink. */
export class TaskRunner {
  readonly #setup: RunnerSetup;
  readonly #sink: ImageSink;
  readonly #scanner: RecordScanner;
  readonly #files: RecordFile[] = [];

  private constructor(setup: RunnerSetup, sink: ImageSink, scanner: RecordScanner) {
    this.#setup = setup;
    this.#sink = sink;
    this.#scanner = scanner;
  }

  /**
   * Makes a runner.
   *
   * @param setup What to read, and how.
   * @param sink Takes the images.
   */
  static async create(setup: RunnerSetup, sink: ImageSink): Promise<TaskRunner> {
    const scanners = await loadEngine(setup.engine);
    return new TaskRunner(setup, sink, scanners.createRecordScanner(setup.chunkBytes));
  }

  /**
   * Reads the images of a task and gives them to the sink as views of the scanner's memory. Ends early, with all images
   * before it in the file written, at the first one that cannot be read or written, or when asked to stop.
   *
   * @param task What to read.
   * @yields What was written so far, now and then.
   * @returns What came of it.
   */
  *run(task: DecodeTask): Generator<Written, TaskOutcome> {
    const scanner = this.#scanner;
    const sink = this.#sink;
    const { stop } = this.#setup;
    const labels = new LabelSet();
    const outcome: TaskOutcome = {
      images: 0,
      bytes: 0,
      emptyImages: 0,
      multiPartImages: 0,
      labels: new Float64Array(),
    };
    const visit = (_: RecordScanner, row: number, ordinal: number, offset: number) => {
      if (Atomics.load(stop, 0) !== 0) throw new Stopped();
      const { table } = scanner;
      const label = Math.trunc(scanner.labels[row + ROW.LABEL]) + task.labelShift;
      if (!Number.isFinite(label)) throw new RecordError({ kind: "label", offset, position: offset, value: label });
      const start = table[row + ROW.IMAGE];
      const length = table[row + ROW.LENGTH];
      sink.write(label, ordinal, scanner.chunk.subarray(start, start + length));
      labels.add(label);
      outcome.images++;
      outcome.bytes += length;
      if (length === 0) outcome.emptyImages++;
      if (table[row + ROW.PARTS] > 1) outcome.multiPartImages++;
    };
    try {
      for (const _ of readRecords(this.#file(task.dataset), task, scanner, visit)) yield outcome;
    } catch (error) {
      if (error instanceof RecordError) outcome.failure = { problem: error.problem };
      else if (error instanceof UnrecError) outcome.failure = { message: error.message };
      else if (!(error instanceof Stopped)) throw error;
    }
    outcome.labels = Float64Array.from(labels);
    return outcome;
  }

  /** Closes the files and gives the scanner's memory back. */
  close(): void {
    for (const source of this.#files) source?.file.close();
    this.#scanner.close();
  }

  #file(dataset: number): RecordFile {
    return this.#files[dataset] ??= openRecordFile(this.#setup.files[dataset]);
  }
}
