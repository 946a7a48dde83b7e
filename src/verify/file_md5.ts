import { createHash } from "node:crypto";
import { systemReason, UnrecError } from "../errors.ts";
import type { RecordFile } from "../dataset/read_records.ts";

/** Makes the md5 sum of a file from bytes that somebody else reads, front to back; some may come twice. */
export class FileMd5 {
  readonly #hash = createHash("md5");
  #hashed = 0;

  /**
   * Takes bytes of the file. Those that were taken already are left out.
   *
   * @param bytes The bytes.
   * @param offset Byte of the file they begin at, not behind those taken so far.
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
  end({ path, file, bytes }: RecordFile): string {
    try {
      file.seekSync(this.#hashed, Deno.SeekMode.Start);
      const buffer = new Uint8Array(2 ** 20);
      while (this.#hashed < bytes) {
        const read = file.readSync(buffer);
        if (read === null) break;
        this.add(buffer.subarray(0, read), this.#hashed);
      }
    } catch (error) {
      throw new UnrecError(`Cannot read ${path} at byte ${this.#hashed}: ${systemReason(error)}`);
    }
    return this.#hash.digest("hex");
  }
}
