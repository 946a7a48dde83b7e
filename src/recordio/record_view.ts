import { IR_HEADER_BYTES, MOST_EXACT_LABEL } from "./constants.ts";
import { isJpeg, type PayloadEnding, payloadEnding, type PayloadKind, payloadKind } from "./payload_kind.ts";
import { FIELD, fieldsAt, PACKED_HEAD_BYTES, packedBytes, RecordMemory } from "./record_memory.ts";
import { type RecordScanner, ROW, ROW_WORDS } from "./types.ts";

/** What a scanner has found, or memory that it was copied to. */
type ScannedRecords = Pick<RecordScanner, "table" | "labels" | "chunk">;

/**
 * A record where it lies in a scanner's memory. It is one object for all records of a reader: good until the reader goes
 * on, and until anything makes that memory grow. Copy what is to be kept.
 */
export class RecordView {
  /** Its key in `train.idx`; undefined in a stream whose index has not come yet. */
  key: number | undefined = undefined;
  /** Its place in reading order, from 0, counted over all datasets that are read. */
  number = 0;
  /** Byte of the file where its first frame begins. */
  offset = 0;
  /** The key of the identity record that names it; undefined in the flat layout, and where that is not known. */
  identity: number | undefined = undefined;
  /** The label that a list beside the dataset gives it; undefined where its header tells the label. */
  listedLabel: number | undefined = undefined;
  /** Its place among the images of its label, from 0, counted over all datasets; undefined unless somebody asked for it. */
  index: number | undefined = undefined;
  /** The name of the dataset or archive that it comes from, without its folder; empty where nobody reads several. */
  source = "";
  /** What is added to its label: another number for each dataset where their people are to be kept apart. */
  labelShift = 0;
  /** Its place in what is written, from 0, where that is in another order than that of reading. */
  place: number | undefined = undefined;
  #scanner!: ScannedRecords;
  #row = 0;

  /**
   * Points the view at a record.
   *
   * @param scanner After a scan.
   * @param row The word of its table where the record's row begins.
   * @param offset Byte of the file where the record begins.
   * @param number Its place in reading order.
   * @param key Its key, if that is known.
   * @returns The view itself.
   * @ignore
   */
  at(scanner: ScannedRecords, row: number, offset: number, number: number, key: number | undefined): this {
    this.#scanner = scanner;
    this.#row = row;
    this.offset = offset;
    this.number = number;
    this.key = key;
    return this;
  }

  /** A view of a copy: it stays good whatever the reader does. */
  copy(): RecordView {
    const memory = new RecordMemory(this.packedBytes);
    this.pack(memory, 0);
    const copy = new RecordView();
    copy.unpack(memory, 0);
    copy.source = this.source;
    return copy;
  }

  /**
   * How many bytes {@linkcode pack} takes.
   *
   * @ignore
   */
  get packedBytes(): number {
    return packedBytes(this.flag, this.length);
  }

  /**
   * Copies the record, and all that is known of it but the name of its source, to where it is found by itself.
   *
   * @param memory Where to.
   * @param at The byte there, a multiple of 8.
   * @param source A number for its source, which {@linkcode unpack} gives back.
   * @ignore
   */
  pack({ chunk, table, fields }: RecordMemory, at: number, source = 0): void {
    const row = at / 4;
    table.set(this.#scanner.table.subarray(this.#row, this.#row + ROW_WORDS), row);
    const field = fieldsAt(at);
    fields[field + FIELD.NUMBER] = this.number;
    fields[field + FIELD.OFFSET] = this.offset;
    fields[field + FIELD.KEY] = this.key ?? NaN;
    fields[field + FIELD.IDENTITY] = this.identity ?? NaN;
    fields[field + FIELD.LISTED_LABEL] = this.listedLabel ?? NaN;
    fields[field + FIELD.INDEX] = this.index ?? NaN;
    fields[field + FIELD.LABEL_SHIFT] = this.labelShift;
    fields[field + FIELD.PLACE] = this.place ?? NaN;
    fields[field + FIELD.SOURCE] = source;
    chunk.set(this.record, at + PACKED_HEAD_BYTES);
  }

  /**
   * Points the view at a record that {@linkcode pack} has copied. The name of its source is left as it is.
   *
   * @param memory Where it is.
   * @param at The byte there.
   * @returns The number that was given for its source.
   * @ignore
   */
  unpack(memory: RecordMemory, at: number): number {
    const { table, fields } = memory;
    const row = at / 4;
    // Where it is now may be another place than where it was packed.
    table[row + ROW.IMAGE] = at + PACKED_HEAD_BYTES + IR_HEADER_BYTES + 4 * table[row + ROW.FLAG];
    const field = fieldsAt(at);
    this.at(
      memory,
      row,
      fields[field + FIELD.OFFSET],
      fields[field + FIELD.NUMBER],
      unlessNaN(fields[field + FIELD.KEY]),
    );
    this.identity = unlessNaN(fields[field + FIELD.IDENTITY]);
    this.listedLabel = unlessNaN(fields[field + FIELD.LISTED_LABEL]);
    this.index = unlessNaN(fields[field + FIELD.INDEX]);
    this.labelShift = fields[field + FIELD.LABEL_SHIFT];
    this.place = unlessNaN(fields[field + FIELD.PLACE]);
    return fields[field + FIELD.SOURCE];
  }

  /**
   * The class as a whole number, cut as Python's `int` does: the scalar label or the first of the label vector, or what
   * a list gives in their place; shifted. Not finite if there is no number.
   */
  get label(): number {
    return Math.trunc(this.givenLabel) + this.labelShift;
  }

  /** The class as the list has it, or else the header. */
  get givenLabel(): number {
    return this.listedLabel ?? this.headerLabel;
  }

  /** The class as the header has it, a float32. */
  get headerLabel(): number {
    return this.#scanner.labels[this.#row + ROW.LABEL];
  }

  /** IRHeader.flag: 0 for a scalar label, else the number of labels. */
  get flag(): number {
    return this.#scanner.table[this.#row + ROW.FLAG];
  }

  /** IRHeader.id. MXNet's tools write the key there, or the number in the list that the set was made from. */
  get id(): bigint {
    const { table } = this.#scanner;
    return (BigInt(table[this.#row + ROW.ID + 1]) << 32n) | BigInt(table[this.#row + ROW.ID]);
  }

  /** How many frames it was stored in; 1 unless it is multi-part. */
  get parts(): number {
    return this.#scanner.table[this.#row + ROW.PARTS];
  }

  /** How many bytes the image has. */
  get length(): number {
    return this.#scanner.table[this.#row + ROW.LENGTH];
  }

  /** The encoded image, usually JPEG, as a view of the scanner's memory. Empty in record 0 and in identity records. */
  get bytes(): Uint8Array<ArrayBuffer> {
    const { table, chunk } = this.#scanner;
    const start = table[this.#row + ROW.IMAGE];
    return chunk.subarray(start, start + table[this.#row + ROW.LENGTH]);
  }

  /**
   * All of the record as it is stored, without its frame: header, label vector and image.
   *
   * @ignore
   */
  get record(): Uint8Array<ArrayBuffer> {
    const { table, chunk } = this.#scanner;
    const row = this.#row;
    const image = table[row + ROW.IMAGE];
    return chunk.subarray(image - IR_HEADER_BYTES - 4 * table[row + ROW.FLAG], image + table[row + ROW.LENGTH]);
  }

  /**
   * Whether it is what nearly all images are: a JPEG with a whole number from 0 to 2^24 as its label, alone or with a 0 or
   * 1 after it. This is asked of every image, so it is one look, and what is odd is looked for only where it is not.
   *
   * @ignore
   */
  get isPlain(): boolean {
    const { table, labels, chunk } = this.#scanner;
    const row = this.#row;
    const label = labels[row + ROW.LABEL];
    if (!(label >= 0 && label <= MOST_EXACT_LABEL && label % 1 === 0)) return false;
    const image = table[row + ROW.IMAGE];
    if (!isJpeg(chunk, image, table[row + ROW.LENGTH])) return false;
    const flag = table[row + ROW.FLAG];
    if (flag < 2) return true;
    const second = flag === 2 ? this.labelAt(1) : NaN;
    return second === 0 || second === 1;
  }

  /** What the payload is, as its first bytes tell: usually a JPEG. */
  get payload(): PayloadKind {
    return this.#kindFrom(0);
  }

  /** How the payload ends, if it is of a kind that shows it. */
  get ending(): PayloadEnding {
    const { table, chunk } = this.#scanner;
    const start = table[this.#row + ROW.IMAGE];
    return payloadEnding(chunk, start, start + table[this.#row + ROW.LENGTH]);
  }

  /**
   * What label vector and payload together begin as: `raw`, unless the vector is not there.
   *
   * @ignore
   */
  get vectorAndPayload(): PayloadKind {
    return this.#kindFrom(this.flag * 4);
  }

  /**
   * One number of the label vector.
   *
   * @param i Which one, from 0 to one less than {@linkcode flag}.
   */
  labelAt(i: number): number {
    const { table, chunk } = this.#scanner;
    // It need not be aligned, and a view for each would cost more than the four bytes.
    const at = table[this.#row + ROW.IMAGE] - (table[this.#row + ROW.FLAG] - i) * 4;
    WORD[0] = chunk[at] | chunk[at + 1] << 8 | chunk[at + 2] << 16 | chunk[at + 3] << 24;
    return WORD_AS_FLOAT[0];
  }

  /**
   * The whole label vector, a copy: one number for a scalar label.
   *
   * @param most Read at most this many.
   */
  labels(most = Infinity): Float32Array<ArrayBuffer> {
    const { flag } = this;
    if (flag === 0) return Float32Array.of(this.headerLabel).subarray(0, most);
    const { table, chunk } = this.#scanner;
    const count = Math.min(flag, most);
    // The vector stands before the image. It need not be aligned, so its bytes are copied.
    const start = table[this.#row + ROW.IMAGE] - flag * 4;
    return new Float32Array(chunk.slice(start, start + count * 4).buffer);
  }

  #kindFrom(bytesBefore: number): PayloadKind {
    const { table, chunk } = this.#scanner;
    const start = table[this.#row + ROW.IMAGE];
    return payloadKind(chunk, start - bytesBefore, start + table[this.#row + ROW.LENGTH]);
  }
}

/** No number that is packed and known is none. */
function unlessNaN(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

/** A word that is written as bits and read as a float32. */
const WORD = new Uint32Array(1);
const WORD_AS_FLOAT = new Float32Array(WORD.buffer);
