import { existsSync } from "@std/fs/exists";
import { dirname, join } from "node:path";
import { FileSource, readHead } from "../bytes/file_source.ts";
import { propertyClasses } from "../dataset/classes.ts";
import { Dataset, type DatasetFacts } from "../dataset/dataset.ts";
import { readLabels } from "../dataset/label_index.ts";
import type { OnError } from "../dataset/layout.ts";
import { type DatasetFiles, type ReadOptions, readSurvey, type Survey } from "../dataset/survey.ts";
import { DatasetLoss, type LostRange } from "../dataset/loss.ts";
import type { ReadTask } from "../dataset/plan.ts";
import { RecordLookup } from "../dataset/record_lookup.ts";
import { lastAtMost } from "../dataset/runs.ts";
import { requireChosen } from "../dataset/selection/require_chosen.ts";
import type { Selection } from "../dataset/selection/selection.ts";
import { visitSpread } from "../dataset/spread.ts";
import { expectRecords } from "../dataset/wrong_file.ts";
import { UnrecError } from "../errors.ts";
import { FRAME_HEADER_BYTES, IR_HEADER_BYTES } from "../recordio/constants.ts";
import type { EngineName } from "../recordio/types.ts";
import { loadEngine } from "../wasm/load_engine.ts";
import type { DatasetSpec } from "./dataset_reader.ts";
import { type FileFacts, fileFacts, firstLine, LABEL_LIST } from "./file_facts.ts";
import type { FoundSource, Scanning, Source, SourceOptions } from "./source.ts";

/** The first line of a `property` file is three numbers; more of one that is something else is not read. */
const PROPERTY_BYTES = 4096;

/** The files of a dataset: `train.rec` and what lies beside it. */
export class DatasetPlace implements FoundSource {
  readonly kind = "dataset";
  /** The record file. */
  readonly path: string;
  /** The index. It need not be there. */
  readonly index: string;
  /** A list that tells the images' labels in place of their headers. */
  readonly labelsFrom: string | undefined;
  readonly select: Selection | undefined;

  /** What nothing must be written among. */
  readonly paths: readonly string[];

  /**
   * @param records The record file.
   * @param folder Its folder, if that was given and all in it belongs to the dataset.
   * @param labelsFrom A list that tells the images' labels in place of their headers.
   * @param select Which images are wanted, if not all are.
   */
  constructor(records: string, folder?: string, labelsFrom?: string, select?: Selection) {
    this.path = records;
    this.paths = [folder ?? records];
    this.labelsFrom = labelsFrom;
    this.select = select;
    this.index = `${records.replace(/\.rec$/, "")}.idx`;
  }

  /** First line of the `property` file beside it: classes, height, width. */
  get property(): string | undefined {
    try {
      return firstLine(new TextDecoder().decode(readHead(join(dirname(this.path), "property"), PROPERTY_BYTES)));
    } catch {
      // It only says what the records say too, and many sets come without it.
      return undefined;
    }
  }

  facts(): FileFacts[] {
    const { path, index, labelsFrom } = this;
    const facts = [fileFacts("records", path), fileFacts("index", index)];
    return labelsFrom === undefined ? facts : [...facts, fileFacts(LABEL_LIST, labelsFrom)];
  }

  /**
   * The same dataset with labels from elsewhere.
   *
   * @param list A list that tells the images' labels in place of their headers.
   */
  withLabelsFrom(list: string): DatasetPlace {
    return new DatasetPlace(this.path, this.paths[0], list, this.select);
  }

  selecting(selection: Selection): DatasetPlace {
    return new DatasetPlace(this.path, this.paths[0], this.labelsFrom, selection);
  }

  async open({ engine = "wasm", ...options }: SourceOptions): Promise<DatasetSource> {
    using opened = new DisposableStack();
    const records = opened.use(await this.openRecords());
    this.requireIndex();
    using index = new FileSource(this.index);
    using labels = this.labelsFrom === undefined ? undefined : new FileSource(this.labelsFrom);
    const files: DatasetFiles = { records, index, property: this.property, labels };
    const how: ReadOptions = { ...options, engine: await loadEngine(engine), select: this.select };
    const survey = await readSurvey(files, how);
    opened.move();
    return new DatasetSource(this, engine, files, survey, how);
  }

  /**
   * Opens it to find single records by their keys.
   *
   * @param engine Which scanners read it.
   * @returns What finds them; dispose of it when done.
   * @throws {UnrecError} If a file is missing, or is something else.
   */
  async openLookup(engine: EngineName): Promise<RecordLookup> {
    using opened = new DisposableStack();
    const records = opened.use(await this.openRecords());
    this.requireIndex();
    const index = opened.use(new FileSource(this.index));
    const lookup = new RecordLookup({ records, index }, await loadEngine(engine));
    opened.move();
    return lookup;
  }

  /**
   * Opens the record file.
   *
   * @returns The file; dispose of it when done.
   * @throws {UnrecError} If it cannot be opened, or is something else than a record file.
   */
  async openRecords(): Promise<FileSource> {
    using opened = new DisposableStack();
    const records = opened.use(new FileSource(this.path));
    await expectRecords(records, () => existsSync(this.index) ? new FileSource(this.index) : undefined);
    opened.move();
    return records;
  }

  /**
   * Makes sure that there is an index.
   *
   * @throws {UnrecError} If there is none.
   */
  requireIndex(): void {
    if (existsSync(this.index)) return;
    throw new UnrecError(
      `Cannot open the dataset ${this.path}: there is no ${this.index}`,
      { kind: "download-again", path: this.index },
      { kind: "rebuild-index", path: this.path },
    );
  }
}

/** Labels of this many images tell about how many folders a set has that does not say so itself. */
const LABEL_SAMPLES = 256;

/** A dataset in files: `train.rec` and `train.idx`, open. */
export class DatasetSource extends Dataset implements Source {
  /**
   * Its files.
   *
   * @ignore
   */
  readonly found: DatasetPlace;
  /**
   * How it was asked to be read.
   *
   * @ignore
   */
  readonly scanning: Scanning;

  /**
   * Use `openDataset`.
   *
   * @param found Its files.
   * @param engine Which scanners read it.
   * @param files The files, open.
   * @param survey What index and identity records say.
   * @param options How it is read.
   */
  constructor(
    found: DatasetPlace,
    engine: EngineName,
    files: DatasetFiles,
    survey: Survey,
    options: ReadOptions,
  ) {
    super(files, survey, options);
    this.found = found;
    this.scanning = { engine, chunkBytes: this.chunkBytes };
  }

  /** How many images are wanted of it, those counted that cannot be read. */
  get imageCount(): number {
    return this.facts.chosen?.images ?? this.whole.images;
  }

  /**
   * How many numbers its images take, whether they are wanted or not.
   *
   * @ignore
   */
  get numberCount(): number {
    return this.whole.images;
  }

  /**
   * What is known of it.
   *
   * @ignore
   */
  get datasets(): DatasetFacts[] {
    return [this.facts];
  }

  /**
   * From what a thread makes a reader.
   *
   * @ignore
   */
  get reader(): DatasetSpec {
    return { kind: "dataset", path: this.path };
  }

  /**
   * About how many bytes each image of a task has, as far as the index tells: up to where the next record begins.
   *
   * @param task The task.
   * @ignore
   */
  *imageBytes({ start, offsets }: ReadTask): Generator<number> {
    const begins = this.index.sortedOffsets;
    let row = lastAtMost(begins.length, start, (i) => begins[i]);
    for (const offset of offsets) {
      while (row + 1 < begins.length && begins[row + 1] <= start + offset) row++;
      const end = row + 1 < begins.length ? Math.min(begins[row + 1], this.bytes) : this.bytes;
      yield end - start - offset - FRAME_HEADER_BYTES - IR_HEADER_BYTES;
    }
  }

  /**
   * About how many labels its images have. Where nothing says so, the labels of some images do.
   *
   * @ignore
   */
  async labels(): Promise<number> {
    const { layout, property } = this;
    const classes = propertyClasses(property);
    const identities = this.labelList === undefined ? layout.identityRecords : 0;
    const most = Math.min(classes ?? Infinity, identities || Infinity, layout.order.length);
    if (classes !== undefined || identities > 0) return most;
    const labels: number[] = [];
    await visitSpread(this, LABEL_SAMPLES, {
      record: ({ label }) => void (Number.isFinite(label) && labels.push(label)),
      lost() {},
    });
    return labels.length === 0 ? 1 : Math.min(most, Math.max(...labels) - Math.min(...labels) + 1);
  }

  /**
   * For those who count the images of each label: reads all labels.
   *
   * @param onError Whether an image that cannot be read, or has no label, is an error or left out.
   * @param onStep Called now and then; it may wait.
   * @returns Labels in reading order; NaN for those left out.
   * @throws {UnrecError} At an image that cannot be read, unless those are left out.
   * @ignore
   */
  readLabels(onError: OnError, onStep?: () => void | Promise<void>): Promise<Float64Array<ArrayBuffer>> {
    return readLabels(this, onError, onStep);
  }

  /**
   * What was not read of it.
   *
   * @param ranges What could not be read, with numbers counted over all sources.
   * @param firstNumber The number of its first image.
   * @returns undefined if all was read.
   * @ignore
   */
  loss(ranges: LostRange[], firstNumber: number): DatasetLoss | undefined {
    if (this.unindexed.places > 0) {
      using file = new FileSource(this.path);
      const head = new Uint8Array(FRAME_HEADER_BYTES);
      this.unindexed.look(head.subarray(0, file.read(this.unindexed.first, head)));
    }
    const loss = new DatasetLoss(this, ranges, firstNumber, this.unindexed);
    return loss.isNone ? undefined : loss;
  }
}

/**
 * Opens a dataset and reads its index and its layout.
 *
 * @example
 * ```ts
 * import { openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * console.log(dataset.facts.layout.kind, dataset.imageCount); // identity 82
 * ```
 *
 * @param path A folder with `train.rec` and `train.idx`, or a `.rec` file whose `.idx` lies beside it.
 * @param options How to read it; with `labelsFrom` the labels are those of a list, and not those of the images' headers,
 * with `select` it has only some of its images.
 * @returns The dataset; dispose of it when done.
 * @throws {UnrecError} If a file is missing or damaged, or something is not there that is asked for, with what to do
 * about it.
 */
export async function openDataset(
  path: string,
  { labelsFrom, select, ...options }: Pick<SourceOptions, "engine" | "chunkBytes" | "onError"> & {
    labelsFrom?: string;
    select?: Selection;
  } = {},
): Promise<DatasetSource> {
  using opened = new DisposableStack();
  const dataset = opened.use(await new DatasetPlace(recordsOf(path), undefined, labelsFrom, select).open(options));
  requireChosen(dataset.datasets);
  opened.move();
  return dataset;
}

/**
 * Opens a dataset to find single records by their keys. Unlike {@linkcode openDataset} it reads next to nothing first,
 * and so takes no longer for a large dataset than for a small one.
 *
 * @example
 * ```ts
 * import { openLookup } from "@unrec/unrec";
 *
 * using lookup = await openLookup("tests/data/glint_mini");
 * const image = await lookup.get(1);
 * console.log(image?.label, image?.bytes.length); // 0 3908
 * console.log(await lookup.get(4711)); // undefined
 * ```
 *
 * @param path A folder with `train.rec` and `train.idx`, or a `.rec` file whose `.idx` lies beside it.
 * @param options Which scanners read it.
 * @returns What finds them; dispose of it when done.
 * @throws {UnrecError} If a file is missing, or is something else.
 */
export async function openLookup(
  path: string,
  { engine = "wasm" }: Pick<SourceOptions, "engine"> = {},
): Promise<RecordLookup> {
  return await new DatasetPlace(recordsOf(path)).openLookup(engine);
}

/** The record file of a dataset that is named by its folder, or by that file. */
function recordsOf(path: string): string {
  return path.endsWith(".rec") ? path : join(path, "train.rec");
}
