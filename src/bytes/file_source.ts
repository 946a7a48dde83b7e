import { systemReason, UnrecError } from "../errors.ts";
import type { SyncByteSource } from "./reading.ts";

/** A file, open for reading. */
export class FileSource implements SyncByteSource {
  readonly name: string;
  readonly size: number;
  readonly #file: Deno.FsFile;
  /** Where the next read begins if nobody seeks: a system call less for reading on. */
  #position = 0;

  /**
   * Opens a file.
   *
   * @param path Where it is.
   * @throws {UnrecError} If it cannot be opened.
   */
  constructor(path: string) {
    this.name = path;
    let file: Deno.FsFile | undefined;
    try {
      file = Deno.openSync(path);
      const { size, isDirectory } = file.statSync();
      if (isDirectory) throw Object.assign(new Error(), { code: "EISDIR" });
      this.#file = file;
      this.size = size;
    } catch (error) {
      file?.close();
      throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
    }
  }

  read(offset: number, into: Uint8Array<ArrayBuffer>): number {
    let read = 0;
    try {
      if (offset !== this.#position) this.#file.seekSync(offset, Deno.SeekMode.Start);
      // The system may give less than it was asked for, and has more.
      while (read < into.length) {
        const more = this.#file.readSync(read === 0 ? into : into.subarray(read));
        if (more === null) break;
        read += more;
      }
    } catch (error) {
      this.#position = NaN;
      throw new UnrecError(`Cannot read ${this.name} at byte ${offset + read}: ${systemReason(error)}`);
    }
    this.#position = offset + read;
    return read;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
