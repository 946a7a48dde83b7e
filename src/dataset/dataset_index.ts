import { lastAtMost, type Runs } from "./runs.ts";

/**
 * The index of a dataset: which key's record begins at which byte. A row is a key; rows stand in the order in which
 * `train.idx` first names their keys. In real datasets the keys are one or two runs of consecutive numbers, so they take
 * no room: 8 bytes a record in all, and no table to look a key up in.
 */
export class DatasetIndex {
  /** Byte offsets of the records' first frames, a row each. */
  readonly offsets: Float64Array<ArrayBuffer>;
  /** The keys, a row each; no key twice. */
  readonly keys: Runs;
  /** Whether each offset is above the one before it. */
  readonly rising: boolean;
  /** How many lines named a key that an earlier line had named. */
  readonly duplicates: number;
  #sortedOffsets: Float64Array<ArrayBuffer> | undefined;
  /** The lowest few of those keys. */
  readonly firstDuplicates: readonly number[];

  /**
   * Puts the columns together; `readIndex` makes them.
   *
   * @param offsets A row each.
   * @param keys A row each.
   * @param rising Whether `offsets` rise.
   * @param duplicates How many lines were left out.
   * @param firstDuplicates Keys of the first few of them.
   */
  constructor(
    offsets: Float64Array<ArrayBuffer>,
    keys: Runs,
    rising: boolean,
    duplicates: number,
    firstDuplicates: readonly number[] = [],
  ) {
    this.offsets = offsets;
    this.keys = keys;
    this.rising = rising;
    this.duplicates = duplicates;
    this.firstDuplicates = firstDuplicates;
  }

  /** How many keys there are. */
  get rows(): number {
    return this.offsets.length;
  }

  /**
   * Finds a key.
   *
   * @param key Any number.
   * @returns Its row, or -1 if the index does not have it.
   */
  rowOf(key: number): number {
    let row = -1;
    if (Number.isInteger(key)) this.rowsOf(key, key + 1, (found) => row = found);
    return row;
  }

  /**
   * Finds the rows of the keys `first` (inclusive) to `last` (exclusive), in key order.
   *
   * @param first A whole number.
   * @param last A whole number.
   * @param found Called with the first row and the length of each stretch of neighbouring rows.
   * @returns The first key that the index does not have, or undefined when it has them all.
   */
  rowsOf(first: number, last: number, found: (row: number, count: number) => void): number | undefined {
    const { starts, positions } = this.keys;
    const order = this.keys.sorted();
    let key = first;
    while (key < last) {
      const at = lastAtMost(order.length, key, (i) => starts[order[i]]);
      if (at < 0) return key;
      const run = order[at];
      const within = key - starts[run];
      const count = Math.min(this.keys.lengthOf(run) - within, last - key);
      if (count <= 0) return key;
      found(positions[run] + within, count);
      key += count;
    }
    return undefined;
  }

  /**
   * The smallest key that is at least another.
   *
   * @param key A whole number.
   * @returns A key of the index, or Infinity if all its keys are smaller.
   */
  keyFrom(key: number): number {
    const { starts } = this.keys;
    const order = this.keys.sorted();
    const at = lastAtMost(order.length, key, (i) => starts[order[i]]);
    if (at >= 0 && key < starts[order[at]] + this.keys.lengthOf(order[at])) return key;
    return at + 1 < order.length ? starts[order[at + 1]] : Infinity;
  }

  /**
   * The greatest key that is at most another.
   *
   * @param key A whole number.
   * @returns A key of the index, or -1 if all its keys are greater.
   */
  keyUpTo(key: number): number {
    const { starts } = this.keys;
    const order = this.keys.sorted();
    const at = lastAtMost(order.length, key, (i) => starts[order[i]]);
    return at < 0 ? -1 : Math.min(key, starts[order[at]] + this.keys.lengthOf(order[at]) - 1);
  }

  /** The offsets in rising order. An index that does not follow the file is sorted once, in 8 bytes a record. */
  get sortedOffsets(): Float64Array<ArrayBuffer> {
    return this.#sortedOffsets ??= this.rising ? this.offsets : this.offsets.slice().sort();
  }

  /**
   * Where the record after another begins.
   *
   * @param offset A byte offset.
   * @returns The least offset of the index above it, or Infinity if there is none.
   */
  nextOffset(offset: number): number {
    const sorted = this.sortedOffsets;
    return sorted[1 + lastAtMost(sorted.length, offset, (i) => sorted[i])] ?? Infinity;
  }

  /**
   * Whether a record begins at an offset.
   *
   * @param offset A byte offset.
   */
  hasOffset(offset: number): boolean {
    const sorted = this.sortedOffsets;
    const at = lastAtMost(sorted.length, offset, (i) => sorted[i]);
    return at >= 0 && sorted[at] === offset;
  }

  /**
   * The key of the record at an offset, for messages: it looks at every row.
   *
   * @param offset A byte offset.
   * @returns The first key with that offset, or undefined.
   */
  keyOfOffset(offset: number): number | undefined {
    const row = this.offsets.indexOf(offset);
    return row < 0 ? undefined : this.keys.at(row);
  }
}
