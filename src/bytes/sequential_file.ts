import { systemReason, UnrecError } from "../errors.ts";
import type { SyncByteSource } from "./reading.ts";

/**
 * A regular file that is read mostly from front to back, as threads do. `FileSource` reads pieces that lie apart with one
 * system call each in place of two; but it needs `node:fs`, which takes 4 MB of memory in each thread.
 */
export class SequentialFile implements SyncByteSource {
  readonly name: string;
  readonly size: number;
  readonly #file: Deno.FsFile;
  /** Where the system reads next. */
  #position = 0;

  /**
   * Opens a file.
   *
   * @param path Where it is.
   * @throws {UnrecError} If it cannot be opened, or is no regular file: a pipe or a device may have no end.
   */
  constructor(path: string) {
    this.name = path;
    try {
      // Before it is opened: to open a pipe is to wait until somebody writes to it.
      this.size = sizeOf(path);
      this.#file = Deno.openSync(path);
    } catch (error) {
      throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
    }
  }

  read(offset: number, into: Uint8Array<ArrayBuffer>): number {
    let read = 0;
    try {
      if (offset !== this.#position) this.#position = this.#file.seekSync(offset, Deno.SeekMode.Start);
      // The system may give less than it was asked for, and has more.
      while (read < into.length) {
        const more = this.#file.readSync(into.subarray(read));
        if (more === null) break;
        read += more;
        this.#position += more;
      }
    } catch (error) {
      throw new UnrecError(`Cannot read ${this.name} at byte ${offset + read}: ${systemReason(error)}`);
    }
    return read;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function sizeOf(path: string): number {
  const { size, isFile, isDirectory } = Deno.statSync(path);
  if (isDirectory) throw Object.assign(new Error(), { code: "EISDIR" });
  if (!isFile) throw new Error("it is no regular file");
  return size;
}
