/**
 * Headers of tar members, as POSIX.1-1988 has them (ustar): blocks of 512 bytes. Owner and time are the same in all,
 * so the bytes of a tar follow from its members alone.
 *
 * @module
 */
import { UnrecError } from "../errors.ts";

/** Bytes of a block: a header is one, and what a member holds is filled up to whole ones. */
export const BLOCK_BYTES = 512;

/** Where fields of a header begin. */
const FIELD = {
  NAME: 0,
  MODE: 100,
  UID: 108,
  GID: 116,
  SIZE: 124,
  TIME: 136,
  SUM: 148,
  TYPE: 156,
  MAGIC: 257,
  PREFIX: 345,
};

/** Bytes of a field. */
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** The greatest size that eleven octal digits can say. */
const MOST_BYTES = 8 ** 11 - 1;

/** Seconds since 1970 of 2000-01-01: some programs warn of times that are older. */
const TIME = 946_684_800;

const ZERO = 48;
const SPACE = 32;

/** Writes headers of regular files. */
export class TarHeader {
  /** The block. It is another one's after the next {@linkcode set}. */
  readonly block: Uint8Array<ArrayBuffer>;
  /** The sum of the bytes that never change, those of the sum's own field taken for spaces. */
  readonly #sum: number;
  #named = 0;

  /**
   * @param mode Who may do what with the files: 0o444, for example.
   * @param block Where it is written, 512 bytes; a new block if it is not given.
   */
  constructor(mode: number, block: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK_BYTES)) {
    this.block = block.fill(0);
    setOctal(block, FIELD.MODE, 7, mode);
    setOctal(block, FIELD.UID, 7, 0);
    setOctal(block, FIELD.GID, 7, 0);
    setOctal(block, FIELD.TIME, 11, TIME);
    block[FIELD.TYPE] = ZERO;
    setText(block, FIELD.MAGIC, "ustar\0" + "00");
    this.#sum = sumOf(block) + 8 * SPACE;
  }

  /**
   * Makes it the header of a member.
   *
   * @param path The member's name.
   * @param size Its bytes.
   * @throws {UnrecError} If the name is too long, or it has too many bytes.
   */
  set(path: string, size: number): void {
    const { block } = this;
    if (size > MOST_BYTES) throw new UnrecError(`Cannot write ${path} to a tar archive: it has ${size} bytes`);
    const name = inBytes(path);
    block.fill(0, FIELD.NAME, this.#named);
    block.fill(0, FIELD.PREFIX, FIELD.PREFIX + PREFIX_BYTES);
    let sum = this.#sum;
    if (name.length <= NAME_BYTES) {
      sum += setText(block, FIELD.NAME, name);
      this.#named = name.length;
    } else {
      // A long one is cut at a slash: what stands before it goes to a field of its own.
      const slash = name.indexOf("/", name.length - NAME_BYTES - 1);
      if (slash < 1 || slash > PREFIX_BYTES) {
        throw new UnrecError(`Cannot write ${path} to a tar archive: its name is too long`);
      }
      sum += setText(block, FIELD.PREFIX, name.slice(0, slash)) + setText(block, FIELD.NAME, name.slice(slash + 1));
      this.#named = name.length - slash - 1;
    }
    sum += setOctal(block, FIELD.SIZE, 11, size);
    setOctal(block, FIELD.SUM, 6, sum);
    block[FIELD.SUM + 6] = 0;
    block[FIELD.SUM + 7] = SPACE;
  }
}

/**
 * How many bytes are missing to the end of a block.
 *
 * @param size Bytes of a member.
 */
export function blockRest(size: number): number {
  return -size & BLOCK_BYTES - 1;
}

/** What stands at the end of an archive: two blocks of zeros. The first bytes of it fill up a block. */
export const TAR_END: Uint8Array<ArrayBuffer> = new Uint8Array(2 * BLOCK_BYTES);

/** A text with a character for each byte of its UTF-8; mostly that is the text itself. */
function inBytes(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return String.fromCharCode(...new TextEncoder().encode(text));
  }
  return text;
}

/** Writes a character a byte. Returns the sum of its bytes. */
function setText(block: Uint8Array, at: number, text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += block[at + i] = text.charCodeAt(i);
  return sum;
}

/** Writes octal digits, those missing as zeros. Returns the sum of their bytes. */
function setOctal(block: Uint8Array, at: number, digits: number, value: number): number {
  let sum = 0;
  for (let i = digits - 1; i >= 0; i--) {
    sum += block[at + i] = ZERO + value % 8;
    value = Math.floor(value / 8);
  }
  return sum;
}

function sumOf(block: Uint8Array): number {
  return block.reduce((sum, byte) => sum + byte, 0);
}
