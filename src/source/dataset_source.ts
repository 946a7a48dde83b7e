import { join } from "node:path";
import { FileSource } from "../bytes/file_source.ts";
import { isUrl } from "../bytes/http_address.ts";
import type { ByteSource } from "../bytes/reading.ts";
import type { Traffic } from "../bytes/traffic.ts";
import { propertyClasses } from "../dataset/classes.ts";
import { Dataset, type DatasetFacts } from "../dataset/dataset.ts";
import { readLabels } from "../dataset/label_index.ts";
import type { OnError } from "../dataset/layout.ts";
import { readChosenSurvey } from "../dataset/selection/choose_images.ts";
import type { DatasetFiles, OpenFiles, ReadOptions, Survey } from "../dataset/survey.ts";
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
import { type DatasetFilesAt, FilesHere } from "./dataset_files.ts";
import type { DatasetSpec } from "./dataset_reader.ts";
import { type FileFacts, fileFacts, LABEL_LIST } from "./file_facts.ts";
import type { FoundSource, ReaderSpec, Scanning, Source, SourceOptions } from "./source.ts";

/** The files of a dataset: `train.rec` and what lies beside it. */
export class DatasetPlace implements FoundSource {
  readonly kind = "dataset";
  /** The files. */
  readonly files: DatasetFilesAt;
  /** A list that tells the images' labels in place of their headers. */
  readonly labelsFrom: string | undefined;
  readonly select: Selection | undefined;

  /** What nothing must be written among. */
  readonly paths: readonly string[];

  /**
   * @param files The record file, with its index beside it; or the files where they are.
   * @param folder Its folder, if that was given and all in it belongs to the dataset.
   * @param labelsFrom A list that tells the images' labels in place of their headers.
   * @param select Which images are wanted, if not all are.
   */
  constructor(files: string | DatasetFilesAt, folder?: string, labelsFrom?: string, select?: Selection) {
    this.files = typeof files === "string" ? new FilesHere(files) : files;
    this.paths = isUrl(this.path) ? [] : [folder ?? this.path];
    this.labelsFrom = labelsFrom;
    this.select = select;
  }

  /** The record file. */
  get path(): string {
    return this.files.records;
  }

  /** The index. It need not be there. */
  get index(): string {
    return this.files.index;
  }

  /** First line of the `property` file beside it: classes, height, width. */
  get property(): string | undefined {
    return this.files.property;
  }

  get traffic(): Traffic | undefined {
    return this.files.traffic;
  }

  facts(): FileFacts[] {
    const facts = this.files.facts();
    return this.labelsFrom === undefined ? facts : [...facts, fileFacts(LABEL_LIST, this.labelsFrom)];
  }

  /**
   * The same dataset with labels from elsewhere.
   *
   * @param list A list that tells the images' labels in place of their headers.
   */
  withLabelsFrom(list: string): DatasetPlace {
    return new DatasetPlace(this.files, this.paths[0], list, this.select);
  }

  selecting(selection: Selection): DatasetPlace {
    return new DatasetPlace(this.files, this.paths[0], this.labelsFrom, selection);
  }

  async open({ engine = "wasm", ...options }: SourceOptions): Promise<DatasetSource> {
    using opened = new DisposableStack();
    const records = opened.use(await this.openRecords());
    using index = this.openIndex("all");
    using labels = this.labelsFrom === undefined ? undefined : new FileSource(this.labelsFrom);
    const files: DatasetFiles = { records, index, property: this.property, labels };
    const how: ReadOptions = { ...options, engine: await loadEngine(engine) };
    const survey = await readChosenSurvey(files, how, this.select);
    opened.move();
    const reader: DatasetSpec = { kind: "dataset", records: this.files.spec };
    return new DatasetSource({ found: this, reader, engine }, files, survey, how);
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
    const index = opened.use(this.openIndex("pieces"));
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
  async openRecords(): Promise<ByteSource> {
    using opened = new DisposableStack();
    const records = opened.use(this.files.openRecords());
    await expectRecords(records, () => this.files.openIndex("pieces"));
    opened.move();
    return records;
  }

  /**
   * Opens the index.
   *
   * @param wanted Whether all of it is read from front to back, or some pieces.
   * @returns The index; dispose of it when done.
   * @throws {UnrecError} If there is none, or it cannot be opened.
   */
  openIndex(wanted: "all" | "pieces"): ByteSource {
    const index = this.files.openIndex(wanted);
    if (index !== undefined) return index;
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
  readonly found: FoundSource;
  /**
   * From what a thread makes a reader.
   *
   * @ignore
   */
  readonly reader: ReaderSpec;
  /**
   * How it was asked to be read.
   *
   * @ignore
   */
  readonly scanning: Scanning;

  /**
   * Use `openDataset`.
   *
   * @param origin What it was opened from, from what threads read it, and with which scanners.
   * @param files The files, open.
   * @param survey What index and identity records say.
   * @param options How it is read.
   */
  constructor(
    { found, reader, engine }: { found: FoundSource; reader: ReaderSpec; engine: EngineName },
    files: OpenFiles,
    survey: Survey,
    options: ReadOptions,
  ) {
    super(files, survey, options);
    this.found = found;
    this.reader = reader;
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
  async loss(ranges: LostRange[], firstNumber: number): Promise<DatasetLoss | undefined> {
    if (this.unindexed.places > 0) {
      const head = new Uint8Array(FRAME_HEADER_BYTES);
      this.unindexed.look(head.subarray(0, await this.readBytes(this.unindexed.first, head)));
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
 * @example
 * ```ts
 * import { openDataset } from "@unrec/unrec";
 *
 * const select = { labels: [[0, 9]], maxPerLabel: 2 } as const;
 * using dataset = await openDataset("tests/data/glint_mini", { select });
 * console.log(dataset.imageCount, "images"); // 18 images
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
