import { keysRoundedTo, LAST_KEY } from "../recordio/float32_keys.ts";
import { type KeyRange, looksLikeRange } from "./record_header.ts";
import { Runs } from "./runs.ts";

/** No set has as many identity records: where there are more records without an image, they are something else. */
export const MOST_IDENTITIES = 3 * 2 ** 20;

/** A record that has no bytes and two labels. */
interface RangeRecord {
  /** Its place in the file, from 0. */
  row: number;
  /** Its id, the lower 32 bits. */
  id: number;
  /** Its labels. */
  range: KeyRange;
}

/**
 * The records of a file that can be identity records or record 0, while nothing tells the keys. All tools write the images
 * first, then the identity records, and record 0 before or after all others; the keys are those that record 0 and the
 * identity records name, in that order.
 */
export class RangeRecords {
  /** Four numbers a record: its place, its id, its two labels. */
  readonly #cells: number[] = [];

  /**
   * Takes a record without bytes and with two labels. After {@linkcode MOST_IDENTITIES} no more are taken.
   *
   * @param row Its place in the file.
   * @param id Its id, the lower 32 bits.
   * @param range Its labels, as whole numbers.
   */
  add(row: number, id: number, [from, to]: KeyRange): void {
    if (this.#count < MOST_IDENTITIES) this.#cells.push(row, id, from, to);
  }

  /**
   * Whether the file is of the identity layout: the last record looks like one that names keys, and so does the one before
   * it, or the first one, or it is the only one and its id the key after all that it names.
   *
   * @param rows Records of the file.
   */
  isIdentityLayout(rows: number): boolean {
    const count = this.#count;
    if (count === 0) return false;
    const last = this.#at(count - 1);
    if (last.row !== rows - 1 || !isRange(last)) return false;
    if (last.range[1] === Math.fround(last.id)) return true;
    return count > 1 && (isRange(this.#at(count - 2)) || isRange(this.#at(0)));
  }

  /** Whether there is a record 0 among them, by its id. */
  get hasRecord0(): boolean {
    return this.#record0 !== undefined;
  }

  /** Whether the ids are the keys that record 0 means: one has the id 0, and the ids of the others are in its range. */
  get haveKeysAsIds(): boolean {
    const record0 = this.#record0;
    if (record0 === undefined) return false;
    const [first] = keysRoundedTo(record0.range[0]);
    const [, end] = keysRoundedTo(record0.range[1]);
    for (let i = 0; i < this.#count; i++) {
      const record = this.#at(i);
      if (record.id !== 0 && isRange(record) && !(record.id >= first && record.id < end)) return false;
    }
    return true;
  }

  /**
   * The keys of all records, in the order of the file.
   *
   * @param rows Records of the file.
   * @returns undefined if record 0, the identity records and the number of images do not agree.
   */
  keys(rows: number): Runs | undefined {
    const count = this.#count;
    let begin = count;
    while (begin > 0 && this.#at(begin - 1).row === rows - 1 - (count - begin)) begin--;
    const keys = new Runs();
    const first = this.#at(0);
    const after = first.row === 0 ? this.#keysAround(first, begin, count, rows) : undefined;
    if (after !== undefined) keys.append(0, 1);
    const around = after ?? this.#keysAround(this.#at(count - 1), begin, count - 1, rows);
    if (around === undefined) return undefined;
    for (const [first, end] of around) keys.append(first, end - first);
    if (after === undefined) keys.append(0, 1);
    return keys;
  }

  /**
   * The keys of the images and those of the identity records.
   *
   * @param record0 What may be record 0.
   * @param begin The first of the others that may be an identity record.
   * @param end The one after the last of these.
   * @param rows Records of the file.
   * @returns undefined if they do not agree.
   */
  #keysAround({ range }: RangeRecord, begin: number, end: number, rows: number): [KeyRange, KeyRange] | undefined {
    const identities = end - begin;
    const images = rows - 1 - identities;
    if (identities < 1 || images < 1) return undefined;
    for (let i = begin; i < end; i++) {
      const [from, to] = this.#at(i).range;
      if (!(from <= to) || to !== (i + 1 < end ? this.#at(i + 1).range[0] : range[0])) return undefined;
    }
    const [least, most] = keysRoundedTo(this.#at(begin).range[0]);
    for (let start = Math.max(1, least); start <= most; start++) {
      const first = start + images;
      const after = first + identities;
      const agrees = Math.fround(first) === range[0] && Math.fround(after) === range[1];
      if (agrees && after <= LAST_KEY + 1) return [[start, first], [first, after]];
    }
    return undefined;
  }

  get #count(): number {
    return this.#cells.length / 4;
  }

  get #record0(): RangeRecord | undefined {
    for (let i = 0; i < this.#count; i++) if (this.#cells[4 * i + 1] === 0) return this.#at(i);
    return undefined;
  }

  #at(i: number): RangeRecord {
    const [row, id, from, to] = this.#cells.slice(4 * i, 4 * i + 4);
    return { row, id, range: [from, to] };
  }
}

function isRange({ range }: RangeRecord): boolean {
  return looksLikeRange({ flag: 2, imageBytes: 0, range });
}
