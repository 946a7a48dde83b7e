import { problemOf, RecordError } from "../recordio/problem.ts";
import { type RecordScanner, ROW, ROW_WORDS, SCAN, type ScanStatus } from "../recordio/types.ts";
import { makeRoom } from "./make_room.ts";

/** Takes a record: the word of the scanner's table where its row begins, and the byte of the file where it begins. */
export type StreamVisitor = (row: number, offset: number) => void;

/** Finds the records of a file that comes in pieces, from front to back. */
export class RecordStream {
  readonly #scanner: RecordScanner;
  readonly #visit: StreamVisitor;
  /** Byte of the file that the chunk begins with. */
  #chunkOffset = 0;
  /** Bytes of the chunk that are there. */
  #filled = 0;
  /** Bytes without which the record at the chunk's beginning cannot be read. */
  #needed = 0;

  /**
   * @param scanner Its chunk is filled from the stream; it grows if a record is larger, as that record comes.
   * @param visit Called for each record, which it must be done with when it returns.
   */
  constructor(scanner: RecordScanner, visit: StreamVisitor) {
    this.#scanner = scanner;
    this.#visit = visit;
  }

  /**
   * Reads on.
   *
   * @param bytes The next bytes of the file.
   * @throws {RecordError} At the first record that cannot be read; those before it were visited.
   * @throws {UnrecError} If there is no memory for a record.
   */
  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      const { chunk } = this.#scanner;
      const to = Math.min(bytes.length, from + chunk.length - this.#filled);
      chunk.set(bytes.subarray(from, to), this.#filled);
      this.#filled += to - from;
      from = to;
      if (this.#filled < this.#needed && this.#filled < chunk.length) continue;
      this.#scan();
    }
  }

  /**
   * Ends the file.
   *
   * @throws {RecordError} If it ends within a record.
   */
  end(): void {
    if (this.#filled === 0) return;
    throw new RecordError({
      kind: "truncated",
      offset: this.#chunkOffset,
      position: this.#chunkOffset + this.#filled,
      value: this.#needed - this.#filled,
    });
  }

  #scan(): void {
    const scanner = this.#scanner;
    let from = 0;
    let status: ScanStatus;
    do {
      status = scanner.scan(from, this.#filled);
      const { table } = scanner;
      const end = scanner.count * ROW_WORDS;
      for (let row = 0; row < end; row += ROW_WORDS) this.#visit(row, this.#chunkOffset + table[row + ROW.FRAME]);
      from = scanner.next;
    } while (status === SCAN.TABLE_FULL);
    if (status !== SCAN.DONE && status !== SCAN.INCOMPLETE) {
      throw new RecordError(problemOf(scanner, status, this.#chunkOffset, this.#filled));
    }
    this.#needed = status === SCAN.INCOMPLETE ? scanner.needed : 0;
    scanner.chunk.copyWithin(0, from, this.#filled);
    this.#chunkOffset += from;
    this.#filled -= from;
    // The record fills the chunk. No more room than it claims to need, and never more than twice what has come of it.
    if (this.#filled === scanner.chunk.length) makeRoom(scanner, Math.min(this.#needed, 2 * this.#filled));
  }
}
