import { Archive } from "../archive/archive.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { OnError } from "../dataset/layout.ts";
import { RefusedError, systemReason, UnrecError } from "../errors.ts";
import { RecordError } from "../recordio/problem.ts";
import { FolderSink, type FolderSinkOptions } from "../sink/folder_sink.ts";
import type { ImageSink } from "../sink/image_sink.ts";
import { DatasetLoss } from "./dataset_loss.ts";
import type { TaskOutcome, Written } from "./image_writer.ts";
import type { Journal, JournalOptions } from "./journal.ts";
import { LocalHost } from "./local_host.ts";
import { startJournal } from "./start_journal.ts";
import { decodedDataset, type DecodeReport, Tally } from "./tally.ts";
import type { ProgressListener, TaskHost } from "./task_host.ts";
import { type DecodeTask, type RunnerSetup, TaskRunner } from "./task_runner.ts";
import type { WorkerSetup } from "./worker.ts";
import { WorkerHost } from "./worker_host.ts";

/** Options of {@linkcode decode}. */
export interface DecodeOptions {
  /**
   * How many threads read and write. More than the machine has cores gains nothing.
   *
   * @default {navigator.hardwareConcurrency}
   */
  jobs?: number;
  /**
   * Shift the labels of each dataset past the highest one of those before it, so that no two datasets share a folder.
   *
   * @default {false}
   */
  relabel?: boolean;
  /**
   * Whether a record that cannot be read ends the decoding, or is left out and reported. Archives end it in any case.
   *
   * @default {"stop"}
   */
  onError?: OnError;
  /**
   * Keep a journal in the output folder, `.unrec-journal`: if the decoding does not come to its end, the same call goes
   * on where it ended. Without one the folder's images are overwritten. Not for a sink of your own.
   */
  journal?: JournalOptions;
  /**
   * Whether to look, before the first image is written, if the file system of the output folder has room for all. Needs
   * a journal.
   *
   * @default {false}
   */
  checkSpace?: boolean;
  /** Told, before the first image is written, what earlier runs have written, if there is any. */
  onResume?: (resumed: Written) => void;
  /** Stops the decoding when it is aborted; images begun are finished. */
  signal?: AbortSignal;
  /** Told, in a sentence, of what is passed over in an archive. */
  onWarning?: (message: string) => void;
  /** Told, several times a second, what was written since it was told last. */
  onProgress?: ProgressListener;
}

/** The error that {@linkcode decode} ends with. It knows what was written before. */
export class DecodeError extends UnrecError {
  /** The name of the class. */
  override name = "DecodeError";
  /** What was written, each image whole. */
  readonly report: DecodeReport;

  /**
   * Made by {@linkcode decode}.
   *
   * @param message What went wrong.
   * @param report What was written.
   */
  constructor(message: string, report: DecodeReport) {
    super(message);
    this.report = report;
  }
}

/**
 * Writes all images of datasets and archives, numbered on over all of them in the order given and, in each, in the order
 * of its layout.
 *
 * @example
 * ```ts ignore
 * import { decode, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("faces_glint360k");
 * console.log(await decode([dataset], "images"));
 * ```
 *
 * @param sources What to decode.
 * @param output A folder, made if need be, that gets the tree `id_<label>/<label>_<number>.jpg`; or a sink of your own,
 * which is used from this thread alone.
 * @param options How.
 * @returns What was written.
 * @throws {DecodeError} At the first record that cannot be read or image that cannot be written; and after the last
 * image of an archive, if they did not come in reading order.
 */
export async function decode(
  sources: readonly (Dataset | Archive)[],
  output: string | ImageSink,
  options: DecodeOptions = {},
): Promise<DecodeReport> {
  const { signal } = options;
  const tally = new Tally();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const askToStop = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) askToStop();
  signal?.addEventListener("abort", askToStop);
  let complete = true;
  using opened = new DisposableStack();
  try {
    if (typeof output === "string") makeFolder(output);
    const journal = typeof output !== "string" || options.journal === undefined
      ? undefined
      : opened.use(startJournal(sources, output, options.journal, options));
    let firstDataset = 0;
    let firstOrdinal = 0;
    for (const group of groupsOf(sources)) {
      if (Atomics.load(stop, 0) !== 0) complete = false;
      if (!complete) break;
      if (Array.isArray(group)) {
        complete = await decodeDatasets(group, output, { options, tally, stop, firstDataset, firstOrdinal, journal });
        firstDataset += group.length;
        firstOrdinal += imagesOf(group);
      } else {
        // Loaded when there is one: only this needs the library for tar.
        const { decodeArchive } = await import("./decode_archive.ts");
        const before = tally.images;
        const sink: ImageSink = typeof output === "string" ? new FolderSink(output, options.journal) : output;
        firstDataset += await decodeArchive(group, {
          sink,
          tally,
          firstDataset,
          firstOrdinal,
          relabel: options.relabel ?? false,
          jobs: jobsOf(options),
          stop,
          signal,
          onProgress: options.onProgress ?? (() => {}),
          onWarning: options.onWarning ?? (() => {}),
        });
        tally.addSyncSeconds(sink.flush?.() ?? 0);
        firstOrdinal += tally.images - before;
        complete = Atomics.load(stop, 0) === 0;
      }
    }
    if (complete) journal?.finish(tally.report(false));
  } catch (error) {
    throw error instanceof UnrecError && !(error instanceof RefusedError)
      ? new DecodeError(error.message, tally.report(false))
      : error;
  } finally {
    signal?.removeEventListener("abort", askToStop);
  }
  return tally.report(!complete);
}

/** Neighbouring datasets are decoded together, archives one by one. */
function groupsOf(sources: readonly (Dataset | Archive)[]): (Dataset[] | Archive)[] {
  const groups: (Dataset[] | Archive)[] = [];
  for (const source of sources) {
    const last = groups.at(-1);
    if (source instanceof Archive) groups.push(source);
    else if (Array.isArray(last)) last.push(source);
    else groups.push([source]);
  }
  return groups;
}

/** What the groups of one decoding share. */
interface GroupRun {
  options: DecodeOptions;
  tally: Tally;
  stop: Int32Array<SharedArrayBuffer>;
  firstDataset: number;
  firstOrdinal: number;
  journal: Journal | undefined;
}

/** Decodes datasets with threads for their tasks. Returns whether it came to the end. */
async function decodeDatasets(
  datasets: readonly Dataset[],
  output: string | ImageSink,
  { options, tally, stop, firstDataset, firstOrdinal, journal }: GroupRun,
): Promise<boolean> {
  const { relabel = false, onError = "stop", onProgress = () => {} } = options;
  const setup: RunnerSetup = {
    files: datasets.map((dataset) => dataset.path),
    engine: datasets[0].engine,
    chunkBytes: datasets[0].chunkBytes,
    onError,
    stop,
  };
  const imagesBefore = tally.images;
  const hosts = await startHosts(setup, output, options.journal, jobsFor(datasets, options), onProgress);

  let failure: unknown;
  async function feed(host: TaskHost<DecodeTask, TaskOutcome>, tasks: Generator<DecodeTask>): Promise<void> {
    try {
      for (const task of tasks) {
        if (Atomics.load(stop, 0) !== 0) return;
        const outcome = await host.run(task);
        tally.add(firstDataset + task.dataset, outcome);
        if (outcome.finished) journal?.add({ ...task, dataset: firstDataset + task.dataset }, outcome);
        if (outcome.failure !== undefined) throw errorOf(outcome.failure, datasets[task.dataset]);
      }
    } catch (error) {
      failure ??= error;
      Atomics.store(stop, 0, 1);
    }
  }
  try {
    // With `relabel` a dataset's labels depend on what the ones before it turned out to have.
    for (const phase of relabel ? datasets.map((_, i) => [i]) : [datasets.map((_, i) => i)]) {
      const labelShift = relabel ? tally.nextLabel : 0;
      for (const i of phase) {
        for (const outcome of journal?.outcomesOf(firstDataset + i) ?? []) tally.addResumed(firstDataset + i, outcome);
      }
      const tasks = unfinished(tasksOf(datasets, phase, firstOrdinal, labelShift), firstDataset, journal);
      await Promise.all(hosts.map((host) => feed(host, tasks)));
    }
  } finally {
    for (const host of hosts) host.close();
  }
  if (failure !== undefined) throw failure;
  tally.datasets.push(...datasets.map(decodedDataset));
  const losses = lossesOf(datasets, tally, firstDataset, firstOrdinal);
  tally.lost.push(...losses.filter(({ images }) => images > 0));
  return tally.images - imagesBefore + losses.reduce((sum, { images }) => sum + images, 0) === imagesOf(datasets);
}

function jobsOf({ jobs = navigator.hardwareConcurrency }: DecodeOptions): number {
  return jobs;
}

/** A thread more than there are tasks would only cost its start. */
function jobsFor(datasets: readonly Dataset[], options: DecodeOptions): number {
  const tasks = datasets.reduce((sum, { bytes, taskBytes }) => sum + Math.ceil(bytes / taskBytes), 0);
  return Math.max(1, Math.min(jobsOf(options), tasks));
}

async function startHosts(
  setup: RunnerSetup,
  output: string | ImageSink,
  sinkOptions: FolderSinkOptions = {},
  jobs: number,
  onProgress: ProgressListener,
): Promise<TaskHost<DecodeTask, TaskOutcome>[]> {
  if (typeof output !== "string") return [new LocalHost(await TaskRunner.create(setup, output), onProgress)];
  if (jobs === 1) {
    return [new LocalHost(await TaskRunner.create(setup, new FolderSink(output, sinkOptions)), onProgress)];
  }
  return Array.from({ length: jobs }, () => {
    // `deno compile` embeds the worker by this very expression.
    const worker = new Worker(new URL("./worker.ts", import.meta.url).href, { type: "module" });
    const workerSetup = { setup, output, options: sinkOptions };
    return new WorkerHost<WorkerSetup, DecodeTask, TaskOutcome>(worker, workerSetup, onProgress);
  });
}

function* tasksOf(
  datasets: readonly Dataset[],
  chosen: number[],
  firstOrdinal: number,
  labelShift: number,
): Generator<DecodeTask> {
  for (const i of chosen) {
    for (const task of datasets[i].imageTasks(firstOrdinal + imagesOf(datasets.slice(0, i)))) {
      yield { ...task, dataset: i, labelShift };
    }
  }
}

/** Leaves out what an earlier run has finished. */
function* unfinished(
  tasks: Generator<DecodeTask>,
  firstDataset: number,
  journal: Journal | undefined,
): Generator<DecodeTask> {
  for (const task of tasks) {
    if (!journal?.has({ ...task, dataset: firstDataset + task.dataset })) yield task;
  }
}

function imagesOf(datasets: readonly Dataset[]): number {
  return datasets.reduce((sum, { layout }) => sum + layout.images, 0);
}

function lossesOf(
  datasets: readonly Dataset[],
  tally: Tally,
  firstDataset: number,
  firstOrdinal: number,
): DatasetLoss[] {
  return datasets.map((dataset, i) =>
    new DatasetLoss(dataset, tally.lostOf(firstDataset + i), firstOrdinal + imagesOf(datasets.slice(0, i)))
  );
}

function makeFolder(output: string): void {
  try {
    Deno.mkdirSync(output, { recursive: true });
  } catch (error) {
    throw new UnrecError(`Cannot make the output folder ${output}: ${systemReason(error)}`);
  }
}

function errorOf(failure: NonNullable<TaskOutcome["failure"]>, dataset: Dataset): UnrecError {
  return "problem" in failure
    ? dataset.explain(new RecordError(failure.problem)) as UnrecError
    : new UnrecError(failure.message);
}
