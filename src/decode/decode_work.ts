import { noTraffic, type Traffic, trafficSince } from "../bytes/traffic.ts";
import { isClass } from "../dataset/classes.ts";
import { KindCounter, type TaskKinds } from "../dataset/image_kinds.ts";
import { LabelCounter } from "../dataset/label_index.ts";
import { LabelSet } from "../dataset/label_set.ts";
import type { OnError } from "../dataset/layout.ts";
import { addLostRange, type LostRange } from "../dataset/loss.ts";
import { numberAt, type ReadTask } from "../dataset/plan.ts";
import { UnrecError } from "../errors.ts";
import { type Progress, type Steps, StopFlag, Stopped, type Work } from "../pool/work.ts";
import { labelProblem } from "../recordio/label_kind.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";
import type { RecordView } from "../recordio/record_view.ts";
import type { EngineName, RecordScanner } from "../recordio/types.ts";
import type { Receipt, Sink, SinkSpec, SinkTask } from "../sink/sink.ts";
import { makeSink } from "../sink/sinks.ts";
import type { ReaderContext, ReaderSpec, RecordTaker, SourceReader, StreamEnd } from "../source/source.ts";
import { makeReader } from "../source/sources.ts";
import { loadEngine } from "../wasm/load_engine.ts";
import { failureOf, type TaskFailure } from "./task_failure.ts";

/** How labels of a source are shifted. */
export interface LabelShift {
  /** What is added to them. */
  shift: number;
  /** They are whole numbers from 0 to one less than this. */
  span: number;
}

/** Images of one source that are to be written. Plain data. */
export interface TaskPart {
  /** Which source, from 0. */
  source: number;
  /** Which of its records. */
  reads: ReadTask[];
  /** How labels are shifted, if they are. */
  relabel?: LabelShift;
  /** Whether the images of each label are counted as they come, where a stream is read and somebody asks for that. */
  counts?: true;
}

/** Images that are to be written. Plain data. */
export interface DecodeTask {
  /** The number of the first image within its source: with the source that tells the task from others. */
  first: number;
  /** The images, source by source; at least one. */
  parts: TaskPart[];
  /** What becomes of them, if they are to be written in reading order. */
  file?: SinkTask;
}

/** What is needed to do {@linkcode DecodeTask}s. Plain data. */
export interface DecodeSetup {
  /** How each source is read. */
  readers: readonly ReaderSpec[];
  /** What each source is called, without its folder. */
  names: readonly string[];
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

/** What came of a part of a task. Plain data. */
export interface PartOutcome extends Written {
  /** Which source, from 0. */
  source: number;
  /** Of which kinds they are. */
  kinds: TaskKinds;
  /** How many of them were stored in several parts. */
  multiPartImages: number;
  /** Their labels, each once. */
  labels: Float64Array<ArrayBuffer>;
  /** Images that could not be read and were left out. */
  lost?: LostRange[];
  /** Places after wanted records where another record should begin. */
  passed?: number[];
  /** What is known only when all of a stream was read. */
  stream?: StreamEnd;
  /** What went over a network. */
  traffic?: Traffic;
}

/** What came of a task. Plain data. */
export interface TaskOutcome {
  /** What came of its parts, those that were begun. */
  parts: PartOutcome[];
  /** Whether all images of the task are written and their files closed. */
  finished?: true;
  /** What the sink said of what it wrote. */
  receipts?: Receipt[];
  /** Seconds it took to make them durable. */
  syncSeconds?: number;
  /** Oddities, in sentences. */
  warnings?: string[];
  /** Why the task ended early: a record of its last part that cannot be read, or what else went wrong. */
  failure?: TaskFailure;
}

/**
 * Makes what does {@linkcode DecodeTask}s in this thread.
 *
 * @param setup What it needs.
 * @param sink Takes the images; made from the setup if it is not given.
 */
export async function startDecodeWork(
  setup: DecodeSetup,
  sink?: Sink,
): Promise<Work<DecodeTask, TaskOutcome>> {
  const { relabel, parallel } = setup;
  const engine = await loadEngine(setup.engine);
  const scanner = engine.createRecordScanner(setup.chunkBytes);
  return new DecodeWork(setup, sink ?? await makeSink(setup.sink!), {
    engine,
    scanner,
    relabel,
    parallel,
    signal: new StopFlag(setup.stop).signal(),
    warn() {},
  });
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
   * Reads the images of a task and gives them to the sink, as views of the scanner's memory where they come as they are
   * wanted. Ends early, with all images before it in the file written, at the first one that cannot be written or, unless
   * such ones are left out, read, or when asked to stop.
   */
  async *run(task: DecodeTask): Steps<TaskOutcome> {
    const outcome: TaskOutcome = { parts: [] };
    const warnings: string[] = [];
    this.#context.warn = (message) => void warnings.push(message);
    const sink = this.#sink;
    const waiting: RecordView[] = [];
    const write = task.file === undefined || isInOrder(task)
      ? (view: RecordView) => sink.write(view)
      : (view: RecordView) => void waiting.push(view.copy());
    try {
      sink.begin?.(task.file ?? EACH_BY_ITSELF);
      for (const part of task.parts) yield* this.#readPart(part, write, outcome.parts);
      waiting.sort((a, b) => a.number - b.number);
      for (const view of waiting) {
        this.#requireGoesOn();
        sink.write(view);
      }
      Object.assign(outcome, sink.finish?.(), { finished: true });
    } catch (error) {
      sink.abandon?.();
      outcome.failure = failureOf(error);
    }
    if (warnings.length > 0) outcome.warnings = warnings;
    return outcome;
  }

  /** Reads the images of a part. What came of it is added to `outcomes`, whatever ends it. */
  async *#readPart(
    { source, reads, relabel, counts }: TaskPart,
    take: (view: RecordView) => void,
    outcomes: PartOutcome[],
  ): Steps<void> {
    const { progress } = this;
    const outcome: PartOutcome = {
      source,
      images: 0,
      bytes: 0,
      kinds: { counts: {} },
      multiPartImages: 0,
      labels: new Float64Array(),
    };
    outcomes.push(outcome);
    const kinds = new KindCounter();
    const counter = counts ? new LabelCounter() : undefined;
    const labels = new LabelSet();
    const lost: LostRange[] = [];
    const passed: number[] = [];

    const lose = (problem: RecordProblem, number: number) =>
      addLostRange(lost, { number, images: 1, problem, lastOffset: problem.offset });
    const write = (view: RecordView) => {
      this.#requireGoesOn();
      const { length, parts } = view;
      const problem = labelProblem(view);
      if (problem !== undefined) {
        if (taker.lost === undefined) throw new RecordError(problem);
        return taker.lost(problem, view.number);
      }
      view.source = name;
      view.labelShift = relabel === undefined ? 0 : relabel.shift + reader.labelShift;
      if (relabel !== undefined) requireWithin(view, relabel.span);
      if (counter !== undefined) view.index = counter.count(view.label);
      take(view);
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
    const name = this.#setup.names[source];
    const reader = this.#readers[source] ??= await makeReader(this.#setup.readers[source], this.#context);
    const readBefore = progress.read;
    const trafficBefore = reader.traffic && { ...reader.traffic };
    try {
      for (const read of reads) {
        const reading = reader.run(read, taker);
        for (;;) {
          const next = reading.next();
          const step = next instanceof Promise ? await next : next;
          progress.read = readBefore + reader.read;
          if (step.done) {
            if (step.value) outcome.stream = step.value;
            break;
          }
          yield;
        }
      }
    } finally {
      outcome.labels = Float64Array.from(labels);
      outcome.kinds = kinds.kinds;
      if (lost.length > 0) outcome.lost = lost;
      if (passed.length > 0) outcome.passed = passed;
      if (reader.traffic !== undefined) outcome.traffic = trafficSince(reader.traffic, trafficBefore ?? noTraffic());
    }
  }

  #requireGoesOn(): void {
    if (this.#stop.isSet) throw new Stopped();
  }

  /** Closes the files and gives the scanner's memory back. */
  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader?.[Symbol.dispose]();
    this.#scanner.close();
  }
}

/** What a sink is told where each image is written by itself. */
const EACH_BY_ITSELF: SinkTask = { goesOn: false };

/** Whether the images of a task come in reading order. */
function isInOrder({ parts }: DecodeTask): boolean {
  let before = -1;
  for (const { reads } of parts) {
    for (const { numbers, offsets } of reads) {
      for (let i = 0; i < offsets.length; i++) {
        const number = numberAt(numbers, i);
        if (number <= before) return false;
        before = number;
      }
    }
  }
  return true;
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
