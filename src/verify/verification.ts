import { existsSync } from "@std/fs/exists";
import { createHash } from "node:crypto";
import { FileSource } from "../bytes/file_source.ts";
import { propertyClasses } from "../dataset/classes.ts";
import { LabelSet } from "../dataset/label_set.ts";
import { cutTasks } from "../dataset/plan.ts";
import { UnrecError } from "../errors.ts";
import { bytesOfTask, type Pool } from "../pool/pool.ts";
import type { ProgressListener } from "../pool/work.ts";
import type { EngineName } from "../recordio/types.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { cutRanges } from "./cut_ranges.ts";
import { md5Of } from "./file_md5.ts";
import { addFindings, type Findings } from "./findings.ts";
import { OffsetComparison } from "./offset_comparison.ts";
import { GLINT360K, recognisedBy } from "./published_checksums.ts";
import type { Survey } from "./survey.ts";
import { findSurplusFiles } from "./tree_files.ts";
import type { Checksums, DatasetVerification, TreeVerification } from "./verify_report.ts";
import type { VerifyOutcome, VerifyTask } from "./verify_work.ts";

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
  /** Whether its labels are shifted, each dataset's past those of the ones before it. */
  relabel: boolean;
  /** Whether md5 sums are made. */
  checksums: boolean;
  /** Ends the reading when it is aborted. */
  signal: AbortSignal;
  /** Told what was read, after damage some of it twice. */
  onProgress: ProgressListener;
}

/** What is wrong with a tree, not with a dataset. */
const TREE_KINDS = ["missing-file", "file-size", "file-bytes", "surplus-file"] as const;

/** A verification under way: what it has to remember from one dataset to the next. */
export class Verification {
  readonly #pool: Pool<VerifyTask, VerifyOutcome>;
  readonly #options: VerifyOptions;
  /** Images of the datasets so far. */
  #images = 0;
  /** Where the next dataset's labels begin, if they are shifted. */
  #labelShift = 0;
  /** The label of each image that has a file, by number. */
  #fileLabels: Float64Array<ArrayBuffer> | undefined;
  readonly #treeFindings: Findings = {};
  #treeProblem: string | undefined;

  constructor(hasTree: boolean, pool: Pool<VerifyTask, VerifyOutcome>, options: VerifyOptions) {
    this.#pool = pool;
    this.#options = options;
    if (hasTree) this.#fileLabels = new Float64Array();
  }

  async verifyDataset(
    dataset: number,
    place: DatasetPlace,
    survey: Survey,
    findings: Findings,
  ): Promise<DatasetVerification> {
    const { relabel, jobs, chunkBytes, checksums, signal } = this.#options;
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
    const firstNumber = this.#images;
    this.#expectImages(layout?.order.length ?? 0, place);
    if (layout === undefined && this.#fileLabels !== undefined) {
      this.#treeProblem ??= `the images of ${place.path} are not known`;
    }
    const labelShift = relabel ? this.#labelShift : 0;
    const taskBytes = bytesOfTask(bytes, jobs, chunkBytes);
    const images = imagesOf(survey, taskBytes, firstNumber);
    let sum: string | undefined;
    /** Where the next stretch's first record begins, as far as the stretches before it tell. */
    let next = 0;
    let taken = 0;
    const tasks = (function* (): Generator<VerifyTask> {
      for (const { number, start, end, images: own } of cutRanges(bytes, taskBytes, images)) {
        yield { dataset, start, end, first: number === taken ? next : undefined, images: own, labelShift };
      }
    })();
    await this.#pool.runInOrder(tasks, (task, outcome) => {
      if (outcome.failure !== undefined) throw new UnrecError(outcome.failure.message, ...outcome.failure.remedies);
      // It searched for its first record itself, and after damage that may have been another one. So what is found does
      // not depend on the number of threads.
      if (outcome.first !== next) return { ...task, first: next };
      next = outcome.next;
      taken++;
      result.records += outcome.records;
      result.frames += outcome.frames;
      result.multiPartRecords += outcome.multiPartRecords;
      result.damagedBytes += outcome.damagedBytes;
      for (const label of outcome.labels) {
        labels.add(label);
        result.lowestLabel = Math.min(result.lowestLabel, label);
      }
      for (let i = 0; i < outcome.fileNumbers.length; i++) {
        this.#fileLabels![outcome.fileNumbers[i]] = outcome.fileLabels[i];
      }
      comparison?.add(task.start, outcome.offsets);
      const found = { ...outcome.findings };
      for (const kind of TREE_KINDS) {
        if (found[kind] !== undefined) addFindings(this.#treeFindings, { [kind]: found[kind] });
        delete found[kind];
      }
      addFindings(findings, found);
      sum = outcome.md5;
      return undefined;
    });
    comparison?.end();
    nameKeys(findings, survey);
    result.labels = labels.size;
    result.highestLabel = labels.highest;
    this.#labelShift += propertyClasses(place.property) ?? Math.max(0, labels.highest - labelShift + 1);
    if (checksums && !signal.aborted) {
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

  #expectImages(count: number, place: DatasetPlace): void {
    this.#images += count;
    if (this.#fileLabels === undefined) return;
    try {
      const larger = new Float64Array(this.#images).fill(NaN, this.#fileLabels.length);
      larger.set(this.#fileLabels);
      this.#fileLabels = larger;
    } catch {
      throw new UnrecError(`Cannot verify the tree of ${place.path}: there is no memory for its ${count} images`);
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

/** The images of a dataset in the order of the file, cut as decoding does; undefined if the layout is not known. */
function imagesOf({ index, layout, bytes }: Survey, taskBytes: number, firstNumber: number) {
  if (index === undefined || layout === undefined) return undefined;
  return cutTasks(index, layout.order, { fileBytes: bytes, taskBytes, maxGap: taskBytes, firstNumber });
}

/** Makes the md5 sum of an index and compares both sums with the published ones, if the dataset is one of those. */
function compareChecksums(place: DatasetPlace, records: string, indexLines: number | undefined): Checksums {
  const index = existsSync(place.index) ? md5OfFile(place.index) : undefined;
  const known = recognisedBy({ property: place.property, indexLines, records, index }, GLINT360K);
  const differing = [];
  if (known !== undefined) {
    if (records !== GLINT360K.records) differing.push(place.path);
    if (index !== GLINT360K.index) differing.push(place.index);
  }
  return { records, index, recognisedBy: known, differing };
}

function md5OfFile(path: string): string {
  using file = new FileSource(path);
  return md5Of(file);
}
