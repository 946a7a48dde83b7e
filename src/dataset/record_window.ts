import { systemReason, UnrecError } from "../errors.ts";
import type { RecordScanner } from "../recordio/types.ts";
import { fillChunk } from "./fill_chunk.ts";
import { makeRoom } from "./make_room.ts";
import type { RecordFile } from "./read_records.ts";

/** Told of bytes that were read, before anything else is done with them, and of the byte of the file they begin at. */
export type ReadListener = (bytes: Uint8Array<ArrayBuffer>, offset: number) => void;

/**
 * The stretch of a record file that a scanner's chunk holds. It begins at a multiple of 4 in the file, so that what is
 * aligned in one is aligned in the other. Positions count from the chunk's first byte, offsets from the file's.
 */
export class RecordWindow {
  /** The file. */
  readonly source: RecordFile;
  /** The scanner whose chunk it is. */
  readonly scanner: RecordScanner;
  /** Byte of the file that the chunk begins with; -1 before {@linkcode goTo}. */
  offset = -1;
  /** Bytes of the chunk that are read. */
  filled = 0;
  readonly #onRead: ReadListener | undefined;

  /**
   * @param source The file; nobody else may read it meanwhile.
   * @param scanner Its chunk is used.
   * @param onRead Told of what is read.
   */
  constructor(source: RecordFile, scanner: RecordScanner, onRead?: ReadListener) {
    this.source = source;
    this.scanner = scanner;
    this.#onRead = onRead;
  }

  /**
   * Goes to a byte of the file, unless the window has it.
   *
   * @param offset Up to the file's size.
   * @returns Its position.
   */
  goTo(offset: number): number {
    if (offset < this.offset || offset > this.offset + this.filled) {
      this.offset = offset - offset % 4;
      this.filled = 0;
      this.#seek(this.offset);
    }
    return offset - this.offset;
  }

  /**
   * Gives up what is in front of a position and reads on behind what is there.
   *
   * @param position What to keep from.
   * @param needed How many bytes from there are needed; the file must have them. The chunk grows if it has no room.
   * @param until Byte of the file up to which to read ahead, if there is room.
   * @returns Where the byte at `position` is now.
   * @throws {UnrecError} If the file cannot be read, or there is no memory.
   */
  readOn(position: number, needed: number, until: number): number {
    const { source, scanner } = this;
    const used = position - position % 4;
    if (used > 0) {
      scanner.chunk.copyWithin(0, used, this.filled);
      this.offset += used;
      this.filled -= used;
    }
    const kept = position - used;
    // At least twice what there is, for parts announce themselves one by one.
    if (kept + needed > scanner.chunk.length) makeRoom(scanner, Math.max(kept + needed, 2 * scanner.chunk.length));
    const end = Math.max(until, this.offset + kept + needed);
    const before = this.filled;
    const room = end - (this.offset + before);
    if (room > 0) this.filled += fillChunk(source, scanner, this.offset, before, end);
    this.#onRead?.(scanner.chunk.subarray(before, this.filled), this.offset + before);
    return kept;
  }

  /**
   * Reads a few bytes anywhere, beside the window.
   *
   * @param offset Byte of the file.
   * @param length How many bytes, fewer at the end of the file.
   * @throws {UnrecError} If the file cannot be read.
   */
  peek(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const { path, file, bytes } = this.source;
    const found = new Uint8Array(Math.max(0, Math.min(length, bytes - offset)));
    this.#seek(offset);
    try {
      for (let read = 0; read < found.length;) {
        const more = file.readSync(found.subarray(read));
        if (more === null) return found.subarray(0, read);
        read += more;
      }
    } catch (error) {
      throw new UnrecError(`Cannot read ${path} at byte ${offset}: ${systemReason(error)}`);
    }
    this.#seek(this.offset + this.filled);
    return found;
  }

  #seek(offset: number): void {
    this.source.file.seekSync(offset, Deno.SeekMode.Start);
  }
}
