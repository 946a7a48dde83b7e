import { lastAtMost } from "../runs.ts";

/** Whole numbers that follow each other: the first one and the last one. Plain data. */
export type NumberRange = readonly [first: number, last: number];

/**
 * Reads a number or a range, as people write it: `7`, `0-999`, `-3--1`.
 *
 * @param text The text, without spaces.
 * @returns undefined if it is none, or a number is too large to be held exactly.
 */
export function parseRange(text: string): NumberRange | undefined {
  const match = /^(-?\d+)(?:-(-?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last ? [first, last] : undefined;
}

/**
 * Writes a range as {@linkcode parseRange} reads it.
 *
 * @param range The range.
 */
export function rangeText([first, last]: NumberRange): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** A set of whole numbers, made of ranges. */
export class NumberSet {
  /** The ranges, rising, no two of which touch. */
  readonly ranges: readonly NumberRange[];
  readonly #firsts: Float64Array;
  readonly #lasts: Float64Array;
  /** How many numbers the ranges before each one have. */
  readonly #before: Float64Array;

  /** @param ranges Ranges in any order; they may overlap. */
  constructor(ranges: readonly NumberRange[]) {
    const merged: [number, number][] = [];
    for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
      const before = merged.at(-1);
      if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
      else merged.push([first, last]);
    }
    this.ranges = merged;
    this.#firsts = Float64Array.from(merged, ([first]) => first);
    this.#lasts = Float64Array.from(merged, ([, last]) => last);
    let count = 0;
    this.#before = Float64Array.from(merged, ([first, last]) => (count += last - first + 1) - (last - first + 1));
  }

  /** Whether a number is one of them. */
  has(number: number): boolean {
    const at = this.#rangeAt(number);
    return at >= 0 && number <= this.#lasts[at];
  }

  /** How many of them are at most a number. */
  countUpTo(number: number): number {
    const at = this.#rangeAt(number);
    return at < 0 ? 0 : this.#before[at] + Math.min(number, this.#lasts[at]) - this.#firsts[at] + 1;
  }

  /** The last range that begins at most at a number; -1 if there is none. */
  #rangeAt(number: number): number {
    return lastAtMost(this.#firsts.length, number, (i) => this.#firsts[i]);
  }
}
