import type { Dataset } from "../dataset/dataset.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { LabelSet } from "../label_set.ts";
import { RecordError } from "../recordio/problem.ts";
import { FolderSink } from "../sink/folder_sink.ts";
import type { ImageSink } from "../sink/image_sink.ts";
import { LocalHost } from "./local_host.ts";
import type { ProgressListener, TaskHost } from "./task_host.ts";
import type { DecodeTask, RunnerSetup, TaskOutcome } from "./task_runner.ts";
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
  /** Stops the decoding when it is aborted; images begun are finished. */
  signal?: AbortSignal;
  /** Told, several times a second, what was written since it was told last. */
  onProgress?: ProgressListener;
}

/** What {@linkcode decode} did. */
export interface DecodeReport {
  /** Images written. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** Different labels among them, that is, folders. */
  labels: number;
  /** Labels that images of more than one dataset have: their people share a folder. */
  sharedLabels: number;
  /** Images written that have no bytes. */
  emptyImages: number;
  /** Images written whose records were stored in several parts. */
  multiPartImages: number;
  /** Whether {@linkcode DecodeOptions.signal} ended it. */
  interrupted: boolean;
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
 * Writes all images of datasets, numbered on over all of them in the order of the datasets and, in each, of its layout.
 *
 * @example
 * ```ts ignore
 * import { decode, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("faces_glint360k");
 * console.log(await decode([dataset], "images"));
 * ```
 *
 * @param datasets What to decode, opened with the same engine and chunk size.
 * @param output A folder, made if need be, that gets the tree `id_<label>/<label>_<number>.jpg`; or a sink of your own,
 * which is used from this thread alone.
 * @param options How.
 * @returns What was written.
 * @throws {DecodeError} At the first record that cannot be read or image that cannot be written.
 */
export async function decode(
  datasets: readonly Dataset[],
  output: string | ImageSink,
  options: DecodeOptions = {},
): Promise<DecodeReport> {
  const { relabel = false, signal, onProgress = () => {} } = options;
  const tally = new Tally(datasets.length);
  if (datasets.length === 0) return tally.report(false);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const askToStop = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) askToStop();
  signal?.addEventListener("abort", askToStop);
  const setup: RunnerSetup = {
    files: datasets.map((dataset) => dataset.path),
    engine: datasets[0].engine,
    chunkBytes: datasets[0].chunkBytes,
    stop,
  };
  if (typeof output === "string") makeFolder(output, tally);
  const hosts = await startHosts(setup, output, jobsFor(datasets, options), onProgress);

  let failure: Error | undefined;
  async function feed(host: TaskHost, tasks: Generator<DecodeTask>): Promise<void> {
    try {
      for (const task of tasks) {
        if (Atomics.load(stop, 0) !== 0) return;
        const outcome = await host.run(task);
        tally.add(task.dataset, outcome);
        if (outcome.failure !== undefined) throw errorOf(outcome.failure, datasets[task.dataset]);
      }
    } catch (error) {
      failure ??= error as Error;
      askToStop();
    }
  }
  try {
    // With `relabel` a dataset's labels depend on what the ones before it turned out to have.
    for (const phase of relabel ? datasets.map((_, i) => [i]) : [datasets.map((_, i) => i)]) {
      const tasks = tasksOf(datasets, phase, relabel ? tally.nextLabel : 0);
      await Promise.all(hosts.map((host) => feed(host, tasks)));
    }
  } finally {
    for (const host of hosts) host.close();
    signal?.removeEventListener("abort", askToStop);
  }
  if (failure instanceof UnrecError) throw new DecodeError(failure.message, tally.report(false));
  if (failure !== undefined) throw failure;
  return tally.report(Boolean(signal?.aborted) && tally.images < imagesOf(datasets));
}

/** A thread more than there are tasks would only cost its start. */
function jobsFor(datasets: readonly Dataset[], { jobs = navigator.hardwareConcurrency }: DecodeOptions): number {
  const tasks = datasets.reduce((sum, { bytes, taskBytes }) => sum + Math.ceil(bytes / taskBytes), 0);
  return Math.max(1, Math.min(jobs, tasks));
}

async function startHosts(
  setup: RunnerSetup,
  output: string | ImageSink,
  jobs: number,
  onProgress: ProgressListener,
): Promise<TaskHost[]> {
  if (typeof output !== "string") return [await LocalHost.create(setup, output, onProgress)];
  if (jobs === 1) return [await LocalHost.create(setup, new FolderSink(output), onProgress)];
  return Array.from({ length: jobs }, () => new WorkerHost(setup, output, onProgress));
}

function* tasksOf(datasets: readonly Dataset[], chosen: number[], labelShift: number): Generator<DecodeTask> {
  for (const i of chosen) {
    for (const task of datasets[i].imageTasks(imagesOf(datasets.slice(0, i)))) {
      yield { ...task, dataset: i, labelShift };
    }
  }
}

function imagesOf(datasets: readonly Dataset[]): number {
  return datasets.reduce((sum, { layout }) => sum + layout.order.length, 0);
}

function makeFolder(output: string, tally: Tally): void {
  try {
    Deno.mkdirSync(output, { recursive: true });
  } catch (error) {
    throw new DecodeError(`Cannot make the output folder ${output}: ${systemReason(error)}`, tally.report(false));
  }
}

function errorOf(failure: NonNullable<TaskOutcome["failure"]>, dataset: Dataset): UnrecError {
  return "problem" in failure
    ? dataset.explain(new RecordError(failure.problem)) as UnrecError
    : new UnrecError(failure.message);
}

/** Adds up what came of the tasks. */
class Tally {
  images = 0;
  #bytes = 0;
  #emptyImages = 0;
  #multiPartImages = 0;
  readonly #labels = new LabelSet();
  readonly #shared = new LabelSet();
  readonly #labelsOf: LabelSet[];

  constructor(datasets: number) {
    this.#labelsOf = Array.from({ length: datasets }, () => new LabelSet());
  }

  /** The label behind the highest one so far; 0 if there is none. */
  get nextLabel(): number {
    return this.#labels.size === 0 ? 0 : this.#labels.highest + 1;
  }

  add(dataset: number, outcome: TaskOutcome): void {
    this.images += outcome.images;
    this.#bytes += outcome.bytes;
    this.#emptyImages += outcome.emptyImages;
    this.#multiPartImages += outcome.multiPartImages;
    for (const label of outcome.labels) {
      if (this.#labelsOf[dataset].add(label) && !this.#labels.add(label)) this.#shared.add(label);
    }
  }

  report(interrupted: boolean): DecodeReport {
    return {
      images: this.images,
      bytes: this.#bytes,
      labels: this.#labels.size,
      sharedLabels: this.#shared.size,
      emptyImages: this.#emptyImages,
      multiPartImages: this.#multiPartImages,
      interrupted,
    };
  }
}
