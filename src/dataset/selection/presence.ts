import { type NumberRange, NumberSet } from "./number_ranges.ts";
import type { PartialRange } from "./selection.ts";

/** Which of some ranges are not there, and which are there in part. */
export interface Presence {
  /** Those of which nothing is there. */
  absent: NumberRange[];
  /** Those of which something is missing. */
  partial: PartialRange[];
}

/**
 * Looks which numbers that are asked for are there.
 *
 * @param of What they are.
 * @param wanted What is asked for; undefined if nothing.
 * @param present What there is: called only if something is asked for.
 */
export function lookFor(
  of: PartialRange["of"],
  wanted: readonly NumberRange[] | undefined,
  present: () => NumberSet,
): Presence {
  const presence: Presence = { absent: [], partial: [] };
  if (wanted === undefined) return presence;
  const all = present();
  for (const range of wanted) {
    const [first, last] = range;
    const found = all.countUpTo(last) - all.countUpTo(first - 1);
    if (found === 0) presence.absent.push(range);
    else if (found < last - first + 1) presence.partial.push({ of, range, found });
  }
  return presence;
}

/**
 * Labels as a set.
 *
 * @param labels Whole numbers, some of them more than once; NaN where one cannot be read.
 */
export function setOfLabels(labels: Iterable<number>): NumberSet {
  const distinct = new Set(labels);
  distinct.delete(NaN);
  return new NumberSet(Array.from(distinct, (label) => [label, label]));
}
