import type { Reading } from "../bytes/reading.ts";
import { UnrecError } from "../errors.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { Runs } from "./runs.ts";

/** A layout in figures. Plain data. */
export interface LayoutFacts {
  /** `identity`: record 0 names identity records, each of which names the keys of its images. `flat`: every key is an image. */
  kind: "identity" | "flat";
  /** Where record 0 is: before or after all others, in between, or `missing`. In the flat layout it is an image. */
  record0: "first" | "last" | "between" | "missing";
  /** How many identity records there are; 0 in the flat layout. An identity record is not a label: several may share one. */
  identityRecords: number;
  /** How many images there are in reading order, those that the index lacks counted. */
  images: number;
  /** Identity records whose range ends before it begins; they name no image. */
  backwardRanges: number;
  /** Records that are neither record 0 nor an identity record, and that no identity record names. */
  unnamedRecords: number;
  /** Images named again by a later identity record; they are written again. */
  repeatedImages: number;
}

/** How a dataset says which of its records are images, and in which order they are read. */
export interface Layout extends LayoutFacts {
  /** Rows of the images, in reading order: by identity, in each by key; or, flat, as the index has them. */
  order: Runs;
  /** The number of each row of {@linkcode order}; undefined if they are 0, 1, 2, ..., that is, if no image is missing. */
  numbers: Runs | undefined;
  /** Keys that identity records name and that the index lacks. Only a layout that was read with `skip` has some. */
  missing: MissingKeys[];
  /** Keys of the identity records that cannot be read: what they name is guessed from their neighbours. Only with `skip`. */
  lostIdentities: number[];
  /** The key of the first identity record; the others follow it. 0 in the flat layout. */
  firstIdentity: number;
  /** The number of each identity record's first image, in the order of their keys, and last the number of images. */
  identityNumbers: Float64Array<ArrayBuffer>;
}

/**
 * The figures of a layout.
 *
 * @param layout The layout.
 */
export function layoutFacts(layout: Layout): LayoutFacts {
  const { kind, record0, identityRecords, images, backwardRanges, unnamedRecords, repeatedImages } = layout;
  return { kind, record0, identityRecords, images, backwardRanges, unnamedRecords, repeatedImages };
}

/** Keys that follow each other and that the index lacks. */
export interface MissingKeys {
  /** The first one. */
  key: number;
  /** How many. */
  count: number;
  /** Number of the first one's image. */
  number: number;
}

/** What of a record tells the layout. */
export interface RecordHeader {
  /** IRHeader.flag: 0 for a scalar label, else the number of labels. */
  flag: number;
  /** Bytes of its image. */
  imageBytes: number;
  /** Its first two labels as whole numbers, cut as Python's `int` does; NaN if it has fewer. */
  range: [number, number];
}

/**
 * Reads the headers of some rows, and shows each with its place among them. Those that cannot be read are an error, or
 * left out where that is asked for.
 */
export type HeaderReader = (
  rows: Runs,
  visit: (header: RecordHeader, place: number) => void,
  onError: OnError,
) => Reading<void>;

/** What to do about records that cannot be read: end with an error, or leave them out and say so. */
export type OnError = "stop" | "skip";

/** An order that names more images than this many times the records of its index was not written by any tool. */
const MOST_REPEATS = 16;

/**
 * Recognises the layout of a dataset and reads what tells the order of its images: record 0 and the identity records.
 * The rules are those of the InsightFace tools, see `face2rec2.py`, `dataset_merge.py` and `rec_builder.py` there.
 *
 * @param path The record file's name, for messages.
 * @param index Its index.
 * @param read Reads headers.
 * @param onError Whether identity records that cannot be read and images that the index lacks are errors.
 * @returns The layout.
 * @throws {UnrecError} If the identity records are not to be made sense of, or name keys that the index does not have.
 */
export function* readLayout(
  path: string,
  index: DatasetIndex,
  read: HeaderReader,
  onError: OnError = "stop",
): Reading<Layout> {
  const row0 = index.rowOf(0);
  let header: RecordHeader | undefined;
  if (row0 >= 0) yield* read(rowsOf(row0, 1), (found) => header = found, "stop");
  if (header === undefined || header.flag === 0 || header.imageBytes > 0) {
    return {
      kind: "flat",
      record0: place(index, row0),
      identityRecords: 0,
      order: rowsOf(0, index.rows),
      images: index.rows,
      numbers: undefined,
      missing: [],
      lostIdentities: [],
      firstIdentity: 0,
      identityNumbers: new Float64Array(),
      backwardRanges: 0,
      unnamedRecords: 0,
      repeatedImages: 0,
    };
  }

  const [first, last] = header.range;
  if (!(first <= last)) {
    throw new UnrecError(
      `Cannot read the identities of ${path}: record 0 names the keys ${first} to ${last}, which is no range`,
    );
  }
  const { ranges, identityRows, lost } = yield* readRanges(path, index, first, last, read, onError);

  const order = new Runs();
  const numbers = new Runs();
  const missing: MissingKeys[] = [];
  const identityNumbers = new Float64Array(last - first + 1);
  let images = 0;
  let backwardRanges = 0;
  for (let i = 0; i < last - first; i++) {
    identityNumbers[i] = images;
    const from = ranges[2 * i];
    const to = ranges[2 * i + 1];
    if (Number.isNaN(from) || Number.isNaN(to)) {
      throw new UnrecError(
        `Cannot read the identities of ${path}: identity record ${first + i} names the keys ${from} to ${to}`,
      );
    }
    if (from > to) backwardRanges++;
    for (let key = from; key < to;) {
      const gap = index.rowsOf(key, to, (row, count) => {
        order.append(row, count);
        numbers.append(images, count);
        images += count;
      });
      if (gap === undefined) break;
      if (onError === "stop") {
        throw new UnrecError(
          `Cannot read the images of ${path}: identity record ${first + i} names the images ${from} to ${
            to - 1
          }, but ` +
            `the index has no key ${gap}, so it is incomplete or belongs to another file`,
          { kind: "rebuild-index", path },
          { kind: "skip-damage" },
        );
      }
      key = Math.min(to, index.keyFrom(gap));
      missing.push({ key: gap, count: key - gap, number: images });
      images += key - gap;
      if (images > MOST_REPEATS * index.rows) break;
    }
    if (images > MOST_REPEATS * index.rows) {
      throw new UnrecError(
        `Cannot read the images of ${path}: its identity records up to ${first + i} name ${images} images, and the ` +
          `index has only ${index.rows} records; the identity records are damaged`,
      );
    }
  }
  identityNumbers[last - first] = images;
  const named = countDistinct(order);
  return {
    kind: "identity",
    record0: place(index, row0),
    identityRecords: last - first,
    order,
    images,
    numbers: missing.length > 0 ? numbers : undefined,
    missing,
    lostIdentities: lost,
    firstIdentity: first,
    identityNumbers,
    backwardRanges,
    unnamedRecords: Math.max(0, index.rows - 1 - identityRows - named),
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

/** The ranges of the identity records with the keys `first` to `last` (exclusive), two numbers each. */
function* readRanges(
  path: string,
  index: DatasetIndex,
  first: number,
  last: number,
  read: HeaderReader,
  onError: OnError,
): Reading<{ ranges: Float64Array; identityRows: number; lost: number[] }> {
  const rows = new Runs();
  const places = new Runs();
  for (let key = first; key < last;) {
    const gap = index.rowsOf(key, last, (row, count) => {
      rows.append(row, count);
      places.append(key - first, count);
      key += count;
    });
    if (gap === undefined) break;
    if (onError === "stop") {
      throw new UnrecError(
        `Cannot read the identities of ${path}: record 0 names the identity records ${first} to ${last - 1}, but the ` +
          `index has no key ${gap}, so it is incomplete or belongs to another file`,
        { kind: "rebuild-index", path },
        { kind: "skip-damage" },
      );
    }
    key = Math.min(last, index.keyFrom(gap));
  }
  if (last - first > MOST_REPEATS * index.rows) {
    throw new UnrecError(
      `Cannot read the identities of ${path}: record 0 names ${last - first} of them; it is damaged`,
    );
  }
  const ranges = new Float64Array((last - first) * 2);
  const known = new Uint8Array(last - first);
  yield* read(rows, ({ flag, range }, place) => {
    const identity = places.at(place);
    if (flag < 2) {
      throw new UnrecError(
        `Cannot read the identities of ${path}: identity record ${first + identity} has ` +
          `${flag === 0 ? "a scalar label" : "one label"} in place of a range of keys`,
      );
    }
    ranges.set(range, identity * 2);
    known[identity] = 1;
  }, onError);
  return { ranges, identityRows: rows.length, lost: inferRanges(ranges, known, first) };
}

/**
 * Gives identity records that cannot be read what lies between their neighbours: all tools write the ranges without a
 * gap, from key 1 to the first identity record's. The first one of a row gets all of it, so that the numbers of the
 * images are right.
 *
 * @returns Their keys.
 */
function inferRanges(ranges: Float64Array, known: Uint8Array, firstKey: number): number[] {
  const lost: number[] = [];
  for (let i = 0; i < known.length; i++) {
    if (known[i] === 1) continue;
    let next = i;
    while (next < known.length && known[next] === 0) next++;
    const from = i === 0 ? 1 : ranges[2 * i - 1];
    const to = next === known.length ? firstKey : ranges[2 * next];
    ranges.fill(to, 2 * i, 2 * next);
    if (from < to) ranges[2 * i] = from;
    for (; i < next; i++) lost.push(firstKey + i);
  }
  return lost;
}

function rowsOf(start: number, count: number): Runs {
  const rows = new Runs();
  rows.append(start, count);
  return rows;
}
