/**
 * Text and bytes in a pickle: where they stand, and how they are read from there.
 *
 * Source of the forms: `Lib/pickletools.py` of CPython, `stringnl`, `unicodestringnl` and those after them.
 *
 * @module
 */

/** How text is spelled: in UTF-8 or, in protocol 0, in Latin-1 with escapes. */
export type TextForm = "utf-8" | "escaped";

/** A name in a pickle, such as `latin1`, has no more bytes. */
const MOST_NAME_BYTES = 64;

/** Bytes in a pickle: what Python 2 calls `str`, and Python 3 `bytes` or `bytearray`. */
export class PickledBytes {
  /** Byte of the file where their opcode stands. */
  readonly offset: number;
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /**
   * Takes bytes.
   *
   * @param offset Byte of the file where their opcode stands.
   * @param bytes The bytes; they are not copied.
   */
  constructor(offset: number, bytes: Uint8Array<ArrayBuffer>) {
    this.offset = offset;
    this.bytes = bytes;
  }

  /** The same as a name; undefined if it is too long for one. */
  get name(): string | undefined {
    return this.bytes.length > MOST_NAME_BYTES ? undefined : String.fromCharCode(...this.bytes);
  }
}

/** Text in a pickle. */
export class PickledText {
  readonly #offset: number;
  readonly #raw: Uint8Array<ArrayBuffer>;
  readonly #form: TextForm;
  /** A pickle may name the same text many times. */
  #latin1: { bytes: PickledBytes | undefined } | undefined;

  /**
   * Takes text as it is spelled in a file.
   *
   * @param offset Byte of the file where its opcode stands.
   * @param raw What follows that; it is not copied.
   * @param form How it is spelled.
   */
  constructor(offset: number, raw: Uint8Array<ArrayBuffer>, form: TextForm) {
    this.#offset = offset;
    this.#raw = raw;
    this.#form = form;
  }

  /** The bytes that it stands for in Latin-1, the same object each time; undefined if it has other characters. */
  get latin1(): PickledBytes | undefined {
    return (this.#latin1 ??= { bytes: this.#decode() }).bytes;
  }

  /** The same as a name; undefined if it is too long for one. */
  get name(): string | undefined {
    return this.#raw.length > MOST_NAME_BYTES ? undefined : this.latin1?.name;
  }

  #decode(): PickledBytes | undefined {
    const bytes = this.#form === "utf-8" ? latin1OfUtf8(this.#raw) : latin1OfEscaped(this.#raw);
    return bytes === undefined ? undefined : new PickledBytes(this.#offset, bytes);
  }
}

/** UTF-8 has one byte for characters below U+0080, and two, of which the first is C2 or C3, for those below U+0100. */
function latin1OfUtf8(raw: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    let byte = raw[at];
    if (byte >= 0x80) {
      const second = raw[++at];
      if (byte < 0xc2 || byte > 0xc3 || (second & 0xc0) !== 0x80) return undefined;
      byte = byte << 6 & 0xff | second & 0x3f;
    }
    bytes[length++] = byte;
  }
  return bytes.slice(0, length);
}

const NO_DIGIT = 255;

/** The hexadecimal digit that each byte is. */
const DIGITS: Uint8Array = new Uint8Array(256).fill(NO_DIGIT);
for (const [digit, letter] of Array.from("0123456789abcdef").entries()) {
  for (const either of [letter, letter.toUpperCase()]) DIGITS[either.charCodeAt(0)] = digit;
}

const BACKSLASH = 0x5c;
const X = 0x78;
const U = 0x75;

/** What Python 2 puts after a backslash, and the byte that is meant. All others are `\x` and two digits. */
const QUOTED: ReadonlyMap<number, number> = new Map(
  [["\\", "\\"], ["'", "'"], ['"', '"'], ["n", "\n"], ["r", "\r"], ["t", "\t"]]
    .map(([letter, meant]) => [letter.charCodeAt(0), meant.charCodeAt(0)]),
);

/**
 * Bytes that are spelled as Python 2 shows them: `'\xff\xd8'`.
 *
 * @param raw What stands in the file.
 * @returns undefined if Python does not write that.
 */
export function unquote(raw: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const end = raw.length - 1;
  if (end < 1 || raw[0] !== raw[end] || raw[0] !== 0x27 && raw[0] !== 0x22) return undefined;
  const bytes = new Uint8Array(end);
  let length = 0;
  for (let at = 1; at < end; at++) {
    let byte: number | undefined = raw[at];
    if (byte === BACKSLASH) {
      const letter = raw[++at];
      byte = letter === X ? hexAt(raw, at + 1, 2) : QUOTED.get(letter);
      if (letter === X) at += 2;
      if (byte === undefined || at >= end) return undefined;
    }
    bytes[length++] = byte;
  }
  return bytes.slice(0, length);
}

/** Text of which only a few characters are written as `\u` and four digits. */
function latin1OfEscaped(raw: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    let byte: number | undefined = raw[at];
    if (byte === BACKSLASH) {
      byte = raw[at + 1] === U ? hexAt(raw, at + 2, 4) : undefined;
      at += 5;
      if (byte === undefined || byte > 0xff) return undefined;
    }
    bytes[length++] = byte;
  }
  return bytes.slice(0, length);
}

/** The number that hexadecimal digits are; undefined if they are none, or not so many. */
function hexAt(raw: Uint8Array, at: number, digits: number): number | undefined {
  let number = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = i < raw.length ? DIGITS[raw[i]] : NO_DIGIT;
    if (digit === NO_DIGIT) return undefined;
    number = number << 4 | digit;
  }
  return number;
}
