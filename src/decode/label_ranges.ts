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
    while (to + 1 < sorted.length && sorted[to + 1] === sorted[to] + 1) to++;
    ranges.push(from === to ? `${sorted[from]}` : `${sorted[from]}..${sorted[to]}`);
    from = to + 1;
  }
  return ranges.join(",");
}

/**
 * Reads what {@linkcode labelRanges} wrote.
 *
 * @param text Ranges.
 * @returns The labels, rising.
 */
export function labelsOfRanges(text: string): Float64Array<ArrayBuffer> {
  const labels: number[] = [];
  for (const range of text === "" ? [] : text.split(",")) {
    const [first, last = first] = range.split("..").map(Number);
    for (let label = first; label < last; label++) labels.push(label);
    labels.push(last);
  }
  return Float64Array.from(labels);
}
