import type { DatasetIndex } from "./dataset_index.ts";
import type { Layout } from "./layout.ts";
import { forEachRow, recordBytes } from "./plan.ts";
import { lastAtMost, Runs } from "./runs.ts";

/** A share of the work: that of one process out of several which write to the same place. Plain data. */
export interface Share {
  /** Which one, from 0. */
  index: number;
  /** How many there are. */
  count: number;
}

/** More shares than any scheduler starts for one job. */
export const MOST_SHARES = 65_536;

/**
 * A share as it is typed and shown.
 *
 * @param share The share.
 * @returns `3/64`.
 */
export function shareName({ index, count }: Share): string {
  return `${index}/${count}`;
}

/**
 * The images of a share: those that begin in its part of the record file. The file is cut where each part has about as
 * many images as the others, the same on every machine.
 *
 * @param index The dataset's.
 * @param layout The images to share out; those that the index lacks are nobody's.
 * @param fileBytes Size of the record file.
 * @param share The share.
 * @returns The numbers of its images, rising.
 */
export function numbersOfShare(
  index: DatasetIndex,
  { order, numbers }: Pick<Layout, "order" | "numbers">,
  fileBytes: number,
  share: Share,
): Runs {
  const cuts = cutsOf(index, order, fileBytes, share.count);
  const [first, end] = [cuts[share.index], cuts[share.index + 1]];
  const own = new Runs();
  forEachRow(order, (row, place) => {
    const offset = index.offsets[row];
    if (offset >= first && offset < end) own.append(numbers === undefined ? place : numbers.at(place), 1);
  });
  return own;
}

/** What a share has to read. Plain data. */
export interface ShareSize {
  /** Images. */
  images: number;
  /** About how many bytes their records take in the file. */
  bytes: number;
}

/**
 * What each of several shares has to read.
 *
 * @param index The dataset's.
 * @param order The rows of the images to share out.
 * @param fileBytes Size of the record file.
 * @param count How many shares there are.
 */
export function sizesOfShares(index: DatasetIndex, order: Runs, fileBytes: number, count: number): ShareSize[] {
  const cuts = cutsOf(index, order, fileBytes, count);
  const sizes = Array.from({ length: count }, () => ({ images: 0, bytes: 0 }));
  const bytes = recordBytes(index, order, fileBytes);
  let share = 0;
  forEachRow(order, (row) => {
    const offset = index.offsets[row];
    if (offset < cuts[share] || offset >= cuts[share + 1]) share = lastAtMost(count, offset, (i) => cuts[i]);
    sizes[share].images++;
    sizes[share].bytes += bytes.next().value ?? 0;
  });
  return sizes;
}

/** Images are counted in so many stretches of the file, to find where it is cut. */
const STRETCHES = 2 ** 20;

/** The byte of the file where each share begins, and last Infinity. */
function cutsOf(index: DatasetIndex, order: Runs, fileBytes: number, shares: number): Float64Array {
  const bytes = Math.max(1, Math.ceil(fileBytes / STRETCHES));
  const stretches = Math.ceil(fileBytes / bytes);
  const images = new Uint32Array(stretches + 1);
  // An offset past the end of the file is damage. Somebody has to tell it: the last share.
  forEachRow(order, (row) => images[Math.min(stretches, Math.floor(index.offsets[row] / bytes))]++);
  const cuts = new Float64Array(shares + 1).fill(Infinity, shares);
  let stretch = 0;
  let before = 0;
  for (let share = 1; share < shares; share++) {
    // A share ends with the first stretch at whose end it and those before it have their part of the images.
    for (const wanted = order.length * share / shares; before < wanted; stretch++) before += images[stretch];
    cuts[share] = stretch * bytes;
  }
  return cuts;
}
