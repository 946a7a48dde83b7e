/** Sources and drivers for tests: bytes in memory, at once or after a wait, whole or in short reads. */
import { type ByteSource, type Reading, stepsOf, type SyncByteSource } from "../../src/bytes/reading.ts";

/** Bytes in memory, there at once. */
export class MemorySource implements SyncByteSource {
  readonly name: string;
  readonly size: number;
  /** Every read so far: where it began, and how many bytes were wanted. */
  readonly reads: [offset: number, wanted: number][] = [];
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = "memory") {
    this.name = name;
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  read(offset: number, into: Uint8Array<ArrayBuffer>): number {
    this.reads.push([offset, into.length]);
    const found = this.#bytes.subarray(offset, offset + into.length);
    into.set(found);
    return found.length;
  }

  [Symbol.dispose](): void {}
}

/** Bytes in memory that come after a wait, and never more than a few at once. */
export class SlowSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #mostAtOnce: number;

  constructor(bytes: Uint8Array, mostAtOnce: number, name = "memory") {
    this.name = name;
    this.size = bytes.length;
    this.#bytes = bytes;
    this.#mostAtOnce = mostAtOnce;
  }

  async read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    await Promise.resolve();
    const found = this.#bytes.subarray(offset, offset + Math.min(into.length, this.#mostAtOnce));
    into.set(found);
    return found.length;
  }

  [Symbol.dispose](): void {}
}

/** Runs a reader to its end over a source that does not wait. */
export function readNow<Result>(reading: Reading<Result>, source: SyncByteSource): Result {
  const steps = stepsOf(reading, source);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
