import { type Remedy, UnrecError } from "../errors.ts";

/** Text lines of a pickle that hold a name or a number are short; those that hold bytes may have any length. */
const MOST_LINE_BYTES = 1024;

const LINE_FEED = 0x0a;

/** The bytes of a pickle, read from front to back. Whatever a length says, nothing is taken that the file does not have. */
export class PickleInput {
  /** What messages call the file. */
  readonly name: string;
  /** Byte of the opcode that is carried out. */
  begin = 0;
  /** What messages call that opcode. */
  opcode = "";
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  /**
   * Begins at the first byte.
   *
   * @param bytes All bytes of the file.
   * @param name What messages call it.
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, name: string) {
    this.name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The byte that comes next. */
  get at(): number {
    return this.#at;
  }

  /** How many bytes the file has. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The code of the next opcode. */
  next(): number {
    this.begin = this.#at;
    this.opcode = "";
    return this.byte();
  }

  /** A number in one byte. */
  byte(): number {
    return this.#bytes[this.#skip(1)];
  }

  /** A number in two bytes. */
  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  /** A number in four bytes, from 0. */
  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  /** A number in four bytes, with a sign. */
  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  /** A number in eight bytes, from 0; not exact above 2^53, where it is more than any file has bytes. */
  uint64(): number {
    const low = this.uint32();
    return low + 2 ** 32 * this.uint32();
  }

  /**
   * The next bytes; a view.
   *
   * @param length How many.
   * @throws {UnrecError} If the file ends before.
   */
  take(length: number): Uint8Array<ArrayBuffer> {
    const from = this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  /**
   * Makes sure that so many bytes follow.
   *
   * @param length How many.
   * @throws {UnrecError} If the file ends before.
   */
  expect(length: number): void {
    if (!(this.#at + length <= this.length)) throw this.#cut();
  }

  /** The bytes to the end of the line, without the line feed; a view. */
  line(): Uint8Array<ArrayBuffer> {
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if (end < 0) throw this.#cut();
    const line = this.take(end - this.#at);
    this.#skip(1);
    return line;
  }

  /** A line that holds a name or a number. */
  word(): string {
    const line = this.line();
    if (line.length > MOST_LINE_BYTES) throw this.nonsense(`with a line of ${line.length} bytes`);
    return new TextDecoder().decode(line);
  }

  /**
   * Says that the pickle makes no sense here.
   *
   * @param why What comes after the name of the opcode.
   */
  nonsense(why: string): UnrecError {
    return this.refusal(`its pickle is damaged: at byte ${this.begin} it has ${this.opcode} ${why}`, {
      kind: "download-again",
      path: this.name,
    });
  }

  /**
   * Says why the file is not read.
   *
   * @param why The reason.
   * @param remedies What can be done about it.
   */
  refusal(why: string, ...remedies: Remedy[]): UnrecError {
    return new UnrecError(`Cannot read ${this.name}: ${why}`, ...remedies);
  }

  #skip(length: number): number {
    this.expect(length);
    const at = this.#at;
    this.#at += length;
    return at;
  }

  #cut(): UnrecError {
    const where = this.opcode === ""
      ? "before the end of its pickle"
      : `within the ${this.opcode} of byte ${this.begin}`;
    return this.refusal(`it is cut: it ends at byte ${this.length}, ${where}`, {
      kind: "download-again",
      path: this.name,
    });
  }
}
