import { basename, dirname, resolve } from "node:path";
import { LabelCounter, labelIndices } from "../dataset/label_index.ts";
import { requireChosen } from "../dataset/selection/require_chosen.ts";
import { UnrecError } from "../errors.ts";
import { bytesOfTask, Pool, startWorkers, thisThread, type Thread } from "../pool/pool.ts";
import { Pause, StopFlag, Stopped } from "../pool/work.ts";
import { RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import { checkSpace } from "../sink/free_space.ts";
import { eachImage, type Receipt, type Sink, type SinkStore } from "../sink/sink.ts";
import type { SpillSpec } from "../sink/spill_sink.ts";
import { requireUnchanged } from "../source/file_facts.ts";
import type { FoundSource, Scanning, Source } from "../source/source.ts";
import { type DecodeSetup, type DecodeTask, startDecodeWork, type TaskOutcome } from "./decode_work.ts";
import { Journal } from "./journal.ts";
import { MOST_TASK_BYTES, type TaskLine, taskName } from "./journal_lines.ts";
import { merge } from "./merge.ts";
import type { MergeTask } from "./merge_work.ts";
import type { DecodeOptions } from "./options.ts";
import { type OutputState, surveyOutput } from "./output_state.ts";
import { planOf, type RunPlan } from "./run_plan.ts";
import { RunTasks } from "./run_tasks.ts";
import { requireSharable } from "./shares.ts";
import type { ShufflePlan } from "./shuffle_plan.ts";
import { type DecodeReport, Tally } from "./tally.ts";
import { WorkSize } from "./work_size.ts";

/** The journal keeps the first places of a task that the index lacks. */
const MOST_UNINDEXED = 16;

/** About how many bytes a thread holds in memory while what is shuffled is read, and while it is written. */
const SPILL_BYTES = 3 * 2 ** 26;
const PIECE_BYTES = 3 * 2 ** 24;

/** More threads would hold more memory than a machine may have, and a disk has enough to do with these. */
const MOST_SHUFFLING = 2;

/** What there is to do. */
interface Assignment {
  /** What is to be written, cut into tasks. */
  tasks: RunTasks;
  /** Where it goes. */
  store: SinkStore;
  /** About how many bytes a task reads. */
  taskBytes: number;
  /** What need not be done again. */
  finished: ReadonlySet<string>;
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
  /** What the sink said of all that is whole. */
  readonly #receipts: Receipt[] = [];
  /** The one that all tasks write to, one after the other, if they do. */
  #sink: Sink | undefined;
  readonly #turn = new Pause();
  readonly #size: WorkSize;

  /**
   * @param sources What is decoded, in order.
   * @param store Where it goes.
   * @param options How.
   */
  constructor(sources: readonly Source[], store: SinkStore, options: DecodeOptions) {
    this.tally = new Tally(sources.map(({ found }) => found));
    this.#sources = sources;
    this.#size = new WorkSize(sources);
    this.#store = store;
    this.#options = options;
    const { jobs = navigator.hardwareConcurrency } = options;
    // A sink of the caller's own is used in this thread alone. What is shuffled is held in memory by each.
    this.#jobs = store.spec === undefined ? 1 : store.shuffle === undefined ? jobs : Math.min(jobs, MOST_SHUFFLING);
    this.#scanning = sources[0]?.scanning ?? { engine: "wasm", chunkBytes: RECORD_CHUNK_BYTES };
  }

  /** Decodes. */
  async decode(): Promise<DecodeReport> {
    const { signal } = this.#options;
    const askToStop = () => this.#stop.set();
    if (signal?.aborted) askToStop();
    signal?.addEventListener("abort", askToStop);
    try {
      const [plan, tasks] = await this.#plan();
      return await (this.#options.dryRun ? this.#rehearse(plan, tasks) : this.#write(plan, tasks));
    } catch (error) {
      if (error instanceof Stopped) return this.tally.report({ interrupted: true });
      throw error;
    } finally {
      this.#sink?.abandon?.();
      // Where there is no journal, nobody goes on with it.
      if (this.#store.output === undefined) this.#store.tidy?.();
      signal?.removeEventListener("abort", askToStop);
    }
  }

  /** What is to be written, with all that is known before. */
  async #plan(): Promise<[RunPlan, RunTasks]> {
    const { relabel = false, share } = this.#options;
    this.#store.requirePlace?.();
    this.#store.check(
      this.#sources.map(({ found, imageCount, datasets }) => ({
        path: found.path,
        streamed: imageCount === undefined,
        datasets,
      })),
    );
    const plan = planOf(this.#store, this.#sources.map(({ found }) => found), relabel);
    const tasks = new RunTasks(this.#sources, this.#store, plan, share);
    if (share !== undefined) {
      const inSequence = tasks.shuffle?.inSequence ?? tasks.inSequence;
      requireSharable(this.#sources, inSequence, this.#store.output);
      this.#options.onShare?.(tasks.images);
    }
    for (const [i, source] of this.#sources.entries()) {
      const planned = plan.sources[i];
      planned.images = source.numberCount ?? null;
      planned.datasets = [...source.datasets];
      planned.guessed = await source.loss([], 0) !== undefined;
      await this.#pause();
      if (relabel) planned.labelSpan = await source.labelSpan(() => this.#pause()) ?? null;
      if (tasks.countsLabels) planned.counted = await this.#countLabels(i, tasks) ?? null;
    }
    return [plan, tasks];
  }

  /** Counts the images of each label of a source. Returns how many have one; undefined if they are counted as they come. */
  async #countLabels(i: number, tasks: RunTasks): Promise<number | undefined> {
    const { onError = "stop" } = this.#options;
    const labels = await this.#sources[i].readLabels(onError, () => this.#pause());
    if (labels === undefined) return undefined;
    tasks.indices[i] = labelIndices(labels, tasks.labelShift(i), this.#counter);
    return labels.reduce((count, label) => count + (Number.isNaN(label) ? 0 : 1), 0);
  }

  async #write(plan: RunPlan, tasks: RunTasks): Promise<DecodeReport> {
    const { onError = "stop", onResume, onRemoved, checkSpace, signal, share } = this.#options;
    const store = this.#store;
    store.prepare();
    using journal = store.output === undefined
      ? undefined
      : new Journal(store, plan, this.#options, onError, this.#taskBytes());
    const before = journal?.state.finished ?? [];
    const kept = before.filter((line) => this.#isKept(line));
    // What was written one after the other counts as a whole.
    const lines = tasks.inSequence && kept.length < before.length ? [] : kept;
    const finished = new Set(lines.map(taskName));
    // Where files are overwritten their own room serves again, and how much that is nobody knows.
    const taskBytes = journal?.taskBytes ?? this.#taskBytes();
    if (checkSpace && journal?.state.alone) {
      await this.#checkSpace(tasks, taskBytes, finished, journal.state.finished.length > 0);
    }
    if (journal !== undefined) {
      this.#sayWhatIsForgotten(journal.state, plan);
      const firstNumber = (source: number) => tasks.firstNumber(source, journal.state.finished);
      if (!await journal.begin(firstNumber, { signal, onRemoved })) {
        return this.tally.report({ interrupted: true });
      }
      for (const line of lines) this.#resume(line, tasks);
    }
    const alreadyComplete = journal?.state.complete && lines.length === journal.state.finished.length;
    if (this.tally.resumed.images > 0 && !alreadyComplete) onResume?.(this.tally.resumed);
    const complete = await this.#decodeAll({ tasks, store, taskBytes, finished, journal });
    if (complete) {
      this.#sources.forEach(({ found }, i) => requireUnchanged(found.path, plan.sources[i].files, found.facts()));
      // Of several shares, who finishes the whole does.
      const odd = share === undefined ? await store.conclude?.(this.#receipts, this.tally.labels) : undefined;
      for (const warning of odd ?? []) this.#options.onWarning?.(warning);
      journal?.finish();
      store.tidy?.(share === undefined ? undefined : this.#receipts);
    }
    return this.tally.report({ alreadyComplete, interrupted: !complete });
  }

  /** Says what {@linkcode #write} would say of what is there, and writes nothing. */
  async #rehearse(plan: RunPlan, tasks: RunTasks): Promise<DecodeReport> {
    const { onError = "stop", checkSpace } = this.#options;
    const store = this.#store;
    const state = store.output === undefined ? undefined : surveyOutput(store, plan, this.#options, onError);
    const taskBytes = state?.taskBytes ?? this.#taskBytes();
    const finished = new Set(state?.finished.map(taskName));
    if (state !== undefined) {
      this.#sayWhatIsForgotten(state, plan);
      if (checkSpace && state.alone) await this.#checkSpace(tasks, taskBytes, finished, state.finished.length > 0);
      for (const line of state.finished) this.#resume(line, tasks);
    }
    // Datasets say before what they hold; what archives hold is found out by reading them.
    const assignment = { tasks, store: eachImage(() => {}), taskBytes, finished, journal: undefined };
    const datasets: number[] = [];
    for (const [i, source] of this.#sources.entries()) {
      if (source.imageCount !== undefined) datasets.push(i);
      else if (!await this.#decodePhase([i], assignment)) {
        return this.tally.report({ interrupted: true });
      }
      await this.#close(i, tasks);
    }
    requireChosen(this.tally.datasets);
    const report = this.tally.report();
    for (const task of tasks.tasks(datasets, taskBytes, finished)) {
      for (const bytes of this.#size.imagesOf(task)) {
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
    const { tasks, store } = assignment;
    if (tasks.inSequence) this.#sink = await store.open(this.#receipts);
    for (const phase of tasks.phases()) {
      if (!await this.#decodePhase(phase, assignment)) return false;
      for (const i of phase) await this.#close(i, tasks);
    }
    // What archives have of what is asked for is known only now.
    requireChosen(this.tally.datasets);
    return tasks.shuffle === undefined || await this.#merge(tasks.shuffle, assignment);
  }

  /** Writes in shuffled order what was set aside. */
  #merge(plan: ShufflePlan, { tasks, finished, journal }: Assignment): Promise<boolean> {
    const { onMerge = () => {}, onProgress = () => {} } = this.#options;
    return merge({
      ...{ plan, finished, onProgress, onBegin: onMerge, stop: this.#stop, jobs: this.#jobs },
      store: this.#store.shuffle!.store,
      spills: this.#store.spec as SpillSpec,
      receipts: this.#receipts,
      heldImages: Math.floor(PIECE_BYTES / this.#size.imageBytes),
      take: (task, outcome) => this.#take(task, outcome, tasks, journal),
      pause: () => this.#pause(),
    });
  }

  async #decodePhase(phase: number[], assignment: Assignment): Promise<boolean> {
    const { store, taskBytes, finished, journal } = assignment;
    const left = assignment.tasks.tasks(phase, taskBytes, finished);
    let next = left.next();
    if (next.done) return true;
    let open = 0;
    const begun = (function* () {
      for (; !next.done; next = left.next()) {
        open++;
        yield next.value;
      }
    })();
    using pool = new Pool(
      await this.#threads(phase, store, taskBytes),
      this.#stop,
      ({ parts: [{ source, reads: [read] }] }: DecodeTask) =>
        `read from byte ${read.start} on of ${this.#sources[source].found.path}`,
    );
    await pool.run(begun, (task, outcome) => {
      this.#take(task, outcome, assignment.tasks, journal);
      if (outcome.finished) open--;
    });
    // A signal that came after the last image has stopped nothing.
    return open === 0 && begun.next().done === true;
  }

  async #threads(
    phase: number[],
    store: SinkStore,
    taskBytes: number,
  ): Promise<Thread<DecodeTask, TaskOutcome>[]> {
    const { relabel = false, onError = "stop", onProgress = () => {} } = this.#options;
    const setup: DecodeSetup = {
      readers: this.#sources.map(({ reader }) => reader),
      names: this.#sources.map(({ found }) => nameOf(found)),
      ...this.#scanning,
      onError,
      relabel,
      // Even where one thread takes all images, another one can inflate what it reads.
      parallel: (this.#options.jobs ?? navigator.hardwareConcurrency) > 1,
      sink: store.spec,
      stop: this.#stop.word,
    };
    // A thread more than there are tasks would only cost its start.
    const jobs = Math.min(this.#jobs, this.#size.tasks(phase, taskBytes));
    if (jobs <= 1 || this.#sink !== undefined) {
      return [thisThread(await startDecodeWork(setup, this.#sink ?? await store.open()), onProgress)];
    }
    return startWorkers(jobs, "decode", setup, onProgress);
  }

  #take(task: DecodeTask | MergeTask, outcome: TaskOutcome, tasks: RunTasks, journal: Journal | undefined): void {
    const file = "files" in task ? task.files[task.files.length - 1] : task.file;
    // Of a file that is not whole nothing stays.
    const counts = outcome.finished || file === undefined;
    const unindexed = outcome.parts.map((part) => {
      if (counts) this.tally.add(part);
      if (part.stream !== undefined) tasks.streams.set(part.source, part.stream);
      const source = this.#sources[part.source];
      return (part.passed ?? []).filter((offset) => source.notePassed(offset)).slice(0, MOST_UNINDEXED);
    });
    this.tally.syncSeconds += outcome.syncSeconds ?? 0;
    for (const warning of outcome.warnings ?? []) this.#options.onWarning?.(warning);
    this.#receipts.push(...outcome.receipts ?? []);
    if (outcome.finished) journal?.add(task, file?.goesOn ?? false, outcome, unindexed);
    const { failure } = outcome;
    if (failure === undefined) return;
    if (!("problem" in failure)) throw new UnrecError(failure.message, ...failure.remedies);
    throw this.#sources[outcome.parts[outcome.parts.length - 1].source].explain(failure.problem);
  }

  /** Whether all is there that a task was to store beside the images. */
  #isKept({ parts }: TaskLine): boolean {
    return parts.every(({ source, stream }) =>
      stream === undefined || this.#sources[source].isKept?.(stream) !== false
    );
  }

  /** Counts what an earlier run has done. */
  #resume({ parts, receipts }: TaskLine, tasks: RunTasks): void {
    this.#receipts.push(...receipts);
    for (const part of parts) {
      this.tally.addResumed(part);
      for (const offset of part.unindexed ?? []) this.#sources[part.source].notePassed(offset);
      if (part.stream !== undefined) tasks.streams.set(part.source, part.stream);
    }
  }

  /** Takes into the report what is known of a source when all of it was read. */
  async #close(i: number, tasks: RunTasks): Promise<void> {
    const source = this.#sources[i];
    const datasets = [...source.datasets, ...tasks.streams.get(i)?.datasets ?? []];
    this.tally.datasets.push(...datasets);
    this.tally.labelShifts[i] = tasks.labelShift(i);
    // A share has not all labels.
    if (this.#options.share === undefined) this.tally.compareProperty(i, datasets, tasks.labelShift(i));
    const loss = await source.loss(this.tally.lostOf(i), tasks.firstNumber(i));
    if (loss !== undefined) this.tally.lost.push(loss);
  }

  /** About how many bytes a task reads. */
  #taskBytes(): number {
    const { bytes } = this.#size;
    if (this.#store.shuffle === undefined) return bytesOfTask(bytes, this.#jobs, this.#scanning.chunkBytes);
    // A share has few of the images that lie there.
    const { count: shares = 1 } = this.#options.share ?? {};
    return Math.min(MOST_TASK_BYTES, shares * bytesOfTask(bytes, this.#jobs, SPILL_BYTES / 4));
  }

  async #checkSpace(
    tasks: RunTasks,
    taskBytes: number,
    finished: ReadonlySet<string>,
    goesOn: boolean,
  ): Promise<void> {
    // Tasks are handed out in order, one a job: those that the run before had begun are there in part.
    let begun = goesOn ? this.#jobs : 0;
    const size = this.#size;
    const left = tasks.tasks([...this.#sources.keys()], taskBytes, finished);
    checkSpace(this.#store, {
      labels: await size.labels(this.#options.relabel ?? false),
      imageBytes: (function* () {
        for (const task of left) if (begun-- <= 0) yield* size.imagesOf(task);
      })(),
    });
  }

  /** Lets signals and displays have their turn now and then. */
  #pause(): Promise<void> | undefined {
    if (this.#stop.isSet) throw new Stopped();
    return this.#turn.isDue ? this.#turn.take() : undefined;
  }
}

/** What a source is called wherever it is: `faces` for `faces/train.rec` and for `faces.rec`. */
function nameOf({ path, paths: [first = path] }: FoundSource): string {
  const file = resolve(first);
  return basename(file) === "train.rec" ? basename(dirname(file)) : basename(file, ".rec");
}
