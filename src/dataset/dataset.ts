import { type ByteSource, readAll, readFully, type Reading } from "../bytes/reading.ts";
import type { UnrecError } from "../errors.ts";
import { labelProblem } from "../recordio/label_kind.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";
import { type Engine, RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import { isClass, notAClass, propertyClasses } from "./classes.ts";
import { Cursor } from "./cursor.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import type { DatasetFacts } from "./dataset_facts.ts";
import type { LabelList } from "./label_list.ts";
import { type Layout, layoutFacts } from "./layout.ts";
import { copyOf, type ImageRecord, readOneRecord } from "./one_record.ts";
import type { ReadTask } from "./plan.ts";
import { ReadingOrder } from "./reading_order.ts";
import { readTask, type TaskVisitor } from "./read_task.ts";
import {
  type DatasetFiles,
  explainRecord,
  type OpenFiles,
  type ReadOptions,
  readSurvey,
  type Survey,
  type Unindexed,
} from "./survey.ts";
import { expectRecords } from "./wrong_file.ts";
export type { DatasetFacts } from "./dataset_facts.ts";

/** A RecordIO dataset that is open: `train.rec`, its index, and what they say of its layout. */
export class Dataset implements Disposable {
  /** Name of the record file. */
  readonly path: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /**
   * Which key's record begins where.
   *
   * @ignore
   */
  readonly index: DatasetIndex;
  /**
   * Which records are images, in which order: of those that were chosen, with their numbers in the whole dataset.
   *
   * @ignore
   */
  readonly layout: Layout;
  /**
   * The same of all its images.
   *
   * @ignore
   */
  readonly whole: Layout;
  /** The `property` file's first line, if there is one: classes, height, width. */
  readonly property: string | undefined;
  /**
   * How many bytes are read at once.
   *
   * @ignore
   */
  readonly chunkBytes: number;
  /**
   * Places met so far that the index does not name.
   *
   * @ignore
   */
  readonly unindexed: Unindexed;
  /**
   * The labels of a list, if they are taken from one.
   *
   * @ignore
   */
  readonly labelList: LabelList | undefined;
  /** @ignore Its images in reading order. */
  readonly order: ReadingOrder;
  readonly #records: ByteSource;
  readonly #engine: Engine;
  readonly #choice: Survey["choice"];

  /**
   * Use `openDataset`, or {@linkcode readDataset} where there are no files.
   *
   * @param files The files.
   * @param survey What index and identity records say.
   * @param options How it is read.
   */
  constructor(files: OpenFiles, survey: Survey, options: ReadOptions) {
    this.path = files.records.name;
    this.bytes = files.records.size;
    this.property = files.property;
    this.index = survey.index;
    this.layout = survey.choice?.layout ?? survey.layout;
    this.whole = survey.layout;
    this.unindexed = survey.unindexed;
    this.labelList = survey.labels;
    this.chunkBytes = options.chunkBytes ?? RECORD_CHUNK_BYTES;
    this.order = new ReadingOrder(this, this.layout, survey.choice);
    this.#records = files.records;
    this.#engine = options.engine;
    this.#choice = survey.choice;
  }

  /** What is known of it, as plain data. */
  get facts(): DatasetFacts {
    const { path, index, property, labelList } = this;
    return {
      path,
      layout: layoutFacts(this.layout),
      records: index.rows,
      duplicateKeys: index.duplicates,
      ...property === undefined ? {} : { property },
      ...labelList === undefined ? {} : { labelList: labelList.facts },
      ...this.#choice === undefined ? {} : { chosen: this.#choice.facts },
    };
  }

  /**
   * Cuts the images into tasks of neighbouring bytes.
   *
   * @param taskBytes About how many bytes a task reads.
   * @param firstNumber The number of the first image.
   * @param layout Which images: those that were chosen, or all.
   * @returns The tasks, made when they are asked for.
   * @ignore
   */
  tasks(taskBytes: number, firstNumber = 0, layout = this.layout): Iterable<ReadTask> {
    const order = layout === this.layout ? this.order : new ReadingOrder(this, layout);
    return order.tasks(taskBytes, firstNumber);
  }

  /**
   * Reads all images that were chosen, each once for every identity that names it, in the order of the file: their `number` tells the
   * reading order, which is the same in nearly every dataset.
   *
   * @example
   * ```ts
   * import { openDataset } from "@unrec/unrec";
   *
   * using dataset = await openDataset("tests/data/glint_mini");
   * let largest = 0;
   * for await (const { bytes } of dataset.images()) largest = Math.max(largest, bytes.length);
   * console.log(largest, "bytes at most"); // 4661 bytes at most
   * ```
   *
   * @returns The images, with bytes of their own.
   * @throws {UnrecError} At the first record that cannot be read.
   */
  async *images(): AsyncGenerator<ImageRecord, void> {
    for (const task of this.tasks(this.chunkBytes)) {
      const images: ImageRecord[] = [];
      let failure: unknown;
      try {
        await this.#read(task, this.chunkBytes, { record: (view) => images.push(copyOf(view)) });
      } catch (error) {
        failure = error;
      }
      // What was read before a damaged record is handed on before its error is thrown.
      yield* images;
      if (failure !== undefined) throw failure;
    }
  }

  /**
   * Reads one record without reading the rest.
   *
   * @example
   * ```ts
   * import { openDataset } from "@unrec/unrec";
   *
   * using dataset = await openDataset("tests/data/glint_mini");
   * const image = await dataset.get(1);
   * console.log(image?.label, image?.bytes.length); // 0 3908
   * console.log(await dataset.get(4711)); // undefined
   * ```
   *
   * @param key A key of the index.
   * @returns The record, or undefined if the index does not have the key. `number` is the row in the index.
   * @throws {UnrecError} If the record cannot be read.
   */
  async get(key: number): Promise<ImageRecord | undefined> {
    const row = this.index.rowOf(key);
    if (row < 0) return undefined;
    return await readOneRecord(this.#records, this.index, row, this.#engine, this.labelList?.labelOfRow(row));
  }

  /**
   * How many labels the images, whether chosen or not, have room for: they are whole numbers from 0 to one less than this. What `property` says
   * is taken for true; without it a list of labels tells, or all headers are read. Those that cannot be read, or have no
   * number there, are left out: they are told when the images are read.
   *
   * @param onStep Called after each read; it may wait.
   * @returns The number of labels.
   * @throws {UnrecError} If a label is no whole number from 0 on.
   * @ignore
   */
  async labelSpan(onStep?: () => void | Promise<void>): Promise<number> {
    const classes = propertyClasses(this.property);
    if (classes !== undefined) return classes;
    let highest = -1;
    if (this.labelList !== undefined) {
      for (const { key, label } of this.labelList) {
        if (!isClass(label)) throw notAClass(this.path, key, label);
        if (label > highest) highest = label;
      }
      return highest + 1;
    }
    await this.visit(
      {
        record: (view) => {
          if (labelProblem(view) !== undefined) return;
          const { headerLabel, key } = view;
          if (!isClass(headerLabel)) throw notAClass(this.path, key!, headerLabel);
          if (headerLabel > highest) highest = headerLabel;
        },
        lost: () => {},
      },
      onStep,
      this.whole,
    );
    return highest + 1;
  }

  /**
   * Shows images to a visitor, in the order of the file.
   *
   * @param visitor Takes them.
   * @param onStep Called after each read; it may wait.
   * @param layout Which images: those that were chosen, or all.
   * @throws {UnrecError} At the first record that cannot be read, unless the visitor takes lost ones.
   * @ignore
   */
  async visit(visitor: TaskVisitor, onStep?: () => void | Promise<void>, layout = this.layout): Promise<void> {
    for (const task of this.tasks(4 * this.chunkBytes, 0, layout)) {
      await this.#read(task, this.chunkBytes, visitor, onStep);
    }
  }

  /**
   * Takes note of a place where a record begins, or should, unless the index names it or the file ends there.
   *
   * @param offset Byte of the record file.
   * @returns Whether the index lacks it.
   * @ignore
   */
  notePassed(offset: number): boolean {
    return this.unindexed.note(this.index, this.bytes, offset);
  }

  /**
   * Turns a record's problem into an error that names file and key.
   *
   * @param problem What is wrong.
   * @ignore
   */
  explain(problem: RecordProblem): UnrecError {
    return explainRecord(problem, this.path, this.bytes, this.index);
  }

  /**
   * Runs a reader over the records.
   *
   * @param reading Makes the reader, of a cursor at the beginning of the file.
   * @param chunkBytes How many bytes are read at once.
   * @param onStep Called after each read; it may wait.
   * @returns What the reader returns.
   * @throws {UnrecError} At a record that the reader cannot read.
   * @ignore
   */
  async read<Result>(
    reading: (cursor: Cursor) => Reading<Result>,
    chunkBytes: number,
    onStep?: () => void | Promise<void>,
  ): Promise<Result> {
    // A scanner for each call: several may be under way, and its memory goes when it is done with.
    const scanner = this.#engine.createRecordScanner(chunkBytes);
    try {
      return await readAll(reading(new Cursor(this.#records, scanner)), this.#records, onStep);
    } catch (error) {
      throw error instanceof RecordError ? this.explain(error.problem) : error;
    } finally {
      scanner.close();
    }
  }

  /**
   * Reads bytes of the record file, whatever they are.
   *
   * @param offset Where they begin.
   * @param into Where they go.
   * @returns How many came.
   * @throws {UnrecError} If they cannot be read.
   * @ignore
   */
  async readBytes(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    return await readFully(this.#records, offset, into);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#records[Symbol.dispose]();
  }

  async #read(
    task: ReadTask,
    chunkBytes: number,
    visitor: TaskVisitor,
    onStep?: () => void | Promise<void>,
  ): Promise<void> {
    await this.read((cursor) => readTask(cursor, task, visitor), chunkBytes, onStep);
  }
}

/**
 * Opens a dataset whose bytes are anywhere: reads its index and its layout.
 *
 * @example
 * ```ts
 * import { type ByteSource, loadEngine, readDataset } from "@unrec/unrec";
 *
 * async function download(url: string): Promise<ByteSource> {
 *   const blob = await (await fetch(url)).blob();
 *   return {
 *     name: url,
 *     size: blob.size,
 *     async read(offset, into) {
 *       const bytes = await blob.slice(offset, offset + into.length).bytes();
 *       into.set(bytes);
 *       return bytes.length;
 *     },
 *     [Symbol.dispose]() {},
 *   };
 * }
 *
 * const folder = `file://${Deno.cwd()}/tests/data/glint_mini`;
 * const records = await download(`${folder}/train.rec`);
 * const index = await download(`${folder}/train.idx`);
 * using dataset = await readDataset({ records, index }, { engine: await loadEngine("wasm") });
 * console.log((await Array.fromAsync(dataset.images())).length, "images"); // 82 images
 * ```
 *
 * @param files Its files; the record file stays open with the dataset.
 * @param options How to read it.
 * @returns The dataset; dispose of it when done.
 * @throws {UnrecError} If a file is damaged or they do not belong together, with what to do about it.
 */
export async function readDataset(files: DatasetFiles, options: ReadOptions): Promise<Dataset> {
  await expectRecords(files.records);
  return new Dataset(files, await readSurvey(files, options), options);
}
