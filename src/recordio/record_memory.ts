import { IR_HEADER_BYTES } from "./constants.ts";
import { ROW, ROW_WORDS } from "./types.ts";

/** What is known of a packed record besides a scanner's row, as float64 after that row; NaN where it is not known. */
export const FIELD = {
  NUMBER: 0,
  OFFSET: 1,
  KEY: 2,
  IDENTITY: 3,
  LISTED_LABEL: 4,
  INDEX: 5,
  LABEL_SHIFT: 6,
  PLACE: 7,
  SOURCE: 8,
} as const;

/** Bytes of a packed record before its own. */
export const PACKED_HEAD_BYTES = 4 * ROW_WORDS + 8 * Object.keys(FIELD).length;

/**
 * Where the {@linkcode FIELD}s of a packed record begin, as a float64's number in its memory.
 *
 * @param at The byte where the record begins.
 */
export function fieldsAt(at: number): number {
  return at / 8 + ROW_WORDS / 2;
}

/**
 * How many bytes a packed record takes: a multiple of 8.
 *
 * @param flag How many labels its vector has; 0 for a scalar label.
 * @param length Bytes of its image.
 */
export function packedBytes(flag: number, length: number): number {
  return PACKED_HEAD_BYTES + Math.ceil((IR_HEADER_BYTES + 4 * flag + length) / 8) * 8;
}

/** Memory that holds records by themselves, packed one after the other. */
export class RecordMemory {
  /** All of it. */
  readonly chunk: Uint8Array<ArrayBuffer>;
  /** The same as words. */
  readonly table: Uint32Array<ArrayBuffer>;
  /** The same as float32. */
  readonly labels: Float32Array<ArrayBuffer>;
  /** The same as float64. */
  readonly fields: Float64Array<ArrayBuffer>;

  /** @param bytes How many, a multiple of 8. */
  constructor(bytes: number) {
    this.chunk = new Uint8Array(bytes);
    const { buffer } = this.chunk;
    this.table = new Uint32Array(buffer);
    this.labels = new Float32Array(buffer);
    this.fields = new Float64Array(buffer);
  }

  /**
   * How many bytes a packed record takes.
   *
   * @param at The byte where it begins.
   */
  bytesAt(at: number): number {
    const { table } = this;
    return packedBytes(table[at / 4 + ROW.FLAG], table[at / 4 + ROW.LENGTH]);
  }

  /**
   * The place of a packed record in what is written; NaN if it has none.
   *
   * @param at The byte where it begins.
   */
  placeAt(at: number): number {
    return this.fields[fieldsAt(at) + FIELD.PLACE];
  }
}
