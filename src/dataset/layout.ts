import { UnrecError } from "../errors.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { rebuildCommand } from "./rebuild_command.ts";
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

/** What of a record tells the layout. */
export interface RecordHeader {
  /** IRHeader.flag: 0 for a scalar label, else the number of labels. */
  flag: number;
  /** Bytes of its image. */
  imageBytes: number;
  /** Its first two labels as whole numbers, cut as Python's `int` does; NaN if it has not got two. */
  range: [number, number];
}

/** Reads the headers of some rows, and shows each with its place among them. */
export type HeaderReader = (rows: Runs, visit: (header: RecordHeader, place: number) => void) => void;

/** An order that names more images than this many times the records of its index was not written by any tool. */
const MOST_REPEATS = 16;

/**
 * Recognises the layout of a dataset and reads what tells the order of its images: record 0 and the identity records.
 * The rules are those of the InsightFace tools, see `face2rec2.py`, `dataset_merge.py` and `rec_builder.py` there.
 *
 * @param path The record file's name, for messages.
 * @param index Its index.
 * @param read Reads headers.
 * @returns The layout.
 * @throws {UnrecError} If the identity records are not to be made sense of, or name keys that the index does not have.
 */
export function readLayout(path: string, index: DatasetIndex, read: HeaderReader): Layout {
  const row0 = index.rowOf(0);
  let header: RecordHeader | undefined;
  if (row0 >= 0) read(rowsOf(row0, 1), (found) => header = found);
  if (header === undefined || header.flag === 0 || header.imageBytes > 0) {
    return {
      kind: "flat",
      record0: place(index, row0),
      identityRecords: 0,
      order: rowsOf(0, index.rows),
      backwardRanges: 0,
      unnamedRecords: 0,
      repeatedImages: 0,
    };
  }

  const [first, last] = header.range;
  const identityOrder = new Runs();
  if (!(first <= last)) {
    throw new UnrecError(
      `Cannot read the identities of ${path}: record 0 names the keys ${first} to ${last}, which is no range`,
    );
  }
  const missing = index.rowsOf(first, last, (row, count) => identityOrder.append(row, count));
  if (missing !== undefined) {
    throw new UnrecError(
      `Cannot read the identities of ${path}: record 0 names the identity records ${first} to ${last - 1}, but ` +
        `the index has no key ${missing}; train.idx is incomplete or belongs to another file; rebuild it with ${
          rebuildCommand(path)
        }`,
    );
  }
  const ranges = readRanges(path, first, identityOrder, read);

  const order = new Runs();
  let backwardRanges = 0;
  for (let i = 0; i < identityOrder.length; i++) {
    const from = ranges[2 * i];
    const to = ranges[2 * i + 1];
    if (!(from <= to)) {
      if (Number.isNaN(from) || Number.isNaN(to)) {
        throw new UnrecError(
          `Cannot read the identities of ${path}: identity record ${first + i} names the keys ${from} to ${to}`,
        );
      }
      backwardRanges++;
      continue;
    }
    const missing = index.rowsOf(from, to, (row, count) => order.append(row, count));
    if (missing !== undefined) {
      throw new UnrecError(
        `Cannot read the images of ${path}: identity record ${first + i} names the images ${from} to ` +
          `${
            to - 1
          }, but the index has no key ${missing}; train.idx is incomplete or belongs to another file; rebuild it with ${
            rebuildCommand(path)
          }`,
      );
    }
    if (order.length > MOST_REPEATS * index.rows) {
      throw new UnrecError(
        `Cannot read the images of ${path}: its identity records up to ${first + i} name ${order.length} ` +
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

/** The ranges of the identity records, two numbers each, in the order of their keys. */
function readRanges(path: string, firstKey: number, rows: Runs, read: HeaderReader): Float64Array {
  const ranges = new Float64Array(rows.length * 2);
  read(rows, ({ flag, range }, place) => {
    if (flag < 2) {
      throw new UnrecError(
        `Cannot read the identities of ${path}: identity record ${firstKey + place} has ` +
          `${flag === 0 ? "a scalar label" : "one label"} in place of a range of keys`,
      );
    }
    ranges.set(range, place * 2);
  });
  return ranges;
}

function rowsOf(start: number, count: number): Runs {
  const rows = new Runs();
  rows.append(start, count);
  return rows;
}
