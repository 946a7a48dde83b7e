import { createHash } from "node:crypto";
import { join } from "node:path";
import { type DatasetFiles, locateRecords } from "../dataset/locate_dataset.ts";
import { LocalHost } from "../decode/local_host.ts";
import type { ProgressListener, TaskHost } from "../decode/task_host.ts";
import { WorkerHost } from "../decode/worker_host.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { LabelSet } from "../label_set.ts";
import { loadEngine } from "../recordio/engine.ts";
import type { EngineName } from "../recordio/types.ts";
import { compareChecksums } from "./compare_checksums.ts";
import { cutRanges } from "./cut_ranges.ts";
import { addFindings, type Findings } from "./findings.ts";
import { OffsetComparison } from "./offset_comparison.ts";
import { runInOrder } from "./run_in_order.ts";
import { findSurplusFiles } from "./surplus_files.ts";
import { imagesOf, type Survey, surveyDataset } from "./survey.ts";
import type { DatasetVerification, TreeVerification, VerifyReport } from "./verify_report.ts";
import { VerifyRunner } from "./verify_runner.ts";
import type { VerifyOutcome, VerifySetup, VerifyTask } from "./verify_task.ts";

/** Options of {@linkcode verify}. */
export interface VerifyOptions {
  /** Which scanners read the files. */
  engine: EngineName;
  /** How many bytes are read at once. */
  chunkBytes: number;
  /** How many threads read; one only with {@linkcode checksums}, for an md5 sum goes from front to back. */
  jobs: number;
  /** A decoded tree to compare with. */
  tree: string | undefined;
  /** Whether the bytes of its files are compared. */
  deep: boolean;
  /** Whether its labels are shifted, each dataset's past the highest one before it. */
  relabel: boolean;
  /** Whether md5 sums are made. */
  checksums: boolean;
  /** Ends the reading when it is aborted. */
  signal: AbortSignal;
  /** Told what was read, once more than all of it is read again behind damage. */
  onProgress: ProgressListener;
}

/** What is wrong with a tree, not with a dataset. */
const TREE_KINDS = ["missing-file", "file-size", "file-bytes", "surplus-file"] as const;

const CHUNKS_A_TASK = 4;

/**
 * Reads all records of datasets once and says what is wrong with them, and with the tree that was decoded from them.
 *
 * @param paths Directories with `train.rec`, or `.rec` files.
 * @param options How.
 * @returns What was found; undefined if {@linkcode VerifyOptions.signal} ended it.
 * @throws {UnrecError} If a file cannot be read at all.
 */
export async function verify(paths: readonly string[], options: VerifyOptions): Promise<VerifyReport | undefined> {
  const { engine, chunkBytes, tree, signal } = options;
  const places = paths.map(locateRecords);
  if (tree !== undefined) requireFolder(tree);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const askToStop = () => Atomics.store(stop, 0, 1);
  signal.addEventListener("abort", askToStop);
  const setup: VerifySetup = {
    files: places.map(({ records }) => records),
    engine,
    chunkBytes,
    tree,
    deep: options.deep,
    md5: options.checksums,
    stop,
  };
  const scanners = await loadEngine(engine);
  const hosts = await startHosts(setup, jobsFor(places, options), options.onProgress);
  const progress = new Verification(tree !== undefined);
  try {
    const datasets: DatasetVerification[] = [];
    for (const [i, place] of places.entries()) {
      const findings: Findings = {};
      const survey = surveyDataset(place, scanners, chunkBytes, findings);
      const result = await progress.verifyDataset(i, place, survey, findings, hosts, options, stop);
      if (signal.aborted) return undefined;
      datasets.push(result);
    }
    if (tree === undefined) return { datasets, tree: undefined };
    const treeResult = await progress.verifyTree(tree, signal);
    return treeResult && { datasets, tree: treeResult };
  } finally {
    askToStop();
    for (const host of hosts) host.close();
    signal.removeEventListener("abort", askToStop);
  }
}

/** A verification under way: what it has to remember from one dataset to the next. */
class Verification {
  /** Images of the datasets so far. */
  #images = 0;
  /** Where the next dataset's labels begin, if they are shifted. */
  #nextLabel = 0;
  /** The label of each image that has a file, by ordinal. */
  #fileLabels: Float64Array<ArrayBuffer> | undefined;
  readonly #treeFindings: Findings = {};
  #treeProblem: string | undefined;

  constructor(hasTree: boolean) {
    if (hasTree) this.#fileLabels = new Float64Array();
  }

  async verifyDataset(
    dataset: number,
    place: DatasetFiles,
    survey: Survey,
    findings: Findings,
    hosts: TaskHost<VerifyTask, VerifyOutcome>[],
    options: VerifyOptions,
    stop: Int32Array,
  ): Promise<DatasetVerification> {
    const { relabel, chunkBytes } = options;
    const { bytes, index, layout } = survey;
    const comparison = index && new OffsetComparison(index, findings);
    const labels = new LabelSet();
    const result: DatasetVerification = {
      place,
      bytes,
      keys: index?.rows,
      layout,
      records: 0,
      frames: 0,
      multiPartRecords: 0,
      labels: 0,
      lowestLabel: Infinity,
      highestLabel: -Infinity,
      damagedBytes: 0,
      problem: survey.problem,
      findings,
      checksums: undefined,
    };
    this.#expectImages(layout?.order.length ?? 0, place);
    if (layout === undefined && this.#fileLabels !== undefined) {
      this.#treeProblem ??= `the images of ${place.records} are not known`;
    }
    const taskBytes = CHUNKS_A_TASK * chunkBytes;
    const ranges = cutRanges(bytes, taskBytes, imagesOf(survey, taskBytes, this.#images - (layout?.order.length ?? 0)));
    let sum: string | undefined;
    await runInOrder(
      hosts,
      ranges,
      (range, first) => ({
        dataset,
        start: range.start,
        end: range.end,
        first,
        images: range.images,
        labelShift: relabel ? this.#nextLabel : 0,
      }),
      stop,
      (range, outcome) => {
        result.records += outcome.records;
        result.frames += outcome.frames;
        result.multiPartRecords += outcome.multiPartRecords;
        result.damagedBytes += outcome.damagedBytes;
        for (const label of outcome.labels) {
          labels.add(label);
          result.lowestLabel = Math.min(result.lowestLabel, label);
        }
        for (let i = 0; i < outcome.fileOrdinals.length; i++) {
          this.#fileLabels![outcome.fileOrdinals[i]] = outcome.fileLabels[i];
        }
        comparison?.add(range.start, outcome.offsets);
        const found = { ...outcome.findings };
        for (const kind of TREE_KINDS) {
          if (found[kind] !== undefined) addFindings(this.#treeFindings, { [kind]: found[kind] });
          delete found[kind];
        }
        addFindings(findings, found);
        sum = outcome.md5;
      },
    );
    comparison?.end();
    nameKeys(findings, survey);
    result.labels = labels.size;
    result.highestLabel = labels.highest;
    if (labels.size > 0) this.#nextLabel = Math.max(this.#nextLabel, labels.highest + 1);
    if (options.checksums && !options.signal.aborted) {
      const records = sum ?? createHash("md5").digest("hex");
      result.checksums = compareChecksums(place, records, index && index.rows + index.duplicates);
    }
    return result;
  }

  /** Looks at what the tree has beside the images; undefined if it was aborted. */
  async verifyTree(tree: string, signal: AbortSignal): Promise<TreeVerification | undefined> {
    const findings = this.#treeFindings;
    const problem = this.#treeProblem;
    const images = this.#images;
    if (problem !== undefined) return { matching: 0, images, problem, findings: {} };
    const labels = this.#fileLabels!;
    let paused = performance.now();
    for (const _ of findSurplusFiles(tree, labels, findings)) {
      if (performance.now() - paused < 100) continue;
      await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted) return undefined;
      paused = performance.now();
    }
    let matching = 0;
    for (const label of labels) if (!Number.isNaN(label)) matching++;
    for (const kind of ["missing-file", "file-size", "file-bytes"] as const) matching -= findings[kind]?.count ?? 0;
    return { matching, images, problem, findings };
  }

  #expectImages(count: number, place: DatasetFiles): void {
    this.#images += count;
    if (this.#fileLabels === undefined) return;
    try {
      const larger = new Float64Array(this.#images).fill(NaN, this.#fileLabels.length);
      larger.set(this.#fileLabels);
      this.#fileLabels = larger;
    } catch {
      throw new UnrecError(`Cannot verify the tree of ${place.records}: there is no memory for its ${count} images`);
    }
  }
}

/** Adds the keys to what was found at bytes. */
function nameKeys(findings: Findings, { index }: Survey): void {
  for (const { first } of Object.values(findings)) {
    for (const instance of first) {
      if (instance.byte !== undefined) instance.key ??= index?.keyOfOffset(instance.byte);
    }
  }
}

/** A thread more than there are tasks would only cost its start. */
function jobsFor(places: DatasetFiles[], { jobs, chunkBytes, checksums }: VerifyOptions): number {
  if (checksums) return 1;
  let tasks = 0;
  for (const { records } of places) {
    try {
      tasks += Math.ceil(Deno.statSync(records).size / (CHUNKS_A_TASK * chunkBytes));
    } catch (error) {
      throw new UnrecError(`Cannot read ${records}: ${systemReason(error)}`);
    }
  }
  return Math.max(1, Math.min(jobs, tasks));
}

async function startHosts(
  setup: VerifySetup,
  jobs: number,
  onProgress: ProgressListener,
): Promise<TaskHost<VerifyTask, VerifyOutcome>[]> {
  if (jobs === 1) return [new LocalHost(await VerifyRunner.create(setup), onProgress)];
  return Array.from({ length: jobs }, () => {
    // `deno compile` embeds the worker by this very expression.
    const worker = new Worker(new URL("./worker.ts", import.meta.url).href, { type: "module" });
    return new WorkerHost<VerifySetup, VerifyTask, VerifyOutcome>(worker, setup, onProgress);
  });
}

function requireFolder(tree: string): void {
  try {
    // Listing it is what is done with it later; it fails for whatever is no folder.
    for (const _ of Deno.readDirSync(join(tree, "."))) break;
  } catch (error) {
    throw new UnrecError(`Cannot read the tree ${tree}: ${systemReason(error)}`);
  }
}
