import { type ByteSource, readAll, type Reading } from "../bytes/reading.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import { FRAME_HEADER_BYTES, IR_HEADER_BYTES } from "../recordio/constants.ts";
import { describeProblem, RecordError, type RecordProblem } from "../recordio/problem.ts";
import { type Engine, RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import { Cursor } from "./cursor.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import type { LabelList } from "./label_list.ts";
import { type Layout, type OnError, readLayout } from "./layout.ts";
import { cutTasks } from "./plan.ts";
import { readIndex } from "./read_index.ts";
import { readLabelList } from "./read_label_list.ts";
import { readTask } from "./read_task.ts";
import { headerOf, type RecordHeader } from "./record_header.ts";
import { Runs } from "./runs.ts";
import type { Choice } from "./selection/choice.ts";
import { beginsRecord } from "./walk.ts";

/** The files of a dataset, open. */
export interface DatasetFiles {
  /** The records, `train.rec`. */
  records: ByteSource;
  /** First line of the `property` file, if there is one: classes, height, width. */
  property?: string;
  /** The index, `train.idx`. It is not needed any more when the dataset is open. */
  index: ByteSource;
  /** A list that tells the labels of the images in place of their headers. It is not needed any more either then. */
  labels?: ByteSource;
}

/** What is needed of the files of a dataset as long as it is open. */
export type OpenFiles = Pick<DatasetFiles, "records" | "property">;

/** Options of {@linkcode readDataset}. */
export interface ReadOptions {
  /** The scanners. */
  engine: Engine;
  /**
   * How many bytes are read at once.
   *
   * @default {8388608}
   */
  chunkBytes?: number;
  /**
   * Whether identity records that cannot be read, and images that the index lacks, are errors.
   *
   * @default {"stop"}
   */
  onError?: OnError;
}

/** No more places than this are told apart. */
const MOST_PLACES = 1024;

/** Places of a file where a record begins, or should, that its index does not name. */
export class Unindexed {
  /**
   * Whether a record begins at the first place, as far as {@linkcode look} was told; else the file is damaged there, and
   * an index made anew would not name it either.
   */
  atRecord = true;
  readonly #places = new Set<number>();

  /** How many there are at least. */
  get places(): number {
    return this.#places.size;
  }

  /** Byte of the first one that was met; Infinity if there is none. */
  get first(): number {
    return Math.min(...this.#places);
  }

  /**
   * Takes note of a place where a record begins, or should, unless the index names it or the file ends there.
   *
   * @param index The index.
   * @param size Bytes of the record file.
   * @param offset The place.
   * @returns Whether the index lacks it.
   * @ignore
   */
  note(index: DatasetIndex, size: number, offset: number): boolean {
    if (offset === size || index.hasOffset(offset)) return false;
    if (this.#places.size < MOST_PLACES) this.#places.add(offset);
    return true;
  }

  /**
   * Looks at what is at the first place.
   *
   * @param head Up to 8 bytes from there on.
   * @ignore
   */
  look(head: Uint8Array<ArrayBuffer>): void {
    this.atRecord = beginsRecord(head);
  }
}

/** Room for the beginning of a line and the shape of another. */
const INDEX_CHUNK_LEAST = 256;

/** What index and identity records say of a dataset. */
export interface Survey {
  /** Which key's record begins where. */
  index: DatasetIndex;
  /** Which records are images, in which order. */
  layout: Layout;
  /** Places met so far that the index does not name. */
  unindexed: Unindexed;
  /** The labels of a list, if there is one. */
  labels: LabelList | undefined;
  /** What was chosen of it, if not all is wanted. */
  choice?: Choice;
}

/**
 * Reads what tells the records of a dataset and their order.
 *
 * @param files Its files.
 * @param options How to read it.
 * @throws {UnrecError} If a file is damaged or they do not belong together, with what to do about it.
 */
export async function readSurvey(files: DatasetFiles, options: ReadOptions): Promise<Survey> {
  const { engine, chunkBytes = RECORD_CHUNK_BYTES, onError = "stop" } = options;
  const { records } = files;
  const indexScanner = engine.createIndexScanner(Math.max(INDEX_CHUNK_LEAST, Math.min(chunkBytes, 2 ** 20)));
  let index: DatasetIndex;
  try {
    index = await readAll(readIndex(files.index.name, files.index.size, indexScanner), files.index);
  } finally {
    indexScanner.close();
  }
  const scanner = engine.createRecordScanner(chunkBytes);
  const cursor = new Cursor(records, scanner);
  const unindexed = new Unindexed();
  const note = (offset: number) => void unindexed.note(index, records.size, offset);
  const requireIndexed = async () => {
    if (unindexed.places === 0 || onError === "skip") return;
    const head = new Uint8Array(FRAME_HEADER_BYTES);
    unindexed.look(head.subarray(0, await records.read(unindexed.first, head)));
    throw unindexedError(records.name, unindexed);
  };
  try {
    // What comes before the first record that the index names, and after the last one? Where others end, readers notice.
    // It is asked first, for what an index with holes says of the layout misleads. A record that cannot be read is told
    // when it is wanted.
    note(0);
    await readAll(readHeaders(cursor, index, lastRow(index), () => {}, "skip", note), records);
    await requireIndexed();
    const layout = await readAll(
      readLayout(
        records.name,
        index,
        (rows, visit, onError) => readHeaders(cursor, index, rows, visit, onError, note),
        onError,
      ),
      records,
    );
    await requireIndexed();
    const labels = files.labels && await readAll(readLabelList(files.labels.name, index, layout), files.labels);
    return { index, layout, unindexed, labels };
  } catch (error) {
    throw error instanceof RecordError ? explainRecord(error.problem, records.name, records.size, index) : error;
  } finally {
    scanner.close();
  }
}

/**
 * Reads the headers of records from a file.
 *
 * @param cursor Goes through the file.
 * @param index Its index.
 * @param rows Which records.
 * @param visit Called for each, in the order of the file, with its place among `rows`.
 * @param onError Whether a record that cannot be read is an error, or left out.
 * @param passed Told where records were met that are not wanted.
 * @throws {RecordError} If a record cannot be read.
 */
export function* readHeaders(
  cursor: Cursor,
  index: DatasetIndex,
  rows: Runs,
  visit: (header: RecordHeader, place: number) => void,
  onError: OnError,
  passed: (offset: number) => void = () => {},
): Reading<void> {
  const tasks = cutTasks(index, rows, {
    fileBytes: cursor.file.size,
    // An identity record has 40 bytes; a record 0 that turns out to be an image need not be read with all around it.
    taskBytes: rows.length === 1 ? IR_HEADER_BYTES : cursor.scanner.chunk.length,
    maxGap: cursor.scanner.chunk.length,
    firstNumber: 0,
  });
  for (const task of tasks) {
    yield* readTask(cursor, task, {
      record: (view) => visit(headerOf(view), view.number),
      ...onError === "skip" ? { lost() {} } : {},
      passed,
    });
  }
}

/**
 * Says that a file has more than its index names.
 *
 * @param path The record file.
 * @param unindexed What was met.
 * @param onError Whether what is whole was written all the same.
 */
export function unindexedError(path: string, unindexed: Unindexed, onError: OnError = "stop"): UnrecError {
  const { places, first, atRecord } = unindexed;
  const where = places === 1 ? "" : `, in ${places} places`;
  if (atRecord) {
    return new UnrecError(
      `Cannot trust the index of ${path}: it does not name all that the file has${where}; the first byte without a key ` +
        `is ${first}`,
      { kind: "rebuild-index", path },
    );
  }
  return new UnrecError(
    `Cannot trust ${path}: it has bytes that belong to no record${where}; the first one is ${first}`,
    { kind: "compare-sums", path },
    { kind: "verify", path },
    ...onError === "stop" ? [{ kind: "skip-damage" as const }] : [],
  );
}

/**
 * Says in a sentence which record cannot be read, why, and what to do.
 *
 * @param problem What is wrong.
 * @param path The record file.
 * @param bytes Its size.
 * @param index Its index.
 */
export function explainRecord(problem: RecordProblem, path: string, bytes: number, index: DatasetIndex): UnrecError {
  const { kind, offset } = problem;
  const key = index.keyOfOffset(offset);
  const skip: Remedy[] = [{ kind: "skip-damage" }];
  const [why, remedies]: [string, Remedy[]] = kind === "truncated" || kind === "outside"
    ? [`the download of ${path} (${bytes} bytes) is not complete, or the index belongs to another file`, [
      { kind: "download-again", path },
      ...skip,
    ]]
    : kind === "bad-magic" && problem.position === 0 && problem.value === 0
    ? ["the file begins with zeros, so its download is not complete", [{ kind: "download-again", path }, ...skip]]
    : kind === "label"
    ? ["the record is damaged, or the set has labels that are no classes", skip]
    : kind === "other-label"
    ? ["so labels of this dataset cannot be chosen by its identity records", [
      { kind: "text", text: "choose keys in place of labels, or take all" },
      ...skip,
    ]]
    : kind === "no-label-vector"
    ? ["the record is damaged, or the program that wrote it left them out", [{ kind: "verify", path }, ...skip]]
    : ["the file is damaged, or the index belongs to another file", [
      { kind: "compare-sums", path },
      { kind: "verify", path },
      ...skip,
    ]];
  return new UnrecError(
    `Cannot read the record${key === undefined ? "" : ` of key ${key}`} at byte ${offset} of ${path}: ` +
      `${describeProblem(problem)}; ${why}`,
    ...remedies,
  );
}

/** The row of the last record in the file. */
function lastRow(index: DatasetIndex): Runs {
  const { offsets, rising, rows } = index;
  const last = new Runs();
  last.append(rising ? rows - 1 : offsets.indexOf(index.sortedOffsets[rows - 1]), 1);
  return last;
}
