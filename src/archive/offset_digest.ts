/**
 * Tells whether two lists of byte offsets are the same without keeping them: 64 bits that depend on every offset and on
 * the order.
 */
export class OffsetDigest {
  /** How many offsets there were. */
  count = 0;
  #a = 0;
  #b = 0x9e3779b1;

  /**
   * Adds an offset.
   *
   * @param offset A whole number, 0 to 2^53 - 1.
   */
  add(offset: number): void {
    const low = offset | 0;
    const high = (offset / 2 ** 32) | 0;
    // Two rows of the mixing that MurmurHash3 does, with different constants.
    this.#a = Math.imul(rotated(this.#a ^ Math.imul(low ^ high << 7, 0xcc9e2d51), 13), 5) + 0x6b64e6 | 0;
    this.#b = Math.imul(rotated(this.#b ^ Math.imul(low + high, 0x1b873593), 15), 0x85ebca6b) + this.count | 0;
    this.count++;
  }

  /** Whether the other list is the same. */
  equals(other: OffsetDigest): boolean {
    return this.count === other.count && this.#a === other.#a && this.#b === other.#b;
  }
}

function rotated(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}
