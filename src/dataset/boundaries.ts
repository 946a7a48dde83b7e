/**
 * Ranges of identity records meet: the first one begins at the first image, each ends at the key that the next one begins
 * at, and the last one ends where the identity records begin. So all tools write them. As float32 both sides of a
 * boundary are rounded alike, and then it does not matter to which of its neighbours an image goes: its folder follows its
 * own label, and its number the order of the keys. Only where a boundary has no other side does rounding leave a doubt.
 *
 * Ranges are two numbers an identity record: the first key that it names, and the one after the last.
 *
 * @module
 */
import { keysRoundedTo } from "../recordio/float32_keys.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import type { KeyRange } from "./record_header.ts";

/** A boundary that the records do not tell. */
export interface Doubt {
  /** Which identity record, from 0. */
  identity: number;
  /** Whether it is the range's beginning or its end. */
  side: "begins" | "ends";
  /** The boundary as it is stored. */
  stored: number;
  /** The first image that the range has or has not, depending on what was rounded. */
  key: number;
}

/**
 * Gives identity records that cannot be read what lies between their neighbours. The first one of a row gets all of it,
 * so that the numbers of the images are right.
 *
 * @param ranges The ranges; those of the lost ones are filled in.
 * @param known Which of them could be read: 1, else 0.
 * @param images The keys of all images.
 */
export function inferRanges(ranges: Float64Array, known: Uint8Array, [start, end]: KeyRange): void {
  for (let i = 0; i < known.length; i++) {
    if (known[i] === 1) continue;
    let next = i;
    while (next < known.length && known[next] === 0) next++;
    const from = i === 0 ? start : ranges[2 * i - 1];
    const to = next === known.length ? end : ranges[2 * next];
    ranges.fill(to, 2 * i, 2 * next);
    if (from < to) ranges[2 * i] = from;
    i = next;
  }
}

/**
 * Finds the boundaries that may be rounded and are not told by another range, where there is an image that is on one side
 * or on the other.
 *
 * @param ranges The ranges as they are stored.
 * @param images The keys of all images.
 * @param index Which keys there are.
 */
export function* doubtfulBoundaries(
  ranges: Float64Array,
  images: KeyRange,
  index: DatasetIndex,
): Generator<Doubt> {
  for (const at of loneBoundaries(ranges, images)) {
    const key = firstBetween(index, ranges[at], images[1]);
    if (key === undefined) continue;
    yield { identity: at >> 1, side: at % 2 === 0 ? "begins" : "ends", stored: ranges[at], key };
  }
}

/**
 * Puts ranges right that float32 has rounded, so that all of them together name the images, each once.
 *
 * @param ranges The ranges as they are stored; changed where they are rounded.
 * @param images The keys of all images.
 * @param index Which keys there are.
 */
export function settleRanges(ranges: Float64Array, images: KeyRange, index: DatasetIndex): void {
  const [start, end] = images;
  const storedStart = Math.fround(start);
  const storedEnd = Math.fround(end);
  const last = ranges.length - 1;
  const [first, final] = [ranges[0], ranges[last]];
  for (const at of loneBoundaries(ranges, images)) {
    // There is no image for which it matters; what is named must be in the index.
    if (firstBetween(index, ranges[at], end) === undefined) {
      ranges[at] = keysRoundedTo(ranges[at])[at % 2 === 0 ? 1 : 0];
    }
  }
  for (let at = 0; at <= last; at++) {
    const stored = ranges[at];
    if (stored === storedStart) ranges[at] = Math.max(ranges[at], start);
    if (stored === storedEnd) ranges[at] = Math.min(ranges[at], end);
  }
  if (first === storedStart) ranges[0] = start;
  if (final === storedEnd) ranges[last] = end;
}

/** The places in `ranges` of boundaries that have no other side. */
function* loneBoundaries(ranges: Float64Array, [start, end]: KeyRange): Generator<number> {
  for (let at = 0; at <= ranges.length; at += 2) {
    const before = at === 0 ? Math.fround(start) : ranges[at - 1];
    const after = at === ranges.length ? Math.fround(end) : ranges[at];
    if (before === after) continue;
    if (at > 0) yield at - 1;
    if (at < ranges.length) yield at;
  }
}

/** The first image that is on one side of a boundary or on the other, depending on what was rounded. */
function firstBetween(index: DatasetIndex, boundary: number, end: number): number | undefined {
  const [first, last] = keysRoundedTo(boundary);
  if (first === last) return undefined;
  const key = index.keyFrom(first);
  return key < Math.min(last, end) ? key : undefined;
}
