import { type ByteSource, readFully } from "./reading.ts";

/** Bytes of a block. An image of 112 x 112 pixels has some 6 KiB, a line of an index some 20 bytes. */
const BLOCK_BYTES = 2 ** 14;

/** Blocks that are kept: 16 MiB. */
const MOST_BLOCKS = 1024;

/** What is read in pieces this large, in bytes, is read once, and would only drive out the rest. */
const LARGE = 2 ** 20;

/**
 * Keeps blocks of a source, those used last: for many small reads near together. Blocks that are under way are shared,
 * and one that failed is not kept, so that it is read again when it is wanted again.
 */
export class BlockCache implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #base: ByteSource;
  /** By number; the one used last comes last. */
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  /** @param base The source. It is disposed of with this. */
  constructor(base: ByteSource) {
    this.name = base.name;
    this.size = base.size;
    this.#base = base;
  }

  async read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    const end = Math.min(this.size, offset + into.length);
    if (end - offset >= LARGE) return await this.#base.read(offset, into);
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.ceil(end / BLOCK_BYTES) - 1;
    // All are asked for at once, so that the source can read neighbours as one.
    const wanted = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => this.#block(first + i));
    let filled = 0;
    for (const [i, bytes] of (await Promise.all(wanted)).entries()) {
      const begin = (first + i) * BLOCK_BYTES;
      const found = bytes.subarray(Math.max(0, offset - begin), Math.min(end - begin, BLOCK_BYTES));
      into.set(found, filled);
      filled += found.length;
      if (bytes.length < BLOCK_BYTES) break;
    }
    return filled;
  }

  /** Disposes of the source. */
  [Symbol.dispose](): void {
    this.#blocks.clear();
    this.#base[Symbol.dispose]();
  }

  #block(number: number): Promise<Uint8Array> {
    const block = this.#blocks.get(number) ?? this.#load(number);
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    if (this.#blocks.size > MOST_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value!);
    return block;
  }

  #load(number: number): Promise<Uint8Array> {
    const block = this.#read(number);
    block.catch(() => {
      if (this.#blocks.get(number) === block) this.#blocks.delete(number);
    });
    return block;
  }

  async #read(number: number): Promise<Uint8Array> {
    const offset = number * BLOCK_BYTES;
    const bytes = new Uint8Array(Math.min(BLOCK_BYTES, this.size - offset));
    return bytes.subarray(0, await readFully(this.#base, offset, bytes));
  }
}
