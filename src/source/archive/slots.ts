import { INFLATED_BYTES } from "./gunzip.ts";

const SLOTS = 8;
/** In front of them stand two words: the count of slots in use, and whether none is taken any more. */
const HEAD_BYTES = 64;

/** Thrown where bytes are put that nobody takes any more: the thread is to end. */
export class NobodyTakes extends Error {}

/**
 * A ring of buffers in shared memory, through which one thread hands bytes to another. The giving thread waits while
 * all are in use: so it cannot run ahead, however much a piece inflates to.
 */
export class Slots {
  /** The memory, to be given to the other thread. */
  readonly buffer: SharedArrayBuffer;
  readonly #used: Int32Array<SharedArrayBuffer>;
  #next = 0;

  /** @param buffer The memory of the other thread's ring; without it a new one is made. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEAD_BYTES + SLOTS * INFLATED_BYTES)) {
    this.buffer = buffer;
    this.#used = new Int32Array(buffer, 0, 2);
  }

  /**
   * Copies bytes into the next slot; waits for one.
   *
   * @param bytes At most {@linkcode INFLATED_BYTES}.
   * @throws {NobodyTakes} If the other thread takes none any more.
   */
  put(bytes: Uint8Array): void {
    for (let used = Atomics.load(this.#used, 0); used === SLOTS; used = Atomics.load(this.#used, 0)) {
      Atomics.wait(this.#used, 0, used);
    }
    if (Atomics.load(this.#used, 1) !== 0) throw new NobodyTakes();
    this.#slot(bytes.length).set(bytes);
    Atomics.add(this.#used, 0, 1);
  }

  /**
   * The bytes that were put first of those not taken.
   *
   * @param bytes How many there are.
   * @returns A view, good until {@linkcode release}.
   */
  take(bytes: number): Uint8Array<SharedArrayBuffer> {
    return this.#slot(bytes);
  }

  /** Gives the slot taken last back. */
  release(): void {
    Atomics.sub(this.#used, 0, 1);
    Atomics.notify(this.#used, 0);
  }

  /**
   * Ends the giving: a thread that waits for a slot wakes up. To terminate it would not do: a thread that waits so is not
   * ended by that, and keeps the process.
   */
  close(): void {
    Atomics.store(this.#used, 1, 1);
    Atomics.store(this.#used, 0, 0);
    Atomics.notify(this.#used, 0);
  }

  #slot(bytes: number): Uint8Array<SharedArrayBuffer> {
    const slot = this.#next;
    this.#next = (slot + 1) % SLOTS;
    return new Uint8Array(this.buffer, HEAD_BYTES + slot * INFLATED_BYTES, bytes);
  }
}
