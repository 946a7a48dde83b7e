import { type ByteSource, readFully } from "./reading.ts";

/** How many blocks are under way at once. */
export const BLOCKS_AHEAD = 4;

/** No more bytes than these are read after a stretch: there is only the end of its last record. */
const MOST_AFTER = 2 ** 16;

/** A block that is being read, or was. */
interface Block {
  /** Where it goes. */
  room: Uint8Array<ArrayBuffer>;
  /** How many bytes came; it may be rejected. */
  count: Promise<number>;
}

/**
 * Reads a stretch of a source ahead of who goes through it from front to back: several blocks are under way at once. Of
 * what was passed nothing is kept.
 */
export class ReadAhead implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #base: ByteSource;
  readonly #blockBytes: number;
  #start = 0;
  #end = 0;
  /** Blocks of the stretch by number; those before the first one were passed. */
  readonly #blocks = new Map<number, Block>();
  #passed = 0;
  /** Room of blocks that were passed. */
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  /**
   * @param base The source. It is disposed of with this.
   * @param blockBytes How many bytes a block has.
   */
  constructor(base: ByteSource, blockBytes: number) {
    this.name = base.name;
    this.size = base.size;
    this.#base = base;
    this.#blockBytes = blockBytes;
  }

  /**
   * Says what is read next, and begins to read it.
   *
   * @param start The first byte.
   * @param end The byte after the last one.
   */
  goTo(start: number, end: number): void {
    // Blocks of the stretch before that nobody wanted may still be under way: their room is not used again.
    this.#blocks.clear();
    this.#start = start;
    this.#end = Math.min(end, this.size);
    this.#passed = 0;
    this.#fill();
  }

  /** Gives what there is of the block that the first byte is in. What lies outside of the blocks ahead is read by itself. */
  async read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    const number = Math.floor((offset - this.#start) / this.#blockBytes);
    if (offset >= this.#end) return await this.#base.read(offset, into.subarray(0, MOST_AFTER));
    if (number < this.#passed) return await this.#base.read(offset, into);
    await this.#passTo(number);
    const { room, count } = this.#blocks.get(number)!;
    const from = offset - this.#start - number * this.#blockBytes;
    const bytes = room.subarray(from, Math.min(await count, from + into.length));
    into.set(bytes);
    return bytes.length;
  }

  /** Disposes of the source. */
  [Symbol.dispose](): void {
    this.#blocks.clear();
    this.#base[Symbol.dispose]();
  }

  /** Gives up the blocks before one. */
  async #passTo(number: number): Promise<void> {
    for (; this.#passed < number; this.#passed++) {
      const block = this.#blocks.get(this.#passed);
      if (block === undefined) continue;
      this.#blocks.delete(this.#passed);
      // One that failed is told when it is wanted, and this one is not.
      await block.count.catch(() => {});
      this.#free.push(block.room);
    }
    this.#fill();
  }

  #fill(): void {
    for (let number = this.#passed; number < this.#passed + BLOCKS_AHEAD; number++) {
      const offset = this.#start + number * this.#blockBytes;
      if (offset >= this.#end) return;
      if (!this.#blocks.has(number)) this.#blocks.set(number, this.#begin(offset));
    }
  }

  #begin(offset: number): Block {
    const length = Math.min(this.#blockBytes, this.#end - offset);
    const free = this.#free.pop();
    const room = free !== undefined && free.length >= length ? free : new Uint8Array(length);
    const count = readFully(this.#base, offset, room.subarray(0, length));
    // It is thrown to who waits for the block; until somebody does, nobody need know.
    count.catch(() => {});
    return { room, count };
  }
}
