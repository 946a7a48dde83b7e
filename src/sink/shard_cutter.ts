import type { ShardCut } from "./sink.ts";

/** Says where files end while images come one after the other. What it says depends on nothing else. */
export class ShardCutter {
  readonly #cut: ShardCut;
  #images = 0;
  #bytes = 0;

  /** @param cut Where files end. */
  constructor(cut: ShardCut) {
    this.#cut = cut;
  }

  /**
   * Takes the next image.
   *
   * @param bytes About how many bytes its record takes where it is read from.
   * @returns Whether a new file begins with it; the very first one begins one too, and is not told.
   */
  beginsShard(bytes: number): boolean {
    const begins = this.#images === this.#cut.images || this.#images > 0 && this.#bytes + bytes > this.#cut.bytes;
    if (begins) this.#images = this.#bytes = 0;
    this.#images++;
    this.#bytes += bytes;
    return begins;
  }
}
