import { isClass } from "../dataset/classes.ts";
import { KindCounter, type TaskKinds } from "../dataset/image_kinds.ts";
import { LabelCounter } from "../dataset/label_index.ts";
import { LabelSet } from "../dataset/label_set.ts";
import type { OnError } from "../dataset/layout.ts";
import { addLostRange, type LostRange } from "../dataset/loss.ts";
import type { ReadTask } from "../dataset/plan.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import { type Progress, type Steps, StopFlag, Stopped, type Work } from "../pool/work.ts";
import { labelProblem } from "../recordio/label_kind.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";
import type { RecordView } from "../recordio/record_view.ts";
import type { EngineName, RecordScanner } from "../recordio/types.ts";
import type { Receipt, Sink, SinkSpec } from "../sink/sink.ts";
import { makeSink } from "../sink/sinks.ts";
import type { ReaderContext, ReaderSpec, RecordTaker, SourceReader, StreamEnd } from "../source/source.ts";
import { makeReader } from "../source/sources.ts";
import { loadEngine } from "../wasm/load_engine.ts";

/** How labels of a source are shifted. */
export interface LabelShift {
  /** What is added to them. */
  shift: number;
  /** They are whole numbers from 0 to one less than this. */
  span: number;
}

/** Images of a source that are to be written. Plain data. */
export interface DecodeTask {
  /** Which source, from 0. */
  source: number;
  /** Which of its records. */
  read: ReadTask;
  /** How labels are shifted, if they are. */
  relabel?: LabelShift;
  /** Whether the images of each label are counted as they come, where a stream is read and somebody asks for that. */
  counts?: true;
}

/** What is needed to do {@linkcode DecodeTask}s. Plain data. */
export interface DecodeSetup {
  /** How each source is read. */
  readers: readonly ReaderSpec[];
  /** Which scanners read them. */
  engine: EngineName;
  /** How many bytes are read at once. */
  chunkBytes: number;
  /** Whether a record that cannot be read ends its task, or is left out. */
  onError: OnError;
  /** Whether labels are shifted. */
  relabel: boolean;
  /** Whether there are threads to spare. */
  parallel: boolean;
  /** What the images are written with; undefined if the caller brings a sink of its own. */
  sink: SinkSpec | undefined;
  /** The word of a {@linkcode StopFlag}. */
  stop: Int32Array<SharedArrayBuffer>;
}

/** What was written. */
export interface Written {
  /** Images. */
  images: number;
  /** Their bytes. */
  bytes: number;
}

/** What came of a task. Plain data. */
export interface TaskOutcome extends Written {
  /** Of which kinds they are. */
  kinds: TaskKinds;
  /** Images written whose record was stored in several parts. */
  multiPartImages: number;
  /** Labels of the images written, shifted, each once. */
  labels: Float64Array<ArrayBuffer>;
  /** Images that could not be read, where those are left out. */
  lost?: LostRange[];
  /** Places in the file where records were met that were not wanted. */
  passed?: number[];
  /** What the sink says of what it wrote. */
  receipt?: Receipt;
  /** What is known only when all of a stream was read. */
  stream?: StreamEnd;
  /** Whether all images of the task are written and their files closed. */
  finished?: true;
  /** Seconds it took to make them durable. */
  syncSeconds?: number;
  /** Oddities, in sentences. */
  warnings?: string[];
  /** Why the task ended early: a record that cannot be read, or what else went wrong. */
  failure?: { problem: RecordProblem } | { message: string; remedies: readonly Remedy[] };
}

/**
 * Makes what does {@linkcode DecodeTask}s in this thread.
 *
 * @param setup What it needs.
 * @param sink Takes the images.
 * @param signal Aborted when all is asked to stop, where that can be.
 */
export async function startDecodeWork(
  setup: DecodeSetup,
  sink: Sink = makeSink(setup.sink!),
  signal?: AbortSignal,
): Promise<Work<DecodeTask, TaskOutcome>> {
  const { relabel, parallel } = setup;
  const engine = await loadEngine(setup.engine);
  const scanner = engine.createRecordScanner(setup.chunkBytes);
  return new DecodeWork(setup, sink, { engine, scanner, relabel, parallel, signal, warn() {} });
}

/** Decodes tasks one after the other in one thread: from the files through the scanner's memory to a sink. */
class DecodeWork implements Work<DecodeTask, TaskOutcome> {
  readonly progress: Progress = { images: 0, bytes: 0, read: 0 };
  readonly #setup: DecodeSetup;
  readonly #sink: Sink;
  readonly #context: ReaderContext;
  readonly #scanner: RecordScanner;
  readonly #stop: StopFlag;
  readonly #readers: SourceReader[] = [];

  constructor(setup: DecodeSetup, sink: Sink, context: ReaderContext) {
    this.#setup = setup;
    this.#sink = sink;
    this.#context = context;
    this.#scanner = context.scanner;
    this.#stop = new StopFlag(setup.stop);
  }

  /**
   * Reads the images of a task and gives them to the sink as views of the scanner's memory. Ends early, with all images
   * before it in the file written, at the first one that cannot be written or, unless such ones are left out, read, or
   * when asked to stop.
   */
  async *run({ source, read, relabel, counts }: DecodeTask): Steps<TaskOutcome> {
    const { progress } = this;
    const outcome: TaskOutcome = {
      images: 0,
      bytes: 0,
      kinds: { counts: {} },
      multiPartImages: 0,
      labels: new Float64Array(),
    };
    const kinds = new KindCounter();
    const counter = counts ? new LabelCounter() : undefined;
    const labels = new LabelSet();
    const lost: LostRange[] = [];
    const passed: number[] = [];
    const warnings: string[] = [];
    this.#context.warn = (message) => void warnings.push(message);

    const lose = (problem: RecordProblem, number: number) =>
      addLostRange(lost, { number, images: 1, problem, lastOffset: problem.offset });
    const write = (view: RecordView) => {
      if (this.#stop.isSet) throw new Stopped();
      const { length, parts } = view;
      const problem = labelProblem(view);
      if (problem !== undefined) {
        if (taker.lost === undefined) throw new RecordError(problem);
        return taker.lost(problem, view.number);
      }
      view.labelShift = relabel === undefined ? 0 : relabel.shift + reader.labelShift;
      if (relabel !== undefined) requireWithin(view, relabel.span);
      if (counter !== undefined) view.index = counter.count(view.label);
      this.#sink.write(view);
      labels.add(view.label);
      kinds.add(view);
      outcome.images++;
      outcome.bytes += length;
      progress.images++;
      progress.bytes += length;
      if (parts > 1) outcome.multiPartImages++;
    };
    const taker: RecordTaker = {
      record: write,
      passed: (offset) => void passed.push(offset),
      ...this.#setup.onError === "skip" ? { lost: lose } : {},
    };
    const reader = this.#readers[source] ??= await makeReader(this.#setup.readers[source], this.#context);
    const readBefore = progress.read;
    try {
      this.#sink.begin?.();
      const reading = reader.run(read, taker);
      for (;;) {
        const next = reading.next();
        const step = next instanceof Promise ? await next : next;
        progress.read = readBefore + reader.read;
        if (step.done) {
          if (step.value !== undefined) outcome.stream = step.value;
          break;
        }
        yield;
      }
      Object.assign(outcome, this.#sink.finish?.(), { finished: true });
    } catch (error) {
      if (error instanceof RecordError) outcome.failure = { problem: error.problem };
      else if (error instanceof UnrecError) outcome.failure = { message: error.message, remedies: error.remedies };
      else if (!(error instanceof Stopped)) throw error;
    }
    outcome.labels = Float64Array.from(labels);
    outcome.kinds = kinds.kinds;
    if (lost.length > 0) outcome.lost = lost;
    if (passed.length > 0) outcome.passed = passed;
    if (warnings.length > 0) outcome.warnings = warnings;
    return outcome;
  }

  /** Closes the files and gives the scanner's memory back. */
  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader?.[Symbol.dispose]();
    this.#scanner.close();
  }
}

/** Makes sure that a shifted label is one of its source, and no other's. */
function requireWithin({ key, givenLabel, label, offset }: RecordView, span: number): void {
  if (isClass(givenLabel) && givenLabel < span && isClass(label)) return;
  const what =
    `Cannot relabel: the record ${key === undefined ? "" : `of key ${key} `}at byte ${offset} has the label ` +
    `${givenLabel}, and`;
  if (isClass(givenLabel) && givenLabel >= span) {
    throw new UnrecError(`${what} the dataset says that it has only ${span} classes`, {
      kind: "text",
      text: "correct its property file, or remove it, and all labels are looked at before",
    });
  }
  throw new UnrecError(
    isClass(givenLabel)
      ? `${what} shifted past the labels of the sources before, it is too large to be told from others`
      : `${what} only whole numbers from 0 on can be shifted`,
    { kind: "text", text: "decode this dataset by itself, into a folder of its own" },
  );
}
