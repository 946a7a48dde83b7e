import { UnrecError } from "../errors.ts";
import { IR_HEADER_BYTES } from "../recordio/constants.ts";
import { type RecordScanner, ROW } from "../recordio/types.ts";
import { cutTasks } from "./cut_tasks.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { readRecords, type RecordFile } from "./read_records.ts";
import { Runs } from "./runs.ts";

/** How a dataset says which of its records are images, and in which order they are read. */
export interface Layout {
  /** `identity`: record 0 names identity records, each of which names the keys of its images. `flat`: every key is an image. */
  kind: "identity" | "flat";
  /** Where record 0 is: before or behind all others, in between, or `missing`. In the flat layout it is an image. */
  record0: "first" | "last" | "between" | "missing";
  /** How many identity records there are; 0 in the flat layout. An identity record is not a label: several may share one. */
  identityRecords: number;
  /** Rows of the images, in reading order: by identity, in each by key; or, flat, as the index has them. */
  order: Runs;
  /** Identity records whose range ends before it begins; they name no image. */
  backwardRanges: number;
  /** Records that are neither record 0 nor an identity record, and that no identity record names. */
  unnamedRecords: number;
  /** Images named again by a later identity record; they are written again. */
  repeatedImages: number;
}

/** An order that names more images than this many times the records of its index was not written by any tool. */
const MOST_REPEATS = 16;

/**
 * Recognises the layout of a dataset and reads what tells the order of its images: record 0 and the identity records.
 * The rules are those of the InsightFace tools, see `face2rec2.py`, `dataset_merge.py` and `rec_builder.py` there.
 *
 * @param source The record file.
 * @param index Its index.
 * @param scanner To read with.
 * @returns The layout.
 * @throws {UnrecError} If the identity records are not to be made sense of, or name keys that the index does not have.
 * @throws {RecordError} If a record cannot be read.
 */
export function readLayout(source: RecordFile, index: DatasetIndex, scanner: RecordScanner): Layout {
  const row0 = index.rowOf(0);
  const header = row0 < 0 ? undefined : readHeader(source, index, scanner, row0);
  if (header === undefined || header.flag === 0 || header.imageBytes > 0) {
    const order = new Runs();
    order.append(0, index.rows);
    return {
      kind: "flat",
      record0: place(index, row0),
      identityRecords: 0,
      order,
      backwardRanges: 0,
      unnamedRecords: 0,
      repeatedImages: 0,
    };
  }

  const [first, last] = header.range;
  const identityOrder = new Runs();
  if (!(first <= last)) {
    throw new UnrecError(
      `Cannot read the identities of ${source.path}: record 0 names the keys ${first} to ${last}, which is no range`,
    );
  }
  const missing = index.rowsOf(first, last, (row, count) => identityOrder.append(row, count));
  if (missing !== undefined) {
    throw new UnrecError(
      `Cannot read the identities of ${source.path}: record 0 names the identity records ${first} to ${
        last - 1
      }, but ` +
        `the index has no key ${missing}; train.idx is incomplete or belongs to another file`,
    );
  }
  const ranges = readRanges(source, index, scanner, identityOrder);

  const order = new Runs();
  let backwardRanges = 0;
  for (let i = 0; i < identityOrder.length; i++) {
    const from = ranges[2 * i];
    const to = ranges[2 * i + 1];
    if (!(from <= to)) {
      if (Number.isNaN(from) || Number.isNaN(to)) {
        throw new UnrecError(
          `Cannot read the identities of ${source.path}: identity record ${first + i} names the keys ${from} to ${to}`,
        );
      }
      backwardRanges++;
      continue;
    }
    const missing = index.rowsOf(from, to, (row, count) => order.append(row, count));
    if (missing !== undefined) {
      throw new UnrecError(
        `Cannot read the images of ${source.path}: identity record ${first + i} names the images ${from} to ` +
          `${to - 1}, but the index has no key ${missing}; train.idx is incomplete or belongs to another file`,
      );
    }
    if (order.length > MOST_REPEATS * index.rows) {
      throw new UnrecError(
        `Cannot read the images of ${source.path}: its identity records up to ${first + i} name ${order.length} ` +
          `images, and the index has only ${index.rows} records; the identity records are damaged`,
      );
    }
  }
  const named = countDistinct(order);
  return {
    kind: "identity",
    record0: place(index, row0),
    identityRecords: identityOrder.length,
    order,
    backwardRanges,
    unnamedRecords: Math.max(0, index.rows - 1 - identityOrder.length - named),
    repeatedImages: order.length - named,
  };
}

/** Where record 0 lies among the others. */
function place(index: DatasetIndex, row0: number): Layout["record0"] {
  if (row0 < 0) return "missing";
  const at = index.offsets[row0];
  if (index.rising) return row0 === 0 ? "first" : row0 === index.rows - 1 ? "last" : "between";
  if (index.offsets.every((offset) => offset >= at)) return "first";
  return index.offsets.every((offset) => offset <= at) ? "last" : "between";
}

/** How many different rows an order has. */
function countDistinct(order: Runs): number {
  let count = 0;
  let end = 0;
  for (const run of order.sorted()) {
    const start = order.starts[run];
    const stop = start + order.lengthOf(run);
    count += Math.max(0, stop - Math.max(start, end));
    end = Math.max(end, stop);
  }
  return count;
}

function readHeader(source: RecordFile, index: DatasetIndex, scanner: RecordScanner, row: number) {
  const order = new Runs();
  order.append(row, 1);
  let found: { flag: number; imageBytes: number; range: [number, number] } | undefined;
  read(source, index, scanner, order, (at) => {
    found = {
      flag: scanner.table[at + ROW.FLAG],
      imageBytes: scanner.table[at + ROW.LENGTH],
      range: rangeOf(scanner, at),
    };
  });
  return found!;
}

/** The ranges of the identity records, two numbers each, in the order of their keys. */
function readRanges(source: RecordFile, index: DatasetIndex, scanner: RecordScanner, order: Runs): Float64Array {
  const ranges = new Float64Array(order.length * 2);
  read(source, index, scanner, order, (at, ordinal) => {
    if (scanner.table[at + ROW.FLAG] < 2) {
      throw new UnrecError(
        `Cannot read the identities of ${source.path}: identity record ${index.keys.at(order.at(ordinal))} has ` +
          `${scanner.table[at + ROW.FLAG] === 0 ? "a scalar label" : "one label"} in place of a range of keys`,
      );
    }
    ranges.set(rangeOf(scanner, at), ordinal * 2);
  });
  return ranges;
}

/** The first two labels of a record as whole numbers, cut as Python's `int` does. */
function rangeOf(scanner: RecordScanner, row: number): [number, number] {
  const { table, chunk } = scanner;
  if (table[row + ROW.FLAG] < 2) return [NaN, NaN];
  const labels = table[row + ROW.IMAGE] - table[row + ROW.FLAG] * 4;
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return [Math.trunc(view.getFloat32(labels, true)), Math.trunc(view.getFloat32(labels + 4, true))];
}

function read(
  source: RecordFile,
  index: DatasetIndex,
  scanner: RecordScanner,
  order: Runs,
  visit: (row: number, ordinal: number) => void,
): void {
  const tasks = cutTasks(index, order, {
    fileBytes: source.bytes,
    // An identity record has 40 bytes; a record 0 that turns out to be an image need not be read with all around it.
    taskBytes: order.length === 1 ? IR_HEADER_BYTES : scanner.chunk.length,
    maxGap: scanner.chunk.length,
    firstOrdinal: 0,
  });
  for (const task of tasks) {
    for (const _ of readRecords(source, task, scanner, (_, row, ordinal) => visit(row, ordinal)));
  }
}
