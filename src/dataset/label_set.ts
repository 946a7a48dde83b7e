/** Labels below this are kept as bits; the labels of all known datasets are. */
const BITS = 2 ** 24;

/** A set of labels. Whole numbers from 0 on take a bit each, so a worker's and a report's sets stay small. */
export class LabelSet {
  /** How many labels the set has. */
  size = 0;
  /** The greatest label, or -Infinity. */
  highest = -Infinity;
  #bits = new Uint32Array(1024);
  readonly #others = new Set<number>();

  /**
   * Adds a label.
   *
   * @param label A whole number.
   * @returns Whether it is new.
   */
  add(label: number): boolean {
    if (this.has(label)) return false;
    this.size++;
    if (label > this.highest) this.highest = label;
    if (!(label >= 0 && label < BITS)) {
      this.#others.add(label);
      return true;
    }
    const word = label >>> 5;
    if (word >= this.#bits.length) {
      const larger = new Uint32Array(2 ** Math.ceil(Math.log2(word + 1)));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[word] |= 1 << (label & 31);
    return true;
  }

  /** Whether the set has a label. */
  has(label: number): boolean {
    if (!(label >= 0 && label < BITS)) return this.#others.has(label);
    return ((this.#bits[label >>> 5] ?? 0) >>> (label & 31) & 1) === 1;
  }

  /** The labels, those from 0 on in rising order first. */
  *[Symbol.iterator](): Generator<number> {
    for (let word = 0; word < this.#bits.length; word++) {
      for (let bits = this.#bits[word], bit = 0; bits !== 0; bits >>>= 1, bit++) {
        if (bits & 1) yield word * 32 + bit;
      }
    }
    yield* this.#others;
  }
}
