import { existsSync } from "@std/fs/exists";
import { dirname, join } from "node:path";
import { FileSource } from "../bytes/file_source.ts";
import { propertyClasses } from "../dataset/classes.ts";
import { Dataset, type DatasetFacts } from "../dataset/dataset.ts";
import { type DatasetFiles, type ReadOptions, readSurvey, type Survey } from "../dataset/survey.ts";
import { DatasetLoss, type LostRange } from "../dataset/loss.ts";
import type { ReadTask } from "../dataset/plan.ts";
import { lastAtMost } from "../dataset/runs.ts";
import { UnrecError } from "../errors.ts";
import { FRAME_HEADER_BYTES, IR_HEADER_BYTES } from "../recordio/constants.ts";
import type { EngineName } from "../recordio/types.ts";
import { loadEngine } from "../wasm/load_engine.ts";
import type { DatasetSpec } from "./dataset_reader.ts";
import { type FileFacts, fileFacts, firstLine } from "./file_facts.ts";
import type { FoundSource, Scanning, Source, SourceOptions } from "./source.ts";

/** The files of a dataset: `train.rec` and what lies beside it. */
export class DatasetPlace implements FoundSource {
  readonly kind = "dataset";
  /** The record file. */
  readonly path: string;
  /** The index. It need not be there. */
  readonly index: string;

  /** What nothing must be written among. */
  readonly paths: readonly string[];

  /**
   * @param records The record file.
   * @param folder Its folder, if that was given and all in it belongs to the dataset.
   */
  constructor(records: string, folder?: string) {
    this.path = records;
    this.paths = [folder ?? records];
    this.index = `${records.replace(/\.rec$/, "")}.idx`;
  }

  /** First line of the `property` file beside it: classes, height, width. */
  get property(): string | undefined {
    try {
      return firstLine(Deno.readTextFileSync(join(dirname(this.path), "property")));
    } catch {
      // It only says what the records say too, and many sets come without it.
      return undefined;
    }
  }

  facts(): FileFacts[] {
    return [fileFacts("records", this.path), fileFacts("index", this.index)];
  }

  async open({ engine = "wasm", ...options }: SourceOptions): Promise<DatasetSource> {
    using opened = new DisposableStack();
    const records = opened.use(new FileSource(this.path));
    this.requireIndex();
    using index = new FileSource(this.index);
    const files: DatasetFiles = { records, index, property: this.property };
    const how: ReadOptions = { ...options, engine: await loadEngine(engine) };
    const survey = await readSurvey(files, how);
    opened.move();
    return new DatasetSource(this, engine, files, survey, how);
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

  /** How many images it has, those counted that cannot be read. */
  get imageCount(): number {
    return this.layout.images;
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
    const most = Math.min(classes ?? Infinity, layout.identityRecords || Infinity, layout.order.length);
    if (classes !== undefined || layout.identityRecords > 0) return most;
    const labels = (await this.sampleLabels(LABEL_SAMPLES)).filter(Number.isFinite);
    return labels.length === 0 ? 1 : Math.min(most, Math.max(...labels) - Math.min(...labels) + 1);
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
 * @param options How to read it.
 * @returns The dataset; dispose of it when done.
 * @throws {UnrecError} If a file is missing or damaged, with what to do about it.
 */
export async function openDataset(
  path: string,
  options: Pick<SourceOptions, "engine" | "chunkBytes" | "onError"> = {},
): Promise<DatasetSource> {
  return await new DatasetPlace(path.endsWith(".rec") ? path : join(path, "train.rec")).open(options);
}
