import { LabelCounter, labelIndices, withIndices } from "../dataset/label_index.ts";
import { requireChosen } from "../dataset/selection/require_chosen.ts";
import { UnrecError } from "../errors.ts";
import { bytesOfTask, Pool, startWorkers, thisThread, type Thread } from "../pool/pool.ts";
import { Pause, StopFlag, Stopped } from "../pool/work.ts";
import { RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import { checkSpace } from "../sink/free_space.ts";
import { eachImage, type SinkStore } from "../sink/sink.ts";
import { requireUnchanged } from "../source/file_facts.ts";
import type { Scanning, Source, StreamEnd } from "../source/source.ts";
import {
  type DecodeSetup,
  type DecodeTask,
  type LabelShift,
  startDecodeWork,
  type TaskOutcome,
} from "./decode_work.ts";
import { Journal, type OutputState, surveyOutput } from "./journal.ts";
import type { TaskLine } from "./journal_lines.ts";
import type { DecodeOptions } from "./options.ts";
import { planOf, type RunPlan } from "./run_plan.ts";
import { type DecodeReport, Tally } from "./tally.ts";

/** The journal keeps the first places of a task that the index lacks. */
const MOST_UNINDEXED = 16;

/** Whether a task was finished by an earlier run. */
type FinishedTasks = (task: DecodeTask) => boolean;

function finishedTasks(lines: readonly TaskLine[]): FinishedTasks {
  const names = new Set(lines.map(({ source, start }) => `${source} ${start}`));
  return ({ source, read }) => names.has(`${source} ${read.start}`);
}

/** About how many bytes are read of a source: its share, if not all of its images are wanted. */
function bytesToRead({ bytes = 0, imageCount = 1, numberCount = 1 }: Source): number {
  return numberCount === 0 ? bytes : Math.ceil(bytes * imageCount / numberCount);
}

/** What there is to do. */
interface Assignment {
  /** What is written. */
  plan: RunPlan;
  /** Where it goes. */
  store: SinkStore;
  /** About how many bytes a task reads. */
  taskBytes: number;
  /** What need not be done again. */
  finished: FinishedTasks;
  /** Where finished tasks are noted. */
  journal: Journal | undefined;
}

/** A decoding under way. */
export class Run {
  /** What was done so far. */
  readonly tally: Tally;
  readonly #sources: readonly Source[];
  readonly #store: SinkStore;
  readonly #options: DecodeOptions;
  readonly #jobs: number;
  /** How all are read: as the first one was asked to be. */
  readonly #scanning: Scanning;
  readonly #stop = new StopFlag();
  readonly #counter = new LabelCounter();
  /** The place of each image among those of its label, source by source; empty unless somebody asks for them. */
  readonly #indices: Uint32Array<ArrayBuffer>[] = [];
  /** Streams that were read to their ends, by the number of their source. */
  readonly #streams = new Map<number, StreamEnd>();
  readonly #turn = new Pause();

  /**
   * @param sources What is decoded, in order.
   * @param store Where it goes.
   * @param options How.
   */
  constructor(sources: readonly Source[], store: SinkStore, options: DecodeOptions) {
    this.tally = new Tally(sources.map(({ found }) => found.path));
    this.#sources = sources;
    this.#store = store;
    this.#options = options;
    const { jobs = navigator.hardwareConcurrency } = options;
    // A sink of the caller's own is used in this thread alone.
    this.#jobs = store.spec === undefined ? 1 : jobs;
    this.#scanning = sources[0]?.scanning ?? { engine: "wasm", chunkBytes: RECORD_CHUNK_BYTES };
  }

  /** Decodes. */
  async decode(): Promise<DecodeReport> {
    const { signal } = this.#options;
    const askToStop = () => this.#stop.set();
    if (signal?.aborted) askToStop();
    signal?.addEventListener("abort", askToStop);
    try {
      const plan = await this.#plan();
      return await (this.#options.dryRun ? this.#rehearse(plan) : this.#write(plan));
    } catch (error) {
      if (error instanceof Stopped) return this.tally.report({ interrupted: true });
      throw error;
    } finally {
      signal?.removeEventListener("abort", askToStop);
    }
  }

  /** What is to be written, with all that is known before. */
  async #plan(): Promise<RunPlan> {
    const { relabel = false } = this.#options;
    this.#store.check(
      this.#sources.map(({ found, imageCount, datasets }) => ({
        path: found.path,
        streamed: imageCount === undefined,
        datasets,
      })),
    );
    const plan = planOf(this.#store, this.#sources.map(({ found }) => found), relabel);
    for (const [i, source] of this.#sources.entries()) {
      const planned = plan.sources[i];
      planned.images = source.numberCount ?? null;
      planned.datasets = [...source.datasets];
      planned.guessed = source.loss([], 0) !== undefined;
      await this.#pause();
      if (relabel) planned.labelSpan = await source.labelSpan(() => this.#pause()) ?? null;
      if (this.#countsLabels) planned.counted = await this.#countLabels(i, plan) ?? null;
    }
    return plan;
  }

  /** Whether names, or what else is written, have the places of images among those of their label. */
  get #countsLabels(): boolean {
    return this.#store.asks.includes("index");
  }

  /** Counts the images of each label of a source. Returns how many have one; undefined if they are counted as they come. */
  async #countLabels(i: number, plan: RunPlan): Promise<number | undefined> {
    const { relabel, onError = "stop" } = this.#options;
    const labels = await this.#sources[i].readLabels(onError, () => this.#pause());
    if (labels === undefined) return undefined;
    this.#indices[i] = labelIndices(labels, relabel ? this.#labelShift(i, plan) : 0, this.#counter);
    return labels.reduce((count, label) => count + (Number.isNaN(label) ? 0 : 1), 0);
  }

  async #write(plan: RunPlan): Promise<DecodeReport> {
    const { onError = "stop", onResume, onRemoved, checkSpace, signal } = this.#options;
    const store = this.#store;
    store.prepare();
    using journal = store.output === undefined
      ? undefined
      : new Journal(store, plan, this.#options, onError, this.#taskBytes());
    const lines = (journal?.state.finished ?? []).filter((line) => this.#isKept(line));
    const finished = finishedTasks(lines);
    // Where files are overwritten their own room serves again, and how much that is nobody knows.
    const taskBytes = journal?.taskBytes ?? this.#taskBytes();
    if (checkSpace && journal?.state.alone) {
      await this.#checkSpace(plan, taskBytes, finished, journal.state.finished.length > 0);
    }
    if (journal !== undefined) {
      this.#sayWhatIsForgotten(journal.state, plan);
      const firstNumber = (source: number) => this.#firstNumber(source, journal.state.finished);
      if (!await journal.begin(firstNumber, { signal, onRemoved })) {
        return this.tally.report({ interrupted: true });
      }
      for (const line of lines) this.#resume(line);
    }
    const alreadyComplete = journal?.state.complete && lines.length === journal.state.finished.length;
    if (this.tally.resumed.images > 0 && !alreadyComplete) onResume?.(this.tally.resumed);
    const complete = await this.#decodeAll({ plan, store, taskBytes, finished, journal });
    if (complete) {
      this.#sources.forEach(({ found }, i) => requireUnchanged(found.path, plan.sources[i].files, found.facts()));
      journal?.finish();
    }
    return this.tally.report({ alreadyComplete, interrupted: !complete });
  }

  /** Says what {@linkcode #write} would say of what is there, and writes nothing. */
  async #rehearse(plan: RunPlan): Promise<DecodeReport> {
    const { onError = "stop", checkSpace } = this.#options;
    const store = this.#store;
    const state = store.output === undefined ? undefined : surveyOutput(store, plan, this.#options, onError);
    const taskBytes = state?.taskBytes ?? this.#taskBytes();
    const finished = finishedTasks(state?.finished ?? []);
    if (state !== undefined) {
      this.#sayWhatIsForgotten(state, plan);
      if (checkSpace && state.alone) await this.#checkSpace(plan, taskBytes, finished, state.finished.length > 0);
      for (const line of state.finished) this.#resume(line);
    }
    // Datasets say before what they hold; what archives hold is found out by reading them.
    const assignment = { plan, store: eachImage(() => {}), taskBytes, finished, journal: undefined };
    const datasets: number[] = [];
    for (const [i, source] of this.#sources.entries()) {
      if (source.imageCount !== undefined) datasets.push(i);
      else if (!await this.#decodePhase([i], assignment)) {
        return this.tally.report({ interrupted: true });
      }
      this.#close(i, plan);
    }
    requireChosen(this.tally.datasets);
    const report = this.tally.report();
    for (const { source, read } of this.#tasks(datasets, assignment)) {
      for (const bytes of this.#sources[source].imageBytes(read)) {
        report.images++;
        report.bytes += Math.max(0, bytes);
      }
    }
    return report;
  }

  #sayWhatIsForgotten({ changed, forget, alone }: OutputState, plan: RunPlan): void {
    if (forget === undefined) return;
    const { onWarning = () => {} } = this.#options;
    if (!alone) {
      onWarning(
        `what an earlier run wrote to ${this.#store.output} stays where this one does not write over it: that run had ` +
          "been told to write among other files",
      );
    } else if (changed !== undefined) {
      const what = forget === changed ? "what was written of it" : "all that was written";
      onWarning(`${plan.sources[changed].path} has changed: ${what} is removed, and it is read again`);
    }
  }

  /** Does all tasks that are not done; returns whether it came to the end. */
  async #decodeAll(assignment: Assignment): Promise<boolean> {
    for (const phase of this.#phases()) {
      if (!await this.#decodePhase(phase, assignment)) return false;
      for (const i of phase) this.#close(i, assignment.plan);
    }
    // What archives have of what is asked for is known only now.
    requireChosen(this.tally.datasets);
    return true;
  }

  /** Sources whose numbers are known before they are read, together; each other one by itself. */
  #phases(): number[][] {
    const phases: number[][] = [];
    this.#sources.forEach(({ imageCount }, i) => {
      const last = phases.at(-1);
      const goesOn = imageCount !== undefined && last !== undefined && this.#sources[last[0]].imageCount !== undefined;
      if (goesOn) last.push(i);
      else phases.push([i]);
    });
    return phases;
  }

  async #decodePhase(phase: number[], assignment: Assignment): Promise<boolean> {
    const { store, taskBytes, journal } = assignment;
    const left = this.#tasks(phase, assignment);
    let next = left.next();
    if (next.done) return true;
    let open = 0;
    const tasks = (function* () {
      for (; !next.done; next = left.next()) {
        open++;
        yield next.value;
      }
    })();
    using pool = new Pool(
      await this.#threads(phase, store, taskBytes),
      this.#stop,
      ({ source, read }: DecodeTask) =>
        `read bytes ${read.start} to ${read.end} of ${this.#sources[source].found.path}`,
    );
    await pool.run(tasks, (task, outcome) => {
      this.#take(task, outcome, journal);
      if (outcome.finished) open--;
    });
    // A signal that came after the last image has stopped nothing.
    return open === 0 && tasks.next().done === true;
  }

  *#tasks(
    phase: number[],
    { plan, taskBytes, finished }: Pick<Assignment, "plan" | "taskBytes" | "finished">,
  ): Generator<DecodeTask> {
    const { relabel } = this.#options;
    for (const source of phase) {
      const shift: LabelShift = {
        shift: this.#labelShift(source, plan),
        span: plan.sources[source].labelSpan ?? Infinity,
      };
      const firstNumber = this.#firstNumber(source);
      const indices = this.#indices[source];
      const reads = this.#sources[source].tasks(taskBytes, firstNumber);
      for (const read of indices === undefined ? reads : withIndices(reads, indices, firstNumber)) {
        const task: DecodeTask = { source, read };
        if (relabel) task.relabel = shift;
        if (this.#countsLabels && indices === undefined) task.counts = true;
        if (!finished(task)) yield task;
      }
    }
  }

  /** The number of a source's first image. */
  #firstNumber(source: number, lines: readonly TaskLine[] = []): number {
    let number = 0;
    for (let i = 0; i < source; i++) {
      const end = this.#streams.get(i) ?? lines.find((line) => line.source === i)?.stream;
      number += this.#sources[i].numberCount ?? end?.numbers ?? 0;
    }
    return number;
  }

  /** What is added to the labels of a source. */
  #labelShift(source: number, plan: RunPlan): number {
    let shift = 0;
    for (let i = 0; i < source; i++) shift += plan.sources[i].labelSpan ?? this.#streams.get(i)?.labelSpan ?? 0;
    return shift;
  }

  async #threads(
    phase: number[],
    store: SinkStore,
    taskBytes: number,
  ): Promise<Thread<DecodeTask, TaskOutcome>[]> {
    const { relabel = false, onError = "stop", onProgress = () => {}, signal } = this.#options;
    const setup: DecodeSetup = {
      readers: this.#sources.map(({ reader }) => reader),
      ...this.#scanning,
      onError,
      relabel,
      parallel: this.#jobs > 1,
      sink: store.spec,
      stop: this.#stop.word,
    };
    // A thread more than there are tasks would only cost its start; a stream is one task.
    const tasks = phase.reduce((sum, i) => {
      const source = this.#sources[i];
      return sum + (source.imageCount === undefined ? 1 : Math.ceil(bytesToRead(source) / taskBytes));
    }, 0);
    const jobs = Math.min(this.#jobs, tasks);
    if (jobs <= 1) return [thisThread(await startDecodeWork(setup, store.open(), signal), onProgress)];
    return startWorkers(jobs, "decode", setup, onProgress);
  }

  #take(task: DecodeTask, outcome: TaskOutcome, journal: Journal | undefined): void {
    const source = this.#sources[task.source];
    this.tally.add(task.source, outcome);
    for (const warning of outcome.warnings ?? []) this.#options.onWarning?.(warning);
    const unindexed = (outcome.passed ?? []).filter((offset) => source.notePassed(offset));
    if (outcome.stream !== undefined) this.#streams.set(task.source, outcome.stream);
    if (outcome.finished) journal?.add(task, outcome, unindexed.slice(0, MOST_UNINDEXED));
    const { failure } = outcome;
    if (failure === undefined) return;
    throw "problem" in failure ? source.explain(failure.problem) : new UnrecError(failure.message, ...failure.remedies);
  }

  /** Whether all is there that a task was to store beside the images. */
  #isKept({ source, stream }: TaskLine): boolean {
    return stream === undefined || this.#sources[source].isKept?.(stream) !== false;
  }

  /** Counts what an earlier run has done. */
  #resume(line: TaskLine): void {
    this.tally.addResumed(line);
    for (const offset of line.unindexed ?? []) this.#sources[line.source].notePassed(offset);
    if (line.stream !== undefined) this.#streams.set(line.source, line.stream);
  }

  /** Takes into the report what is known of a source when all of it was read. */
  #close(i: number, plan: RunPlan): void {
    const source = this.#sources[i];
    const datasets = [...source.datasets, ...this.#streams.get(i)?.datasets ?? []];
    this.tally.datasets.push(...datasets);
    this.tally.compareProperty(i, datasets, this.#options.relabel ? this.#labelShift(i, plan) : 0);
    const loss = source.loss(this.tally.lostOf(i), this.#firstNumber(i));
    if (loss !== undefined) this.tally.lost.push(loss);
  }

  /** About how many bytes a task reads. */
  #taskBytes(): number {
    const bytes = this.#sources.reduce((sum, source) => sum + bytesToRead(source), 0);
    return bytesOfTask(bytes, this.#jobs, this.#scanning.chunkBytes);
  }

  async #checkSpace(plan: RunPlan, taskBytes: number, finished: FinishedTasks, goesOn: boolean): Promise<void> {
    const { relabel } = this.#options;
    let labels = 0;
    for (const source of this.#sources) {
      const own = await source.labels() ?? 0;
      labels = relabel ? labels + own : Math.max(labels, own);
    }
    // Tasks are handed out in order, one a job: those that the run before had begun are there in part.
    let begun = goesOn ? this.#jobs : 0;
    const sources = this.#sources;
    const tasks = this.#tasks(sources.map((_, i) => i), { plan, taskBytes, finished });
    checkSpace(this.#store, {
      labels,
      imageBytes: (function* () {
        for (const { source, read } of tasks) if (begun-- <= 0) yield* sources[source].imageBytes(read);
      })(),
    });
  }

  /** Lets signals and displays have their turn now and then. */
  #pause(): Promise<void> | undefined {
    if (this.#stop.isSet) throw new Stopped();
    return this.#turn.isDue ? this.#turn.take() : undefined;
  }
}
