/**
 * Finds the files in a tar archive that comes in pieces: ustar and what came before it, GNU tar's long names and large
 * sizes, and pax headers. Sources: POSIX.1-2001, pax, "ustar Interchange Format" and "pax Header Block"; the GNU tar
 * manual, "Basic Tar Format". No bytes of files are kept or copied. It is ours because it has to work on machines that
 * cannot download anything.
 *
 * @module
 */

import { type ArchiveEntry, type EntryHandler, leadsOut } from "./entry.ts";

/** An archive that cannot be read on, with the reason as part of a sentence. */
export class TarError extends Error {
  override name = "TarError";
}

/** Told of each file; gives what is to be done with it, or undefined to pass it over. */
export type EntryVisitor = (entry: ArchiveEntry) => EntryHandler | undefined;

/** Everything in a tar archive begins at a multiple of this many bytes. */
const BLOCK = 512;

/** Names and pax headers are longer only in archives that are made to do harm. */
const MOST_HEADER_BYTES = 2 ** 16;

/** Kinds of entries, by their type flag. */
const FILES = ["0", "\0", "7"];
const FOLDER = "5";
const LONG_NAME = "L";
const LONG_LINK = "K";
const PAX = "x";
const GLOBAL_PAX = "g";
/** GNU tar's sparse files have more headers after the first. */
const SPARSE = "S";
const WHAT: Record<string, string> = {
  "1": "a link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "6": "a pipe",
  S: "a sparse file",
};

/** What the reader is in the midst of. */
type State =
  /** The next block is a header. */
  | { kind: "header" }
  /** The next block is one more header of a sparse file, whose data follow then. */
  | { kind: "sparse"; data: State & { kind: "data" } }
  /** Bytes of a file, and zeros up to the next block. */
  | { kind: "data"; path: string; left: number; padding: number; handler: EntryHandler | undefined; isFile: boolean }
  /** Bytes that tell of the entry after them. */
  | { kind: "extra"; type: string; bytes: Uint8Array; filled: number; padding: number }
  /** Two blocks of zeros, or the end of the bytes. */
  | { kind: "ended" };

/** Reads a tar archive. */
export class TarReader {
  readonly #visit: EntryVisitor;
  readonly #onOdd: (path: string, what: string) => void;
  readonly #block = new Uint8Array(BLOCK);
  /** Bytes of a header block whose rest has not come yet. */
  #filled = 0;
  #state: State = { kind: "header" };
  /** What extra headers said of the next entry. */
  #next: { path?: string; size?: number; sparse?: boolean } = {};
  #entries = 0;
  /** Whether the last block was all zeros. */
  #zeros = false;

  /**
   * @param visit Told of each regular file.
   * @param onOdd Told of each entry that is something else, or that has a path which leads out of the archive.
   */
  constructor(visit: EntryVisitor, onOdd: (path: string, what: string) => void) {
    this.#visit = visit;
    this.#onOdd = onOdd;
  }

  /**
   * Reads on.
   *
   * @param bytes The next bytes of the archive.
   * @throws {TarError} If they are not those of an archive.
   */
  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      const state = this.#state;
      // What comes after the end is no part of the archive.
      if (state.kind === "ended") return;
      if (state.kind === "data") {
        const piece = bytes.subarray(from, from + state.left);
        from += piece.length;
        state.left -= piece.length;
        if (piece.length > 0) state.handler?.push(piece);
        if (state.left === 0) from = this.#endData(state, from, bytes.length);
      } else if (state.kind === "extra") {
        const piece = bytes.subarray(from, from + state.bytes.length - state.filled);
        state.bytes.set(piece, state.filled);
        state.filled += piece.length;
        from += piece.length;
        if (state.filled === state.bytes.length) from = this.#endExtra(state, from, bytes.length);
      } else {
        const piece = bytes.subarray(from, from + BLOCK - this.#filled);
        this.#block.set(piece, this.#filled);
        this.#filled += piece.length;
        from += piece.length;
        if (this.#filled < BLOCK) return;
        this.#filled = 0;
        if (state.kind === "header") this.#header();
        // Byte 504 of such a block tells whether there is another one.
        else if (this.#block[504] === 0) this.#state = state.data;
      }
    }
  }

  /**
   * Ends the archive.
   *
   * @throws {TarError} If it ends within a file, or holds nothing at all.
   */
  end(): void {
    const state = this.#state;
    if (state.kind === "data" && state.left > 0) {
      throw new TarError(`it ends within ${state.path}, ${state.left} bytes of that are missing`);
    }
    if (state.kind === "data" && state.isFile) state.handler?.end();
    if (this.#entries === 0) throw new TarError("it is no tar archive, or an empty one");
    const announced = Object.keys(this.#next).length > 0;
    if (state.kind === "extra" || announced || this.#filled > 0) {
      throw new TarError("it ends within the header of an entry");
    }
  }

  #header(): void {
    const block = this.#block;
    const sum = block.reduce((sum, byte) => sum + byte, 0);
    if (sum === 0) {
      this.#state = this.#zeros ? { kind: "ended" } : this.#state;
      this.#zeros = true;
      return;
    }
    // The sum of the header's bytes is taken with spaces in its own place; old programs took them as signed.
    const own = block.subarray(148, 156);
    const expected = octal(own);
    const unsigned = own.reduce((rest, byte) => rest - byte + 32, sum);
    const signed = unsigned - 256 * block.reduce((count, byte, i) => count + +(byte > 127 && (i < 148 || i > 155)), 0);
    if (this.#zeros || expected !== unsigned && expected !== signed) {
      throw new TarError(
        this.#entries === 0 && !this.#zeros
          ? "it is no tar archive"
          : "the archive is damaged: no header of an entry stands where one belongs",
      );
    }
    const type = String.fromCharCode(block[156]);
    const size = this.#next.size ?? number(block.subarray(124, 136));
    if (!Number.isSafeInteger(size) || size < 0) throw new TarError("the archive is damaged: an entry has no size");
    if ([LONG_NAME, LONG_LINK, PAX, GLOBAL_PAX].includes(type)) {
      if (size > MOST_HEADER_BYTES) throw new TarError(`an entry has a header of ${size} bytes`);
      const bytes = new Uint8Array(size);
      this.#state = { kind: "extra", type, bytes, filled: 0, padding: paddingOf(size) };
      if (size === 0) this.#state = { kind: "header" };
      return;
    }
    this.#enter(type, size);
  }

  #enter(type: string, size: number): void {
    const block = this.#block;
    const { path = pathOf(block), sparse = false } = this.#next;
    this.#next = {};
    this.#entries++;
    const isFile = FILES.includes(type) && !path.endsWith("/");
    const isFolder = type === FOLDER || FILES.includes(type) && path.endsWith("/");
    const out = leadsOut(path);
    if (!isFile && !isFolder) this.#onOdd(path, WHAT[type] ?? "neither a file nor a folder");
    else if (sparse) this.#onOdd(path, WHAT.S);
    if (out !== undefined) this.#onOdd(path, out);
    const handler = isFile && out === undefined && !sparse ? this.#visit({ path, bytes: size }) : undefined;
    // Links, devices and folders have no data, whatever their size says.
    const left = /[1-6]/.test(type) ? 0 : size;
    const data: State & { kind: "data" } = { kind: "data", path, left, padding: paddingOf(left), handler, isFile };
    this.#state = type === SPARSE && block[482] !== 0 ? { kind: "sparse", data } : data;
    if (left === 0 && this.#state === data) {
      if (isFile) handler?.end();
      this.#state = { kind: "header" };
    }
  }

  /** Ends a file when the zeros after it have come; returns where they end in the piece. */
  #endData(state: State & { kind: "data" }, from: number, end: number): number {
    const skipped = Math.min(state.padding, end - from);
    state.padding -= skipped;
    if (state.padding > 0) return from + skipped;
    this.#state = { kind: "header" };
    if (state.isFile) state.handler?.end();
    return from + skipped;
  }

  #endExtra(state: State & { kind: "extra" }, from: number, end: number): number {
    const skipped = Math.min(state.padding, end - from);
    state.padding -= skipped;
    if (state.padding > 0) return from + skipped;
    this.#state = { kind: "header" };
    const text = new TextDecoder().decode(state.bytes);
    if (state.type === LONG_NAME) this.#next.path = text.replace(/\0.*$/s, "");
    if (state.type === PAX) Object.assign(this.#next, paxOf(state.bytes));
    return from + skipped;
  }
}

/** Bytes from the end of data to the next block. */
function paddingOf(size: number): number {
  return (BLOCK - size % BLOCK) % BLOCK;
}

/** The name in a header, with the prefix that POSIX has for long ones. */
function pathOf(block: Uint8Array): string {
  const name = textOf(block.subarray(0, 100));
  // GNU tar has times where POSIX has the prefix, and says so by another magic word.
  const prefix = textOf(block.subarray(257, 263)) === "ustar" ? textOf(block.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** A number in octal digits; NaN if it is none. */
function octal(bytes: Uint8Array): number {
  const [, digits] = /^ *([0-7]*)[ \0]*$/.exec(new TextDecoder().decode(bytes).replace(/\0.*$/s, "")) ?? [];
  return digits === undefined ? NaN : digits === "" ? 0 : parseInt(digits, 8);
}

/** A number in octal digits, or in binary with the first bit set, as GNU tar writes large ones. */
function number(bytes: Uint8Array): number {
  if (bytes[0] < 0x80) return octal(bytes);
  // The second highest bit is that of the sign, and no size is below 0.
  let value = bytes[0] & 0x7f;
  for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  return value;
}

/** What a pax header says of the next entry. Its records are `LENGTH KEY=VALUE\n`, the length that of all of it. */
function paxOf(bytes: Uint8Array): { path?: string; size?: number; sparse?: boolean } {
  const found: { path?: string; size?: number; sparse?: boolean } = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(new TextDecoder().decode(bytes.subarray(at, space)));
    if (space < 0 || !Number.isInteger(length) || length <= space - at || at + length > bytes.length) {
      throw new TarError("the archive is damaged: an entry has a pax header that is none");
    }
    const [, key, value] = /^([^=]*)=(.*)\n$/s.exec(
      new TextDecoder().decode(bytes.subarray(space + 1, at + length)),
    ) ?? [];
    if (key === "path") found.path = value;
    if (key === "size") found.size = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (key?.startsWith("GNU.sparse.")) found.sparse = true;
    at += length;
  }
  return found;
}
