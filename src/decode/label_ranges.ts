import { labelName } from "../sink/name_field.ts";

/**
 * Writes labels in few characters: `5..8,13`. Neighbours, the normal case, become a range.
 *
 * @param labels Whole numbers, in any order.
 */
export function labelRanges(labels: Float64Array): string {
  const sorted = labels.toSorted();
  const ranges: string[] = [];
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (Number.isSafeInteger(sorted[to + 1]) && sorted[to + 1] === sorted[to] + 1) to++;
    const first = labelName(sorted[from]);
    ranges.push(from === to ? first : `${first}..${labelName(sorted[to])}`);
    from = to + 1;
  }
  return ranges.join(",");
}

/**
 * Reads what {@linkcode labelRanges} wrote.
 *
 * @param text Ranges.
 * @yields The labels, rising. They are not all there at once: a range that nobody wrote can be as long as it likes.
 */
export function* labelsOfRanges(text: string): Generator<number> {
  for (const [first, last] of rangesOf(text)) {
    for (let label = first; label < last; label++) yield label;
    yield last;
  }
}

/**
 * How many labels ranges have.
 *
 * @param text Ranges, as {@linkcode labelRanges} writes them.
 * @returns Infinity if they are no ranges.
 */
export function countOfRanges(text: string): number {
  if (text !== "" && !/^-?\d+(\.\.-?\d+)?(,-?\d+(\.\.-?\d+)?)*$/.test(text)) return Infinity;
  let count = 0;
  for (const [first, last] of rangesOf(text)) {
    if (first !== last && !(Number.isSafeInteger(first) && Number.isSafeInteger(last) && first < last)) return Infinity;
    count += last - first + 1;
  }
  return count;
}

function rangesOf(text: string): [number, number][] {
  return text === "" ? [] : text.split(",").map((range) => {
    const [first, last = first] = range.split("..").map(Number);
    return [first, last];
  });
}
