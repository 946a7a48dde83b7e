/** How many things groups have. Plain data. */
export interface Distribution {
  /** The fewest. */
  least: number;
  /** As many as the group in the middle has; between two in the middle, their mean. */
  median: number;
  /** The mean. */
  mean: number;
  /** The most. */
  most: number;
  /** The groups by size: each bin is twice as wide as the one before, 1, 2 to 3, 4 to 7, and so on. */
  histogram: Bin[];
}

/** Groups of about the same size. Plain data. */
export interface Bin {
  /** The least size. */
  from: number;
  /** The greatest size. */
  to: number;
  /** How many groups. */
  groups: number;
}

/**
 * How many things groups have.
 *
 * @param sizes How many each has, at least 1 and below 2^32.
 * @returns undefined if there is no group.
 */
export function distributionOf(sizes: Iterable<number>): Distribution | undefined {
  const sorted = Uint32Array.from(sizes).sort();
  const { length } = sorted;
  if (length === 0) return undefined;
  const histogram: Bin[] = [];
  let sum = 0;
  for (const size of sorted) {
    sum += size;
    while ((histogram.at(-1)?.to ?? 0) < size) histogram.push(binAfter(histogram.at(-1), sorted[0]));
    histogram[histogram.length - 1].groups++;
  }
  return {
    least: sorted[0],
    median: (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2,
    mean: sum / length,
    most: sorted[length - 1],
    histogram,
  };
}

/** The next bin; the first one holds the least size. */
function binAfter(last: Bin | undefined, least: number): Bin {
  const from = last === undefined ? 2 ** Math.floor(Math.log2(least)) : last.to + 1;
  return { from, to: 2 * from - 1, groups: 0 };
}
