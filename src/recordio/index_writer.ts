const TAB = 0x09;
const LF = 0x0a;
const ZERO = 0x30;

/** A line is at most two 16-digit numbers, a tab and a line feed. */
const LONGEST_LINE = 34;

/** Takes the bytes of a file in pieces; each is overwritten after the call. */
export type PieceWriter = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Writes the lines of a `train.idx`, fast enough for millions of them. */
export class IndexWriter {
  readonly #write: PieceWriter;
  readonly #buffer = new Uint8Array(2 ** 20);
  #length = 0;

  /** @param write Takes the text. */
  constructor(write: PieceWriter) {
    this.#write = write;
  }

  /**
   * Writes a line.
   *
   * @param key A whole number below 2^32.
   * @param offset A whole number up to 2^53 - 1.
   */
  append(key: number, offset: number): void {
    if (this.#length + LONGEST_LINE > this.#buffer.length) this.flush();
    this.#digits(key);
    this.#buffer[this.#length++] = TAB;
    this.#digits(offset);
    this.#buffer[this.#length++] = LF;
  }

  /** Hands on what is left. Call it at the end. */
  flush(): void {
    this.#write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  #digits(number: number): void {
    let count = 1;
    for (let limit = 10; limit <= number; limit *= 10) count++;
    let at = this.#length += count;
    let rest = number;
    while (rest > 0xffffffff) {
      const tenth = Math.floor(rest / 10);
      this.#buffer[--at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    // Divisions of 32 bits are several times as fast.
    let word = rest >>> 0;
    do {
      const tenth = (word / 10) >>> 0;
      this.#buffer[--at] = ZERO + (word - tenth * 10);
      word = tenth;
    } while (word > 0);
  }
}
