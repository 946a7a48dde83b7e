import { UnrecError } from "../errors.ts";
import type { Reading } from "../bytes/reading.ts";
import type { RecordScanner, ScanStatus } from "../recordio/types.ts";

/** Told of bytes that were read, before anything else is done with them, and of the byte of the file they begin at. */
export type ReadListener = (bytes: Uint8Array<ArrayBuffer>, offset: number) => void;

/** What a {@linkcode Cursor} goes through. */
export interface RecordFile {
  /** What messages call it. */
  readonly name: string;
  /** Its size in bytes; Infinity in a stream whose end is not known. */
  readonly size: number;
}

/**
 * A place in a record file, and the stretch of the file around it that a scanner's chunk holds. The chunk begins at a
 * multiple of 4 in the file, so that what is aligned in one is aligned in the other. All readers of records go through a
 * file with one: by an index, without one, in a stream.
 */
export class Cursor {
  /** The file. */
  readonly file: RecordFile;
  /** The scanner whose chunk it is. */
  readonly scanner: RecordScanner;
  /** Byte of the file that the chunk begins with. */
  chunkOffset = 0;
  /** Bytes of the chunk that are read. */
  filled = 0;
  /** The place, counted from the chunk's first byte. */
  position = 0;
  readonly #onRead: ReadListener | undefined;

  /**
   * @param file What is read.
   * @param scanner Its chunk is used; nobody else may use it meanwhile.
   * @param onRead Told of what is read.
   */
  constructor(file: RecordFile, scanner: RecordScanner, onRead?: ReadListener) {
    this.file = file;
    this.scanner = scanner;
    this.#onRead = onRead;
  }

  /** The place as a byte of the file. */
  get offset(): number {
    return this.chunkOffset + this.position;
  }

  /** How many bytes are there from the place on. */
  get available(): number {
    return Math.max(0, this.filled - this.position);
  }

  /**
   * Goes to a byte of the file; what the chunk has of it is not read again.
   *
   * @param offset Up to the file's size.
   */
  moveTo(offset: number): void {
    if (offset < this.chunkOffset || offset > this.chunkOffset + this.filled) this.jumpTo(offset);
    else this.position = offset - this.chunkOffset;
  }

  /**
   * Goes to a byte of the file, and reads there anew: scanning has changed the chunk where it joined a record's parts.
   *
   * @param offset Up to the file's size.
   */
  jumpTo(offset: number): void {
    this.position = offset % 4;
    this.chunkOffset = offset - this.position;
    this.filled = 0;
  }

  /**
   * Gives up what is before the place, and reads on after what is there.
   *
   * @param needed How many bytes from the place on are needed. The chunk grows if it has no room for them.
   * @param until Byte of the file up to which to read ahead while that is not reached; after it, as far as the chunk goes.
   * @returns Whether they are there; false only at the end of a stream.
   * @throws {UnrecError} If the file ends before its size, or there is no memory.
   */
  *readOn(needed: number, until: number): Reading<boolean> {
    const { scanner, file } = this;
    const used = this.position - this.position % 4;
    if (used > 0) {
      scanner.chunk.copyWithin(0, used, this.filled);
      this.chunkOffset += used;
      this.filled -= used;
      this.position -= used;
    }
    const least = this.position + needed;
    while (this.filled < least) {
      this.#makeRoom(least);
      const end = this.chunkOffset + this.filled;
      const ahead = until > end ? Math.max(until, this.chunkOffset + least) - this.chunkOffset : Infinity;
      const room = Math.min(scanner.chunk.length, ahead, file.size - this.chunkOffset);
      const count = yield { offset: end, into: scanner.chunk.subarray(this.filled, room) };
      if (count === 0) {
        if (file.size === Infinity) return false;
        throw new UnrecError(`Cannot read ${file.name} at byte ${end}: the file became shorter while it was read`);
      }
      const { filled } = this;
      this.filled += count;
      this.#onRead?.(scanner.chunk.subarray(filled, this.filled), end);
    }
    return true;
  }

  /** Finds the records from the place on. */
  scan(): ScanStatus {
    return this.scanner.scan(this.position, this.filled);
  }

  /**
   * Reads a few bytes anywhere, as they are in the file.
   *
   * @param offset Byte of the file.
   * @param length How many bytes.
   * @returns The bytes, fewer at the end of the file.
   */
  *peek(offset: number, length: number): Reading<Uint8Array<ArrayBuffer>> {
    const found = new Uint8Array(Math.max(0, Math.min(length, this.file.size - offset)));
    let read = 0;
    while (read < found.length) {
      const count = yield { offset: offset + read, into: found.subarray(read) };
      if (count === 0) break;
      read += count;
    }
    return found.subarray(0, read);
  }

  /**
   * Makes the chunk larger when it is full. In a file that has the bytes, to at least twice its size, because parts of a
   * record announce themselves one by one; in a stream no more than twice what has come of a record.
   */
  #makeRoom(least: number): void {
    const { scanner, file, filled } = this;
    const { length } = scanner.chunk;
    if (file.size === Infinity ? filled < length : least <= length) return;
    const bytes = file.size === Infinity ? Math.min(least, 2 * filled) : Math.max(least, 2 * length);
    try {
      scanner.reserve(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UnrecError(`Cannot read a record of ${file.name} that takes ${bytes} bytes: there is no memory for it`);
    }
  }
}
