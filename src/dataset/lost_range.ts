import type { RecordProblem } from "../recordio/problem.ts";

/** Images of neighbouring records that could not be read. Plain data. */
export interface LostRange {
  /** Ordinal of the first one. */
  ordinal: number;
  /** How many; their ordinals follow each other, and their records do in the file. */
  images: number;
  /** Why the first one cannot be read, and where it begins; the others are of the same kind. */
  problem: RecordProblem;
  /** Byte of the file where the last one's record begins. */
  lastOffset: number;
}

/**
 * Adds a range to a list, to the last one of it if it goes on there. Whether ranges are added one by one or were added
 * to others before makes no difference.
 *
 * @param ranges The list.
 * @param range A range.
 */
export function addLostRange(ranges: LostRange[], range: LostRange): void {
  const last = ranges.at(-1);
  const goesOn = last !== undefined && last.ordinal + last.images === range.ordinal &&
    isAlike(last.problem, range.problem) && last.lastOffset < range.problem.offset;
  if (!goesOn) ranges.push({ ...range });
  else {
    last.images += range.images;
    last.lastOffset = range.lastOffset;
  }
}

/** Behind a record that the file ends in, all others are outside of it. */
function isAlike({ kind }: RecordProblem, next: RecordProblem): boolean {
  return kind === next.kind || kind === "truncated" && next.kind === "outside";
}
