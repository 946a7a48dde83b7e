import { createHash } from "node:crypto";
import type { ByteSource } from "../bytes/reading.ts";

/** Makes the md5 sum of a file from bytes that others read, front to back; some may come twice. */
export class FileMd5 {
  readonly #hash = createHash("md5");
  #hashed = 0;

  /**
   * Takes bytes of the file. Those that were taken already are left out.
   *
   * @param bytes The bytes.
   * @param offset Byte of the file they begin at, not after the end of those taken so far.
   */
  add(bytes: Uint8Array, offset: number): void {
    const skip = this.#hashed - offset;
    if (skip < 0 || skip >= bytes.length) return;
    this.#hash.update(bytes.subarray(skip));
    this.#hashed += bytes.length - skip;
  }

  /**
   * Reads what nobody has read, and ends.
   *
   * @param source The file.
   * @returns 32 hexadecimal digits.
   * @throws {UnrecError} If the file cannot be read.
   */
  async end(source: ByteSource): Promise<string> {
    const buffer = new Uint8Array(2 ** 20);
    while (this.#hashed < source.size) {
      const read = await source.read(this.#hashed, buffer);
      if (read === 0) break;
      this.add(buffer.subarray(0, read), this.#hashed);
    }
    return this.#hash.digest("hex");
  }
}

/**
 * The md5 sum of a whole file.
 *
 * @param source The file.
 * @returns 32 hexadecimal digits.
 * @throws {UnrecError} If it cannot be read.
 */
export async function md5Of(source: ByteSource): Promise<string> {
  return await new FileMd5().end(source);
}
