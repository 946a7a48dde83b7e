import { UnrecError } from "../../errors.ts";
import { IR_HEADER_BYTES, MAX_RECORD_BYTES } from "../../recordio/constants.ts";
import { unreadable } from "./unreadable.ts";

/** An image that is larger has no room in a record. */
const MOST_IMAGE_BYTES = MAX_RECORD_BYTES - IR_HEADER_BYTES;

/** The sizes of images, in reading order, in memory that threads share. */
export class ImageSizes {
  /** When the last image was changed that was looked at, in milliseconds since 1970. */
  changed = 0;
  #sizes = new Uint32Array(1024);
  #count = 0;

  /** How many were added. */
  get count(): number {
    return this.#count;
  }

  /**
   * Looks at an image.
   *
   * @param path Its file.
   * @returns How many bytes it has.
   * @throws {UnrecError} If it cannot be looked at, is no file, or is too large.
   */
  look(path: string): number {
    let stat: Deno.FileInfo;
    try {
      stat = Deno.statSync(path);
    } catch (error) {
      throw unreadable(`Cannot read ${path}`, path, error);
    }
    const { isFile, size, mtime } = stat;
    if (!isFile) throw new UnrecError(`Cannot read ${path}: it is no regular file`);
    if (size > MOST_IMAGE_BYTES) {
      throw new UnrecError(`Cannot read ${path} as an image: it has ${size} bytes, and a record ends below 2^29`);
    }
    this.changed = Math.max(this.changed, mtime?.getTime() ?? 0);
    return size;
  }

  /**
   * Appends sizes.
   *
   * @param sizes Those of the next images.
   */
  add(sizes: readonly number[]): void {
    const count = this.#count + sizes.length;
    if (count > this.#sizes.length) {
      const larger = new Uint32Array(2 ** Math.ceil(Math.log2(count)));
      larger.set(this.#sizes);
      this.#sizes = larger;
    }
    this.#sizes.set(sizes, this.#count);
    this.#count = count;
  }

  /** All that were added. */
  get all(): Uint32Array<SharedArrayBuffer> {
    const all = new Uint32Array(new SharedArrayBuffer(4 * this.#count));
    all.set(this.#sizes.subarray(0, this.#count));
    return all;
  }
}
