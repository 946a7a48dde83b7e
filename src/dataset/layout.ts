import type { Reading } from "../bytes/reading.ts";
import { UnrecError } from "../errors.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import {
  type IdentityRecords,
  MOST_REPEATS,
  readIdentityRecords,
  type RoundedRanges,
  unreadable,
} from "./identity_records.ts";
import { type HeaderReader, type OnError, readHeader } from "./record_header.ts";
import { Runs } from "./runs.ts";
import { findUnnamedIdentities } from "./unnamed_identities.ts";
export type { OnError } from "./record_header.ts";

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
  /** Keys that float32 has rounded, as in sets of more than 16,777,216 records, put right; undefined if none is. */
  rounded?: RoundedRanges;
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
  /** Whether record 0 cannot be read, or is missing: which records are identity records is guessed. Only with `skip`. */
  lostRecord0: boolean;
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
  const { kind, record0, identityRecords, images, backwardRanges, unnamedRecords, repeatedImages, rounded } = layout;
  return {
    ...{ kind, record0, identityRecords, images, backwardRanges, unnamedRecords, repeatedImages },
    ...rounded === undefined ? {} : { rounded },
  };
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

/**
 * Recognises the layout of a dataset and reads what tells the order of its images: record 0 and the identity records.
 * The rules are those of the InsightFace tools, see `face2rec2.py`, `dataset_merge.py` and `rec_builder.py` there.
 *
 * @param path The record file's name, for messages.
 * @param index Its index.
 * @param read Reads headers.
 * @param onError Whether record 0 and identity records that cannot be read, and images that the index lacks, are errors.
 * @returns The layout.
 * @throws {UnrecError} If the identity records are not to be made sense of, name keys that the index does not have, or
 * name no image.
 */
export function* readLayout(
  path: string,
  index: DatasetIndex,
  read: HeaderReader,
  onError: OnError = "stop",
): Reading<Layout> {
  const row0 = index.rowOf(0);
  const header = row0 < 0 ? undefined : yield* readHeader(read, row0, onError);
  const isNaming = header !== undefined && header.flag > 0 && header.imageBytes === 0;
  if (isNaming && header.flag === 1) throw unreadable(path, "record 0 has one label in place of a range of keys");
  const stored = isNaming ? header.range : yield* findUnnamedIdentities(path, index, header, read, onError);
  const record0 = place(index, row0);
  if (stored === undefined) return flatLayout(index, record0);
  const identities = yield* readIdentityRecords(path, index, stored, read, onError);
  const layout = orderImages(path, index, identities, onError);
  if (layout.images === 0) {
    const [first, end] = identities.keys;
    throw new UnrecError(
      `Cannot read the images of ${path}: ` +
        (first === end
          ? `record 0 says that identity records have the keys from ${stored[0]} up to, but without, ${
            stored[1]
          }, so ` +
            `there is none, and nothing tells which of the other ${index.rows - 1} records are images`
          : `none of its ${end - first} identity records names any`),
      { kind: "compare-sums", path },
      { kind: "verify", path },
    );
  }
  const others = index.rows - (row0 < 0 ? 0 : 1) - identities.rows;
  const unnamedRecords = Math.max(0, others - (layout.order.length - layout.repeatedImages));
  return { ...layout, record0, unnamedRecords, lostRecord0: !isNaming };
}

/**
 * The layout of a dataset in which every key is an image.
 *
 * @param index Its index.
 * @param record0 Where the record of key 0 is.
 */
export function flatLayout(index: DatasetIndex, record0: Layout["record0"]): Layout {
  return {
    kind: "flat",
    record0,
    identityRecords: 0,
    order: rowsOf(0, index.rows),
    images: index.rows,
    numbers: undefined,
    missing: [],
    lostIdentities: [],
    lostRecord0: false,
    firstIdentity: 0,
    identityNumbers: new Float64Array(),
    backwardRanges: 0,
    unnamedRecords: 0,
    repeatedImages: 0,
  };
}

/** Puts the images into the order in which the identity records name them. */
function orderImages(
  path: string,
  index: DatasetIndex,
  { keys: [first, end], ranges, lost, backwardRanges, rounded }: IdentityRecords,
  onError: OnError,
): Omit<Layout, "record0" | "lostRecord0" | "unnamedRecords"> {
  const order = new Runs();
  const numbers = new Runs();
  const missing: MissingKeys[] = [];
  const identityNumbers = new Float64Array(end - first + 1);
  let images = 0;
  for (let i = 0; i < end - first; i++) {
    identityNumbers[i] = images;
    const from = ranges[2 * i];
    const to = ranges[2 * i + 1];
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
  identityNumbers[end - first] = images;
  return {
    kind: "identity",
    identityRecords: end - first,
    order,
    images,
    numbers: missing.length > 0 ? numbers : undefined,
    missing,
    lostIdentities: lost,
    firstIdentity: first,
    identityNumbers,
    backwardRanges,
    repeatedImages: order.length - countDistinct(order),
    ...rounded === undefined ? {} : { rounded },
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

function rowsOf(start: number, count: number): Runs {
  const rows = new Runs();
  rows.append(start, count);
  return rows;
}
