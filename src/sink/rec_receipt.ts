import type { Receipt } from "./sink.ts";

/** What was written of a `train.rec` and its index in a task. Plain data. */
export interface RecReceipt extends Receipt {
  /** Bytes of the record file after it. */
  records: number;
  /** Bytes of the index after it. */
  index: number;
  /** Images of the task. */
  images: number;
  /** The label of the first of them, and that of the last. */
  firstLabel: number;
  lastLabel: number;
  /** The highest label. */
  highest: number;
  /** How many images follow each other that have the same label, again and again: `3 5 1`. */
  runs: string;
  /** Height and width of the first image, as `property` has them; empty if it does not tell. */
  size: string;
}

/**
 * Whether a receipt is one of a record file: anybody can write a journal.
 *
 * @param receipt What the journal has.
 */
export function isRecReceipt(receipt: Receipt): receipt is RecReceipt {
  const { records, index, images, firstLabel, lastLabel, highest, runs, size } = receipt;
  return [records, index, images].every(Number.isSafeInteger) &&
    [firstLabel, lastLabel, highest].every(Number.isInteger) &&
    typeof runs === "string" && /^\d+( \d+)*$/.test(runs) && runLengths(runs).reduce((a, b) => a + b) === images &&
    typeof size === "string" && /^(\d+,\d+)?$/.test(size);
}

/**
 * Reads the runs of a receipt.
 *
 * @param runs As it has them.
 */
function runLengths(runs: string): number[] {
  return runs.split(" ").map(Number);
}

/**
 * The identity records that the images of some tasks make: one for all images that follow each other and have the same
 * label.
 *
 * @param receipts Those of the tasks, in order.
 * @param firstKey The key of the first image.
 * @returns The first key of each, and last the key after all images.
 */
export function boundariesOf(receipts: readonly RecReceipt[], firstKey: number): number[] {
  const boundaries: number[] = [];
  let key = firstKey;
  let label = NaN;
  for (const { firstLabel, lastLabel, runs } of receipts) {
    for (const [i, length] of runLengths(runs).entries()) {
      if (i > 0 || firstLabel !== label) boundaries.push(key);
      key += length;
    }
    label = lastLabel;
  }
  return [...boundaries, key];
}
