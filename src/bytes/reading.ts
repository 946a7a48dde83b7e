/**
 * Reading without doing it: a reader is a generator that yields which bytes it wants and where they are to go, and is
 * resumed with how many came. So the same reader runs over a file in a worker, over HTTP, over a stream, in a browser.
 *
 * @module
 */

/** Bytes at a place: a file, a blob, a URL. */
export interface ByteSource extends Disposable {
  /** What messages call it. */
  readonly name: string;
  /** Its size in bytes. */
  readonly size: number;
  /**
   * Reads bytes.
   *
   * @param offset Where they begin, from 0.
   * @param into Where they go.
   * @returns How many were read, at least one except at the end.
   * @throws {UnrecError} If they cannot be read.
   */
  read(offset: number, into: Uint8Array<ArrayBuffer>): number | Promise<number>;
}

/** A {@linkcode ByteSource} that does not wait. */
export interface SyncByteSource extends ByteSource {
  read(offset: number, into: Uint8Array<ArrayBuffer>): number;
}

/**
 * Reads bytes until there is no more room, or no more bytes.
 *
 * @param source Where they are.
 * @param offset Where they begin.
 * @param into Where they go.
 * @returns How many came.
 * @throws {UnrecError} If they cannot be read.
 */
export async function readFully(
  source: ByteSource,
  offset: number,
  into: Uint8Array<ArrayBuffer>,
): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const count = await source.read(offset + filled, into.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** What a reader wants: bytes from `offset` on, as many as `into` has room for. No room means a pause. */
export interface ReadRequest {
  /** Byte of the source. */
  offset: number;
  /** Where the bytes go. A reader uses it only after it is resumed. */
  into: Uint8Array<ArrayBuffer>;
}

/** A reader: yields what it wants and is resumed with how many bytes came, 0 at the end of the source. */
export type Reading<Result> = Generator<ReadRequest, Result, number>;

/** A request for nothing: a place to report, to stop, or to let others run, where no bytes are wanted. */
export const PAUSE: ReadRequest = { offset: 0, into: new Uint8Array(0) };

/**
 * Runs a reader over a source that does not wait.
 *
 * @param reading The reader.
 * @param source Where the bytes are.
 * @yields After each request.
 * @returns What the reader returns.
 */
export function* stepsOf<Result>(reading: Reading<Result>, source: SyncByteSource): Generator<void, Result> {
  try {
    let step = reading.next(0);
    while (!step.done) {
      const { offset, into } = step.value;
      const count = into.length === 0 ? 0 : source.read(offset, into);
      yield;
      step = reading.next(count);
    }
    return step.value;
  } finally {
    reading.return(undefined as Result);
  }
}

/**
 * Runs a reader over any source.
 *
 * @param reading The reader.
 * @param source Where the bytes are.
 * @param onStep Called after each request; it may wait.
 * @returns What the reader returns.
 */
export async function readAll<Result>(
  reading: Reading<Result>,
  source: ByteSource,
  onStep?: () => void | Promise<void>,
): Promise<Result> {
  try {
    let step = reading.next(0);
    while (!step.done) {
      const { offset, into } = step.value;
      let count = 0;
      if (into.length > 0) {
        const read = source.read(offset, into);
        count = typeof read === "number" ? read : await read;
      }
      const wait = onStep?.();
      if (wait !== undefined) await wait;
      step = reading.next(count);
    }
    return step.value;
  } finally {
    reading.return(undefined as Result);
  }
}

/**
 * Runs a reader over any source, as {@linkcode stepsOf} does over one that does not wait.
 *
 * @param reading The reader.
 * @param source Where the bytes are.
 * @yields After each request.
 * @returns What the reader returns.
 */
export async function* waitingStepsOf<Result>(
  reading: Reading<Result>,
  source: ByteSource,
): AsyncGenerator<void, Result> {
  try {
    let step = reading.next(0);
    while (!step.done) {
      const { offset, into } = step.value;
      const count = into.length === 0 ? 0 : await source.read(offset, into);
      yield;
      step = reading.next(count);
    }
    return step.value;
  } finally {
    reading.return(undefined as Result);
  }
}

/** Runs a reader that goes from front to back over bytes that come in pieces. */
export class PushedReading<Result> {
  readonly #reading: Reading<Result>;
  #step: IteratorResult<ReadRequest, Result>;

  /** @param reading The reader; each of its requests must begin where the one before ended. */
  constructor(reading: Reading<Result>) {
    this.#reading = reading;
    this.#step = this.#afterPauses(reading.next(0));
  }

  /**
   * Hands on bytes, at once.
   *
   * @param bytes The next ones; they are copied.
   */
  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length && !this.#step.done;) {
      const { into } = this.#step.value;
      const piece = bytes.subarray(from, from + into.length);
      into.set(piece);
      from += piece.length;
      this.#step = this.#afterPauses(this.#reading.next(piece.length));
    }
  }

  /**
   * Ends the bytes.
   *
   * @returns What the reader returns.
   */
  end(): Result {
    while (!this.#step.done) this.#step = this.#afterPauses(this.#reading.next(0));
    return this.#step.value;
  }

  #afterPauses(step: IteratorResult<ReadRequest, Result>): IteratorResult<ReadRequest, Result> {
    while (!step.done && step.value.into.length === 0) step = this.#reading.next(0);
    return step;
  }
}
