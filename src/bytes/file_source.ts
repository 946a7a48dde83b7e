import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { systemReason, UnrecError } from "../errors.ts";
import type { SyncByteSource } from "./reading.ts";

/**
 * A pipe is opened at once, and not only when somebody writes to it: then it is seen what it is. For regular files it
 * means nothing, and Windows does not have it.
 */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A regular file, open for reading. */
export class FileSource implements SyncByteSource {
  readonly name: string;
  readonly size: number;
  readonly #descriptor: number;

  /**
   * Opens a file.
   *
   * @param path Where it is.
   * @param size Its size, if it was looked at before: asking once more takes as long as opening it.
   * @throws {UnrecError} If it cannot be opened, or is no regular file: a pipe or a device may have no end.
   */
  constructor(path: string, size?: number) {
    this.name = path;
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, READ_WITHOUT_WAITING);
      this.#descriptor = descriptor;
      this.size = size ?? sizeOf(descriptor);
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
    }
  }

  /**
   * Reads bytes.
   *
   * @param offset The first one.
   * @param into Where they go.
   * @param enough With how many it may be satisfied, if the system has no more at once.
   * @returns How many there are: fewer than are enough only at the file's end.
   * @throws {UnrecError} If they cannot be read.
   */
  read(offset: number, into: Uint8Array<ArrayBuffer>, enough: number = into.length): number {
    let read = 0;
    try {
      // The system may give less than it was asked for, and has more.
      while (read < enough) {
        const more = readSync(this.#descriptor, into, read, into.length - read, offset + read);
        if (more === 0) break;
        read += more;
      }
    } catch (error) {
      throw new UnrecError(`Cannot read ${this.name} at byte ${offset + read}: ${systemReason(error)}`);
    }
    return read;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

function sizeOf(descriptor: number): number {
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
  if (!stat.isFile()) throw new Error("it is no regular file");
  return stat.size;
}

/**
 * Reads the beginning of a file.
 *
 * @param path Where it is.
 * @param most How many bytes are read at most.
 * @returns Its bytes, fewer if it has no more.
 * @throws {UnrecError} If it cannot be read.
 */
export function readHead(path: string, most: number): Uint8Array<ArrayBuffer> {
  using file = new FileSource(path);
  const bytes = new Uint8Array(Math.min(most, file.size));
  return bytes.subarray(0, file.read(0, bytes));
}
