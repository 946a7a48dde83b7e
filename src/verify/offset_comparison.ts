import type { DatasetIndex } from "../dataset/dataset_index.ts";
import { addFinding, type Findings, MOST_INSTANCES } from "./findings.ts";

/** Compares where records are with where an index has them. Both must come in the order of the file. */
export class OffsetComparison {
  readonly #index: DatasetIndex;
  readonly #sorted: Float64Array;
  readonly #findings: Findings;
  #next = 0;

  /**
   * @param index The index. One that does not follow the file is sorted first, in 8 bytes a record.
   * @param findings Takes what is found.
   */
  constructor(index: DatasetIndex, findings: Findings) {
    this.#index = index;
    this.#sorted = index.sortedOffsets;
    this.#findings = findings;
  }

  /**
   * Takes records.
   *
   * @param base Byte of the file that the offsets count from.
   * @param offsets Where records begin, rising.
   */
  add(base: number, offsets: Uint32Array): void {
    const sorted = this.#sorted;
    for (const offset of offsets) {
      const byte = base + offset;
      while (sorted[this.#next] < byte) this.#keyWithoutRecord();
      if (sorted[this.#next] === byte) this.#next++;
      else addFinding(this.#findings, "record-without-key", [{ byte }]);
      for (; sorted[this.#next] === byte; this.#next++) addFinding(this.#findings, "shared-record", [{ byte }]);
    }
  }

  /** Ends the comparison: no more records come. */
  end(): void {
    while (this.#next < this.#sorted.length) this.#keyWithoutRecord();
  }

  #keyWithoutRecord(): void {
    const byte = this.#sorted[this.#next++];
    // Finding the key takes a look at every row, so only those that are shown are looked up.
    const shown = (this.#findings["key-without-record"]?.first.length ?? 0) < MOST_INSTANCES;
    addFinding(this.#findings, "key-without-record", shown ? [{ key: this.#index.keyOfOffset(byte), byte }] : [], 1);
  }
}
