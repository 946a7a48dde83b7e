import type { ReadTask } from "../dataset/cut_tasks.ts";
import { openRecordFile } from "../dataset/dataset.ts";
import type { OnError } from "../dataset/layout.ts";
import { addLostRange, type LostRange } from "../dataset/lost_range.ts";
import { readRecords, type RecordFile } from "../dataset/read_records.ts";
import { UnrecError } from "../errors.ts";
import { loadEngine } from "../recordio/engine.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";
import type { EngineName, RecordScanner } from "../recordio/types.ts";
import type { ImageSink } from "../sink/image_sink.ts";
import { ImageWriter, Stopped, type TaskOutcome, type Written } from "./image_writer.ts";
import type { Runner } from "./task_host.ts";

/** A task of one dataset among several. Plain data. */
export interface DecodeTask extends ReadTask {
  /** Which dataset, from 0. */
  dataset: number;
  /** What is added to its labels. */
  labelShift: number;
}

/** What a {@linkcode TaskRunner} needs to know. Plain data. */
export interface RunnerSetup {
  /** The record file of each dataset. */
  files: string[];
  /** Which scanners read them. */
  engine: EngineName;
  /** How many bytes are read at once. */
  chunkBytes: number;
  /** Whether a record that cannot be read ends its task, or is left out. */
  onError: OnError;
  /** Not 0 when running tasks should stop. Shared between threads. */
  stop: Int32Array<SharedArrayBuffer>;
}

/** Runs tasks one after the other in one thread: from the files through the scanner's memory to a sink. */
export class TaskRunner implements Runner<DecodeTask, TaskOutcome> {
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
   * before it in the file written, at the first one that cannot be written or, unless such ones are left out, read, or
   * when asked to stop.
   *
   * @param task What to read.
   * @yields What was written so far, now and then.
   * @returns What came of it.
   */
  *run(task: DecodeTask): Generator<Written, TaskOutcome> {
    const writer = new ImageWriter(this.#sink, task.labelShift, this.#setup.stop);
    const lost: LostRange[] = [];
    const lose = (problem: RecordProblem, ordinal: number) =>
      addLostRange(lost, { ordinal, images: 1, problem, lastOffset: problem.offset });
    const write = (scanner: RecordScanner, row: number, ordinal: number, offset: number) => {
      try {
        writer.write(scanner, row, ordinal, offset);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        lose(error.problem, ordinal);
      }
    };
    let failure: TaskOutcome["failure"];
    try {
      const source = this.#file(task.dataset);
      const reading = this.#setup.onError === "skip"
        ? readRecords(source, task, this.#scanner, write, lose)
        : readRecords(source, task, this.#scanner, writer.write.bind(writer));
      for (const _ of reading) yield writer;
      const syncSeconds = this.#sink.flush?.() ?? 0;
      return { ...writer.outcome(), ...(lost.length > 0 ? { lost } : {}), finished: true, syncSeconds };
    } catch (error) {
      if (error instanceof RecordError) failure = { problem: error.problem };
      else if (error instanceof UnrecError) failure = { message: error.message };
      else if (!(error instanceof Stopped)) throw error;
    }
    const outcome: TaskOutcome = writer.outcome();
    if (lost.length > 0) outcome.lost = lost;
    if (failure !== undefined) outcome.failure = failure;
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
