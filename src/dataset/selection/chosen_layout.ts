import type { DatasetIndex } from "../dataset_index.ts";
import type { Layout, MissingKeys } from "../layout.ts";
import { lastAtMost, Runs } from "../runs.ts";
import { type NumberRange, NumberSet } from "./number_ranges.ts";

/**
 * The layout of some of a dataset's images. They keep their numbers, and {@linkcode Layout.images} stays how many numbers
 * there are.
 *
 * @param layout The layout of all.
 * @param chosen The numbers of those that are wanted, rising.
 */
export function layoutOfChosen(layout: Layout, chosen: Runs): Layout {
  const { order, numbers } = layout;
  if (numbers === undefined) return { ...layout, order: chosen.map(order), numbers: chosen };
  const ofOrder = new Runs();
  const ofNumbers = new Runs();
  forEachCommon(chosen, numbers, (number, count, place) => {
    const rows = order.slice(place, count);
    for (let run = 0; run < rows.count; run++) ofOrder.append(rows.starts[run], rows.lengthOf(run));
    ofNumbers.append(number, count);
  });
  const missing: MissingKeys[] = [];
  for (const { key, count, number } of layout.missing) {
    const lacking = new Runs();
    lacking.append(number, count);
    forEachCommon(chosen, lacking, (start, count) => missing.push({ key: key + start - number, count, number: start }));
  }
  return { ...layout, order: ofOrder, numbers: ofNumbers, missing };
}

/**
 * Finds the images of keys.
 *
 * @param index The dataset's.
 * @param layout The dataset's.
 * @param keys The keys.
 * @returns The numbers of the images, rising; one that two identity records name has two.
 */
export function numbersOfKeys(index: DatasetIndex, layout: Layout, keys: readonly NumberRange[]): Runs {
  const wanted: [number, number][] = [];
  for (const [first, last] of new NumberSet(keys).ranges) {
    for (let key = Math.max(0, first); key <= last;) {
      const gap = index.rowsOf(key, last + 1, (row, count) => wanted.push([row, row + count - 1]));
      key = gap === undefined ? Infinity : index.keyFrom(gap);
    }
  }
  const rows = new NumberSet(wanted).ranges;
  const { order, numbers } = layout;
  const found = new Runs();
  const take = (place: number, count: number) => {
    if (numbers === undefined) return found.append(place, count);
    const own = numbers.slice(place, count);
    for (let run = 0; run < own.count; run++) found.append(own.starts[run], own.lengthOf(run));
  };
  for (let run = 0; run < order.count; run++) {
    const first = order.starts[run];
    const end = first + order.lengthOf(run);
    const position = order.positions[run];
    let at = Math.max(0, lastAtMost(rows.length, first, (i) => rows[i][0]));
    for (; at < rows.length && rows[at][0] < end; at++) {
      const from = Math.max(first, rows[at][0]);
      const to = Math.min(end, rows[at][1] + 1);
      if (from < to) take(position + from - first, to - from);
    }
  }
  return found;
}

/**
 * Whether a number is one of a column.
 *
 * @param column Rising numbers.
 * @param number The number.
 */
export function isAmong(column: Runs, number: number): boolean {
  const run = lastAtMost(column.count, number, (i) => column.starts[i]);
  return run >= 0 && number < column.starts[run] + column.lengthOf(run);
}

/** What two columns of rising numbers have in common, with its place in the second one. */
function forEachCommon(a: Runs, b: Runs, found: (number: number, count: number, place: number) => void): void {
  for (let i = 0, k = 0; i < a.count && k < b.count;) {
    const endA = a.starts[i] + a.lengthOf(i);
    const endB = b.starts[k] + b.lengthOf(k);
    const start = Math.max(a.starts[i], b.starts[k]);
    const end = Math.min(endA, endB);
    if (start < end) found(start, end - start, b.positions[k] + start - b.starts[k]);
    if (endA <= endB) i++;
    else k++;
  }
}
