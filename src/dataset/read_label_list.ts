import type { Reading } from "../bytes/reading.ts";
import { UnrecError } from "../errors.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { LabelList } from "./label_list.ts";
import type { Layout } from "./layout.ts";
import { formOf, isHeading, type ListForm, type ListLine, listNumber, otherColumns } from "./list_form.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DOT = 0x2e;
const ZERO = 0x30;
/** U+FEFF in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

/** How much of a list is read at once; no line is longer. */
const CHUNK_BYTES = 2 ** 20;
/** From this many lines the form is told. */
const HEAD_LINES = 256;
/** More digits than these may be more than a double holds. */
const EXACT_DIGITS = 15;

/**
 * Reads a list of labels that lies beside a dataset, from front to back. Its form is told from its content, see
 * {@linkcode formOf}; lines may end in CR LF, and blank ones are left out. What is kept is a number for each row of the
 * index.
 *
 * @param name The list's name, for messages.
 * @param index The dataset's index.
 * @param layout The dataset's layout: which rows are images.
 * @returns The labels, one for every image.
 * @throws {UnrecError} If a line cannot be read, a key has two labels, or an image none.
 */
export function* readLabelList(name: string, index: DatasetIndex, layout: Layout): Reading<LabelList> {
  const lines = new LineReader(name, index, layout);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for (let offset = 0;;) {
    const count = yield { offset, into: chunk.subarray(filled) };
    offset += count;
    filled += count;
    let from = 0;
    for (let end = chunk.indexOf(LF, from); end >= 0 && end < filled; end = chunk.indexOf(LF, from)) {
      lines.take(chunk, from, end);
      from = end + 1;
    }
    chunk.copyWithin(0, from, filled);
    filled -= from;
    if (count === 0) break;
    if (filled === CHUNK_BYTES) throw lines.error("is longer than any line of a list");
  }
  if (filled > 0) lines.take(chunk, 0, filled);
  return lines.end();
}

/** Takes the lines of a list, in order. */
class LineReader {
  readonly #name: string;
  readonly #index: DatasetIndex;
  readonly #layout: Layout;
  readonly #labels: Float64Array<ArrayBuffer>;
  /** Lines so far, blank ones counted. */
  #lines = 0;
  /** The first lines with something in them, until the form is told. */
  #head: ListLine[] = [];
  #form: ListForm | undefined;
  /** The number of the first line with data. */
  #firstLine = 0;
  /** Lines with data. */
  #rows = 0;
  /** Where the next row of the reading order stands there, for a list without keys. */
  #place = 0;
  #otherKeys = 0;

  constructor(name: string, index: DatasetIndex, layout: Layout) {
    this.#name = name;
    this.#index = index;
    this.#layout = layout;
    this.#labels = new Float64Array(index.rows).fill(NaN);
  }

  /** Takes the next line, which lies in `bytes` from `from` to `end`. */
  take(bytes: Uint8Array, from: number, end: number): void {
    // Editors of Windows put a mark at the beginning, U+FEFF.
    if (++this.#lines === 1 && MARK.every((byte, i) => bytes[from + i] === byte)) from += MARK.length;
    while (end > from && isBlank(bytes[end - 1])) end--;
    if (end <= from) return;
    if (this.#form !== undefined) {
      this.#takeRow(this.#form, this.#lines, bytes, from, end);
      return;
    }
    this.#head.push({ number: this.#lines, text: new TextDecoder().decode(bytes.subarray(from, end)) });
    if (this.#head.length === HEAD_LINES) this.#tellForm();
  }

  end(): LabelList {
    if (this.#form === undefined) this.#tellForm();
    const { key, labels } = this.#form!;
    const { images } = this.#layout;
    if (key === undefined && this.#rows !== images) {
      throw new UnrecError(
        `Cannot take labels from ${this.#name}: it has no keys, so its lines must be the images in reading order, and it ` +
          `has ${this.#rows} lines for ${images} images`,
      );
    }
    const facts = {
      path: this.#name,
      by: key === undefined ? "place" : "key",
      labelsALine: labels,
      otherKeys: this.#otherKeys,
    } as const;
    return new LabelList(facts, this.#index, this.#layout, this.#labels);
  }

  /** Says that the line after those taken is no line of a list. */
  error(why: string, line: number = this.#lines + 1): UnrecError {
    return new UnrecError(`Cannot take labels from ${this.#name}: line ${line} ${why}`);
  }

  #tellForm(): void {
    const [first] = this.#head;
    const heading = first !== undefined && isHeading(first.text) ? first.text : undefined;
    const head = heading === undefined ? this.#head : this.#head.slice(1);
    if (head.length === 0) throw new UnrecError(`Cannot take labels from ${this.#name}: there is no label in it`);
    this.#form = formOf(this.#name, head, heading);
    this.#firstLine = head[0].number;
    this.#head = [];
    const encoder = new TextEncoder();
    for (const { number, text } of head) {
      const bytes = encoder.encode(text);
      this.#takeRow(this.#form, number, bytes, 0, bytes.length);
    }
  }

  #takeRow({ separator, columns, key, label }: ListForm, line: number, bytes: Uint8Array, from: number, end: number) {
    const isTab = separator === "tab";
    const between = isTab ? TAB : SPACE;
    let column = 0;
    let rowKey = NaN;
    let rowLabel = NaN;
    for (let at = from; at <= end; column++) {
      if (!isTab) { for (; at < end && bytes[at] === SPACE;) at++; }
      const begin = at;
      for (; at < end && bytes[at] !== between;) at++;
      if (column === key) rowKey = numberIn(bytes, begin, at);
      else if (column === label) rowLabel = numberIn(bytes, begin, at);
      at++;
    }
    if (column !== columns) {
      throw otherColumns(this.#name, { number: line, columns: column }, { number: this.#firstLine, columns });
    }
    if (!Number.isSafeInteger(rowLabel)) throw this.error("has a label that is no whole number", line);
    this.#rows++;
    if (key === undefined) return this.#setNext(rowLabel, line);
    if (!Number.isSafeInteger(rowKey) || rowKey < 0) {
      throw this.error("has a key that is no whole number from 0 on", line);
    }
    const row = this.#index.rowOf(rowKey);
    if (row < 0) this.#otherKeys++;
    else this.#set(row, rowLabel, line);
  }

  /** Labels the next image in reading order, if it can be read: those that cannot have a line too. */
  #setNext(label: number, line: number): void {
    const { order, numbers } = this.#layout;
    const place = this.#place;
    if (place === order.length || (numbers?.at(place) ?? place) !== this.#rows - 1) return;
    this.#place++;
    this.#set(order.at(place), label, line);
  }

  #set(row: number, label: number, line: number): void {
    const before = this.#labels[row];
    if (!Number.isNaN(before) && before !== label) {
      throw this.error(
        `gives key ${this.#index.keys.at(row)} the label ${label}, and a line before it the label ${before}`,
        line,
      );
    }
    this.#labels[row] = label;
  }
}

function isBlank(byte: number): boolean {
  return byte === CR || byte === SPACE || byte === TAB;
}

/** The number that stands in bytes; NaN if there is none. Nearly all are digits, or digits and zeros after a dot. */
function numberIn(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  let at = from;
  for (let digit; at < end && (digit = bytes[at] - ZERO) >= 0 && digit <= 9; at++) value = value * 10 + digit;
  const digits = at - from;
  if (bytes[at] === DOT) { for (at++; at < end && bytes[at] === ZERO;) at++; }
  if (at === end && digits > 0 && digits <= EXACT_DIGITS) return value;
  return listNumber(new TextDecoder().decode(bytes.subarray(from, end)).trim());
}
