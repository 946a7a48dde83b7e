import type { ByteSource } from "./reading.ts";

/** Nearer together than this, in bytes, ranges are read as one: to skip it takes as long as to ask once more. */
const MOST_GAP = 2 ** 16;

/** No read that was put together is larger, in bytes. */
const MOST_BYTES = 2 ** 23;

/** A read that waits for its turn. */
interface Wanted {
  offset: number;
  into: Uint8Array<ArrayBuffer>;
  done: PromiseWithResolvers<number>;
}

/** Reads as one what is asked for at once and lies near together. It keeps nothing. */
export class MergedRanges implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #base: ByteSource;
  #wanted: Wanted[] = [];

  /** @param base The source. It is disposed of with this. */
  constructor(base: ByteSource) {
    this.name = base.name;
    this.size = base.size;
    this.#base = base;
  }

  read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    // All that is asked for before this turn of the event loop ends comes together.
    if (this.#wanted.length === 0) queueMicrotask(() => this.#readAll());
    const done = Promise.withResolvers<number>();
    this.#wanted.push({ offset, into, done });
    return done.promise;
  }

  /** Disposes of the source. */
  [Symbol.dispose](): void {
    this.#base[Symbol.dispose]();
  }

  #readAll(): void {
    const wanted = this.#wanted.sort((a, b) => a.offset - b.offset);
    this.#wanted = [];
    let group: Wanted[] = [];
    let end = -Infinity;
    for (const one of wanted) {
      const [first] = group;
      const last = Math.max(end, one.offset + one.into.length);
      if (group.length > 0 && (one.offset - end > MOST_GAP || last - first.offset > MOST_BYTES)) {
        this.#readGroup(group, end);
        group = [];
      }
      end = group.length === 0 ? one.offset + one.into.length : last;
      group.push(one);
    }
    if (group.length > 0) this.#readGroup(group, end);
  }

  async #readGroup(group: readonly Wanted[], end: number): Promise<void> {
    const [{ offset: start, into, done }] = group;
    try {
      if (group.length === 1) return done.resolve(await this.#base.read(start, into));
      const bytes = new Uint8Array(end - start);
      const count = await this.#base.read(start, bytes);
      for (const { offset, into, done } of group) {
        const from = offset - start;
        // Where fewer came, nothing of a range need be there: that is read by itself.
        if (from >= count) {
          done.resolve(this.#base.read(offset, into));
          continue;
        }
        const found = bytes.subarray(from, Math.min(count, from + into.length));
        into.set(found);
        done.resolve(found.length);
      }
    } catch (error) {
      for (const { done } of group) done.reject(error);
    }
  }
}
