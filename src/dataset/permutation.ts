/** Rounds of the network: with eight, neighbours are as far from each other as any two. */
const ROUNDS = 8;

/** Fewer bits than this are too few to be mixed. */
const LEAST_BITS = 8;

/** The golden ratio as a word: rounds differ by it. */
const GOLDEN = 0x9e3779b9;

/**
 * A shuffled order of the numbers from 0 on, which follows from a seed and from how many there are. Each place is computed
 * by itself, so that an order of millions takes no memory, and any thread or machine can ask for any of it.
 *
 * It is a Feistel network over the next power of two, whose rounds mix as the end of MurmurHash3 does; what leads past
 * the last number goes through again until it does not ("cycle walking": Black and Rogaway, Ciphers with Arbitrary Finite
 * Domains, 2002).
 */
export class Permutation {
  /** How many numbers there are. */
  readonly count: number;
  readonly #keys: readonly number[];
  readonly #lowBits: number;
  readonly #lowMask: number;
  readonly #highMask: number;

  /**
   * @param count How many numbers there are, at most 4,294,967,296.
   * @param seed 0 to 4,294,967,295.
   */
  constructor(count: number, seed: number) {
    this.count = count;
    const bits = Math.max(LEAST_BITS, Math.ceil(Math.log2(count)));
    this.#lowBits = bits >>> 1;
    this.#lowMask = 2 ** this.#lowBits - 1;
    this.#highMask = 2 ** (bits - this.#lowBits) - 1;
    this.#keys = Array.from({ length: ROUNDS }, (_, round) => mixed(seed + Math.imul(round + 1, GOLDEN)));
  }

  /**
   * Where a number stands in the shuffled order.
   *
   * @param number 0 to {@linkcode count} - 1.
   * @returns A place in the same range; no two numbers have the same.
   */
  placeOf(number: number): number {
    let place = number;
    do place = this.#through(place); while (place >= this.count);
    return place;
  }

  /**
   * What stands at a place in the shuffled order.
   *
   * @param place 0 to {@linkcode count} - 1.
   * @returns The number of which {@linkcode placeOf} tells this place.
   */
  numberAt(place: number): number {
    let number = place;
    do number = this.#back(number); while (number >= this.count);
    return number;
  }

  #through(word: number): number {
    const keys = this.#keys;
    let low = word & this.#lowMask;
    let high = word >>> this.#lowBits;
    for (let round = 0; round < ROUNDS; round += 2) {
      high ^= mixed(low ^ keys[round]) & this.#highMask;
      low ^= mixed(high ^ keys[round + 1]) & this.#lowMask;
    }
    return (high << this.#lowBits | low) >>> 0;
  }

  #back(word: number): number {
    const keys = this.#keys;
    let low = word & this.#lowMask;
    let high = word >>> this.#lowBits;
    for (let round = ROUNDS - 2; round >= 0; round -= 2) {
      low ^= mixed(high ^ keys[round + 1]) & this.#lowMask;
      high ^= mixed(low ^ keys[round]) & this.#highMask;
    }
    return (high << this.#lowBits | low) >>> 0;
  }
}

/** The last step of MurmurHash3 (x86, 32 bits): every bit of the word changes half of those of the result. */
function mixed(word: number): number {
  word = Math.imul(word ^ word >>> 16, 0x85ebca6b);
  word = Math.imul(word ^ word >>> 13, 0xc2b2ae35);
  return word ^ word >>> 16;
}
