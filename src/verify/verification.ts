import { createHash } from "node:crypto";
import { addTraffic, noTraffic, type Traffic } from "../bytes/traffic.ts";
import { compareProperty, propertyClasses } from "../dataset/classes.ts";
import type { DatasetFacts } from "../dataset/dataset.ts";
import { withIdentities } from "../dataset/identities.ts";
import { type KindCounts, KindSum, payloadCounts } from "../dataset/image_kinds.ts";
import { LabelCounter, labelIndices, withIndices } from "../dataset/label_index.ts";
import { LabelSet } from "../dataset/label_set.ts";
import { cutTasks, type ReadTask } from "../dataset/plan.ts";
import { GLINT360K } from "../dataset/published_sets.ts";
import { isAmong } from "../dataset/selection/chosen_layout.ts";
import { requireChosen } from "../dataset/selection/require_chosen.ts";
import { UnrecError } from "../errors.ts";
import { bytesOfTask, type Pool } from "../pool/pool.ts";
import { Pause, type ProgressListener } from "../pool/work.ts";
import type { EngineName } from "../recordio/types.ts";
import { NameTemplate } from "../sink/name_template.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { cutRanges } from "./cut_ranges.ts";
import { DecodedSum } from "./decoding.ts";
import { md5Of } from "./file_md5.ts";
import { addFindings, type Findings } from "./findings.ts";
import { OffsetComparison } from "./offset_comparison.ts";
import { recognisedBy } from "./published_checksums.ts";
import { StretchJoin } from "./stretch_join.ts";
import type { Survey } from "./survey.ts";
import { ExpectedFiles, findSurplusFiles, type TreeSpec } from "./tree_files.ts";
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
  tree: TreeSpec | undefined;
  /** Whether its labels are shifted, each dataset's past those of the ones before it. */
  relabel: boolean;
  /** Whether images are decoded. */
  decode: boolean;
  /** Whether md5 sums are made. */
  checksums: boolean;
  /** Ends the reading when it is aborted. */
  signal: AbortSignal;
  /** Told what was read, after damage some of it twice. */
  onProgress: ProgressListener;
}

/** What is wrong with a tree, not with a dataset. */
const TREE_KINDS = ["missing-file", "file-size", "file-bytes", "surplus-file", "empty-folder"] as const;

/** A verification under way: what it has to remember from one dataset to the next. */
export class Verification {
  readonly #pool: Pool<VerifyTask, VerifyOutcome>;
  readonly #options: VerifyOptions;
  /** Images of the datasets so far. */
  #images = 0;
  /** Those of them that were not chosen, so that the tree should not have them. */
  #leftOut = 0;
  /** What is known of the datasets of which only some images were chosen. */
  readonly #chosenFrom: DatasetFacts[] = [];
  /** Where the next dataset's labels begin, if they are shifted. */
  #labelShift = 0;
  /** How the files of the tree are named, and which there should be. */
  readonly #names: NameTemplate | undefined;
  readonly #files: ExpectedFiles | undefined;
  /** Counts the images of each label, where names have the place of an image among them. */
  readonly #counter = new LabelCounter();
  readonly #treeFindings: Findings = {};
  /** What went over a network in threads. */
  readonly traffic: Traffic = noTraffic();
  #treeProblem: string | undefined;

  constructor(pool: Pool<VerifyTask, VerifyOutcome>, options: VerifyOptions) {
    this.#pool = pool;
    this.#options = options;
    if (options.tree === undefined) return;
    this.#names = new NameTemplate(options.tree.names);
    this.#files = new ExpectedFiles(this.#names);
  }

  async verifyDataset(
    dataset: number,
    place: DatasetPlace,
    survey: Survey,
    findings: Findings,
  ): Promise<DatasetVerification> {
    const { relabel, jobs, chunkBytes, decode, checksums, signal } = this.#options;
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
      property: undefined,
      labelList: survey.labels?.facts,
      damagedBytes: 0,
      problem: survey.problem,
      findings,
      kinds: {},
      decoded: undefined,
      checksums: undefined,
    };
    const decoded = decode ? new DecodedSum() : undefined;
    const kinds = new KindSum();
    const firstNumber = this.#images;
    this.#expectImages(layout?.order.length ?? 0, place);
    if (layout === undefined && this.#files !== undefined) {
      this.#treeProblem ??= `the images of ${place.path} are not known`;
    }
    const labelShift = relabel ? this.#labelShift : 0;
    const taskBytes = bytesOfTask(bytes, jobs, chunkBytes);
    const { images, isChosen } = await this.#forTree(
      imagesOf(survey, taskBytes, firstNumber),
      place,
      labelShift,
      firstNumber,
    );
    let sum: string | undefined;
    const join = new StretchJoin(findings);
    let taken = 0;
    const tasks = (function* (): Generator<VerifyTask> {
      for (const { number, start, end, images: own } of cutRanges(bytes, taskBytes, images, isChosen)) {
        yield { dataset, start, end, first: number === taken ? join.first : undefined, images: own, labelShift };
      }
    })();
    await this.#pool.runInOrder(tasks, (task, outcome) => {
      if (outcome.traffic !== undefined) addTraffic(this.traffic, outcome.traffic);
      if (outcome.failure !== undefined) throw new UnrecError(outcome.failure.message, ...outcome.failure.remedies);
      if (!join.fits(outcome)) return { ...task, first: join.first };
      result.damagedBytes += join.take(task, outcome);
      taken++;
      result.records += outcome.records;
      result.frames += outcome.frames;
      result.multiPartRecords += outcome.multiPartRecords;
      result.damagedBytes += outcome.damagedBytes;
      for (const label of outcome.labels) {
        labels.add(label);
        result.lowestLabel = Math.min(result.lowestLabel, label);
      }
      this.#files?.add(outcome.fileNumbers, outcome.fileHashes);
      comparison?.add(task.start, outcome.offsets);
      kinds.add(outcome.kinds);
      if (outcome.decoded !== undefined) decoded?.add(outcome.decoded);
      const found = { ...outcome.findings };
      for (const kind of TREE_KINDS) {
        if (found[kind] !== undefined) addFindings(this.#treeFindings, { [kind]: found[kind] });
        delete found[kind];
      }
      addFindings(findings, found);
      sum = outcome.md5;
      return undefined;
    });
    join.end();
    comparison?.end();
    decoded?.end(findings);
    result.decoded = decoded?.decoded;
    result.kinds = kinds.counts;
    if (isAllRaw(result.kinds)) delete findings["unknown-image"];
    nameKeys(result, survey);
    result.labels = labels.size;
    result.highestLabel = labels.highest;
    if (layout !== undefined) {
      const own = { size: labels.size, highest: labels.highest - labelShift };
      result.property = compareProperty({ path: place.path, property: place.property }, own);
    }
    this.#labelShift += propertyClasses(place.property) ?? Math.max(0, labels.highest - labelShift + 1);
    if (checksums && !signal.aborted) {
      const records = sum ?? createHash("md5").digest("hex");
      result.checksums = await compareChecksums(place, records, index && index.rows + index.duplicates);
    }
    return result;
  }

  /** Looks at what the tree has beside the images; undefined if it was aborted. */
  async verifyTree(tree: string, signal: AbortSignal): Promise<TreeVerification | undefined> {
    const findings = this.#treeFindings;
    const problem = this.#treeProblem;
    requireChosen(this.#chosenFrom);
    const images = this.#images - this.#leftOut;
    if (problem !== undefined) return { matching: 0, images, problem, findings: {} };
    const files = this.#files!;
    const pause = new Pause();
    for (const _ of findSurplusFiles(tree, this.#names!, files, findings)) {
      if (!pause.isDue) continue;
      await pause.take();
      if (signal.aborted) return undefined;
    }
    let matching = files.count;
    for (const kind of ["missing-file", "file-size", "file-bytes"] as const) matching -= findings[kind]?.count ?? 0;
    return { matching, images, problem, findings };
  }

  /**
   * Finds out what the comparison with the tree takes: which images were chosen, and their places among those of their
   * label, if names have these. All labels may have to be read for it.
   */
  async #forTree(
    images: Generator<ReadTask> | undefined,
    place: DatasetPlace,
    labelShift: number,
    firstNumber: number,
  ): Promise<{ images: Generator<ReadTask> | undefined; isChosen?: (number: number) => boolean }> {
    const countsLabels = this.#names?.fields.has("index") ?? false;
    const isChoice = this.#names !== undefined && place.select !== undefined;
    if (images === undefined || !countsLabels && !isChoice) return { images };
    const { engine, chunkBytes } = this.#options;
    using dataset = await place.open({ engine, chunkBytes, onError: "skip" });
    const indexed = countsLabels
      ? withIndices(images, labelIndices(await dataset.readLabels("skip"), labelShift, this.#counter), firstNumber)
      : images;
    if (!isChoice) return { images: indexed };
    this.#chosenFrom.push(dataset.facts);
    const { numbers } = dataset.layout;
    const isChosen = (number: number) => isAmong(numbers!, number - firstNumber);
    for (let number = firstNumber; number < this.#images; number++) {
      if (isChosen(number)) continue;
      this.#files!.leaveOut(number);
      this.#leftOut++;
    }
    return { images: indexed, isChosen };
  }

  #expectImages(count: number, place: DatasetPlace): void {
    this.#images += count;
    try {
      this.#files?.grow(this.#images);
    } catch {
      throw new UnrecError(`Cannot verify the tree of ${place.path}: there is no memory for its ${count} images`);
    }
  }
}

/** Adds the keys to what was found at bytes. */
function nameKeys({ findings, kinds }: DatasetVerification, { index }: Survey): void {
  for (const { first } of Object.values(findings)) {
    for (const instance of first) {
      if (instance.byte !== undefined) instance.key ??= index?.keyOfOffset(instance.byte);
    }
  }
  for (const { first } of Object.values(kinds)) first.key ??= index?.keyOfOffset(first.offset);
}

/**
 * Whether no payload begins as any kind of image does. Then these are meant to be none: vectors, for example. Among
 * images one that begins otherwise is damaged.
 */
function isAllRaw(kinds: KindCounts): boolean {
  return Object.keys(payloadCounts(kinds)).every((name) => name === "raw" || name === "empty");
}

/** The images of a dataset in the order of the file, cut as decoding does; undefined if the layout is not known. */
function imagesOf({ index, layout, labels, bytes }: Survey, taskBytes: number, firstNumber: number) {
  if (index === undefined || layout === undefined) return undefined;
  const tasks = cutTasks(index, layout.order, { fileBytes: bytes, taskBytes, maxGap: taskBytes, firstNumber });
  const named = withIdentities(tasks, layout, firstNumber);
  return labels === undefined ? named : labels.addedTo(named);
}

/** Makes the md5 sum of an index and compares both sums with the published ones, if the dataset is one of those. */
async function compareChecksums(
  place: DatasetPlace,
  records: string,
  indexLines: number | undefined,
): Promise<Checksums> {
  using file = place.files.openIndex("all");
  const index = file && await md5Of(file);
  const known = recognisedBy({ property: place.property, indexLines, records, index }, GLINT360K);
  const differing = [];
  if (known !== undefined) {
    if (records !== GLINT360K.records) differing.push(place.path);
    if (index !== GLINT360K.index) differing.push(place.index);
  }
  return { records, index, recognisedBy: known, differing };
}
