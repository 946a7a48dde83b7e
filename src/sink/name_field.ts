import { PAYLOAD_KINDS } from "../recordio/payload_kind.ts";
import { UnrecError } from "../errors.ts";
import type { RecordView } from "../recordio/record_view.ts";

/** What of a record its file can be named by. */
export type Named = Pick<RecordView, "label" | "number" | "key" | "id" | "identity" | "index" | "payload">;

/** What can stand in braces in a name. */
export type FieldName = "label" | "number" | "key" | "id" | "identity" | "index" | "ext";

/** What a field is for a record: a whole number, or letters. */
export type FieldValue = number | bigint | string;

interface Field {
  /** What it is for a record; undefined if nobody knows. */
  readonly of: (record: Named) => FieldValue | undefined;
  /** What it looks like, as a regular expression. */
  readonly pattern: string;
  /** The most characters that it has, without padding. */
  readonly most: number;
  /** Reads what {@linkcode pattern} has found. */
  readonly read: (text: string) => FieldValue;
}

/** Every ending that a payload can have. */
const EXTENSIONS = [...new Set(Object.values(PAYLOAD_KINDS).map(({ extension }) => extension))];

/** A whole number from 0 on that a double holds exactly. */
const COUNT = {
  pattern: "\\d+",
  most: 16,
  read: (text: string) => Number.isSafeInteger(Number(text)) ? Number(text) : NaN,
};

const FIELDS: Readonly<Record<FieldName, Field>> = {
  // The greatest float32 has 39 digits.
  label: { of: ({ label }) => label, pattern: "-?\\d+", most: 40, read: Number },
  number: { of: ({ number }) => number, ...COUNT },
  key: { of: ({ key }) => key, ...COUNT },
  id: { of: ({ id }) => id, pattern: "\\d+", most: 20, read: BigInt },
  identity: { of: ({ identity }) => identity, ...COUNT },
  index: { of: ({ index }) => index, ...COUNT },
  ext: {
    of: ({ payload }) => payload.extension,
    pattern: EXTENSIONS.join("|"),
    most: Math.max(...EXTENSIONS.map(({ length }) => length)),
    read: String,
  },
};

/** The names of all fields, as messages list them. */
export const FIELD_NAMES: readonly FieldName[] = Object.keys(FIELDS) as FieldName[];

/**
 * Writes a label as Python's `"%d" % int(label)` does: all digits, never an exponent.
 *
 * @param label A finite whole number.
 * @returns Its decimal digits.
 */
export function labelName(label: number): string {
  // The sum turns -0 into 0.
  return Number.isSafeInteger(label) ? String(label + 0) : BigInt(label).toString();
}

/** A field where it stands in a template: `{label}`, `{label:06}`, `{label/1000}`. */
export class Placeholder {
  /** The field. */
  readonly field: FieldName;
  /** What its number is divided by; 1 if it is not. The whole part counts, as Python's `//` gives it. */
  readonly divisor: number;
  /** What it looks like, as a regular expression. */
  readonly pattern: string;
  /** The most characters that it has. */
  readonly most: number;
  readonly #width: number;
  readonly #of: Field["of"];
  readonly #read: Field["read"];

  /**
   * @param field The field.
   * @param divisor What its number is divided by, from 1.
   * @param width Zeros fill it up to so many characters, the sign among them; 0 for none.
   */
  constructor(field: FieldName, divisor: number, width: number) {
    const { of, pattern, most, read } = FIELDS[field];
    this.field = field;
    this.divisor = divisor;
    this.pattern = pattern;
    this.most = Math.max(most, width);
    this.#width = width;
    this.#of = of;
    this.#read = read;
  }

  /**
   * What the field is for a record.
   *
   * @param record The record.
   * @returns The value, divided.
   * @throws {UnrecError} If nobody knows it.
   */
  valueOf(record: Named): FieldValue {
    const value = this.#of(record);
    if (value === undefined) {
      throw new UnrecError(`Cannot name the file of image ${record.number}: its ${this.field} is not known`);
    }
    return this.divisor === 1 ? value : this.#divided(value);
  }

  /**
   * What stands there for a record.
   *
   * @param record The record.
   * @returns Digits, or letters.
   * @throws {UnrecError} If nobody knows that field of it.
   */
  textOf(record: Named): string {
    return this.#padded(this.valueOf(record));
  }

  /**
   * What stands there for a value of the field.
   *
   * @param value What the field is, not divided yet.
   */
  write(value: FieldValue): string {
    return this.#padded(this.#divided(value));
  }

  /**
   * Reads what stands there.
   *
   * @param text What {@linkcode pattern} has found.
   * @returns What the field is, divided; undefined if {@linkcode write} never writes it so: with other zeros, or with
   * digits that no number has.
   */
  read(text: string): FieldValue | undefined {
    const value = this.#read(text);
    if (typeof value === "number" && !Number.isFinite(value)) return undefined;
    return this.#padded(value) === text ? value : undefined;
  }

  #divided(value: FieldValue): FieldValue {
    if (typeof value === "string") return value;
    return typeof value === "bigint" ? value / BigInt(this.divisor) : Math.floor(value / this.divisor);
  }

  #padded(value: FieldValue): string {
    const digits = typeof value === "number" ? labelName(value) : value.toString();
    if (digits.length >= this.#width) return digits;
    const sign = digits.startsWith("-") ? "-" : "";
    return sign + digits.slice(sign.length).padStart(this.#width - sign.length, "0");
  }
}
