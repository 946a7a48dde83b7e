import { systemReason, UnrecError } from "../../errors.ts";
import { checksumFor } from "./checksum.ts";
import type { Checksums } from "./checksums.ts";
import { STANDARD_INPUT } from "./find_parts.ts";

/** Bytes of a read: enough to be sequential, few enough that a broken stream loses little. */
const READ_BYTES = 128 * 1024;

/** A part that was read to its end. */
export interface ReadPart {
  /** The file. */
  path: string;
  /** Its size. */
  bytes: number;
}

/** Reads the parts of an archive one after the other, as if they were one file. */
export class PartsReader {
  /** The parts read to their ends, in order. */
  readonly done: ReadPart[] = [];
  /** Bytes read of all parts. */
  bytes = 0;
  readonly #parts: readonly string[];
  readonly #sums: Checksums | undefined;

  /**
   * @param parts Files in order, or standard input.
   * @param sums Expected sums of the parts; undefined to take none.
   */
  constructor(parts: readonly string[], sums: Checksums | undefined) {
    this.#parts = parts;
    this.#sums = sums;
  }

  /**
   * Reads on.
   *
   * @yields Bytes, in a buffer of their own.
   * @throws {UnrecError} If a part cannot be read, or has another sum than it should.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    for (const path of this.#parts) {
      const standardInput = path === STANDARD_INPUT;
      const checksum = standardInput ? undefined : checksumFor(this.#sums, path);
      const file = standardInput ? Deno.stdin : open(path);
      let bytes = 0;
      try {
        for (;;) {
          const buffer = new Uint8Array(READ_BYTES);
          const read = await readFrom(file, buffer, path, bytes);
          if (read === null) break;
          bytes += read;
          this.bytes += read;
          checksum?.update(buffer.subarray(0, read));
          yield buffer.subarray(0, read);
        }
      } finally {
        if (!standardInput) file.close();
      }
      this.done.push({ path, bytes });
      checksum?.end(path);
    }
  }

  /** Says which part damage that was met can be in, where that need not be the last one that was read. */
  whichPart(): string {
    const unknown = this.done.some(({ path }) => checksumFor(this.#sums, path) === undefined);
    return this.#parts.length > 1 && unknown ? ": in this part or in one before it, whose sums are not known" : "";
  }

  /**
   * Says where a byte of the archive lies.
   *
   * @param offset A byte of all parts read so far, counted from the first one's beginning.
   */
  placeOf(offset: number): string {
    let begin = 0;
    for (const { path, bytes } of this.done) {
      // The end of the last part is a place in that part.
      if (offset < begin + bytes || this.done.length === this.#parts.length && offset === begin + bytes) {
        return `byte ${offset - begin} of ${nameOf(path)}`;
      }
      begin += bytes;
    }
    const path = this.#parts[this.done.length] ?? this.#parts[this.#parts.length - 1];
    return `byte ${offset - begin} of ${nameOf(path)}`;
  }
}

function nameOf(path: string): string {
  return path === STANDARD_INPUT ? "the standard input" : path;
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
  }
}

async function readFrom(
  file: { read(buffer: Uint8Array): Promise<number | null> },
  buffer: Uint8Array,
  path: string,
  position: number,
): Promise<number | null> {
  try {
    return await file.read(buffer);
  } catch (error) {
    throw new UnrecError(`Cannot read ${path} at byte ${position}: ${systemReason(error)}`);
  }
}
