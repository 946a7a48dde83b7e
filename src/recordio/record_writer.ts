/**
 * Writes records byte for byte as MXNet's tools do.
 *
 * Sources: `RecordIOWriter::WriteRecord` in `src/recordio.cc` of dmlc/dmlc-core for frames, `pack` in
 * `python/mxnet/recordio.py` of apache/mxnet for headers.
 *
 * @module
 */
import { CFLAG, FRAME_HEADER_BYTES, frameBytes, IR_HEADER_BYTES, LENGTH_BITS, MAGIC } from "./constants.ts";
import type { PieceWriter } from "./index_writer.ts";
import type { RecordView } from "./record_view.ts";

/** Room for records that wait to be written; a larger one makes it grow. */
const BUFFER_BYTES = 2 ** 20;

/** Words of an IRHeader, and of the label vector after it. */
const HEADER = { FLAG: 0, LABEL: 1, ID: 2, ID2: 4, VECTOR: 6 } as const;

/** Writes the records of a `train.rec`. */
export class RecordWriter {
  readonly #write: PieceWriter;
  /** Byte of the file that the buffer begins with. */
  #begin: number;
  #filled = 0;
  // Views of the one buffer. Frames begin at multiples of 4, and so do payloads and their words.
  #bytes = new Uint8Array(BUFFER_BYTES);
  #words = new Uint32Array(this.#bytes.buffer);
  #floats = new Float32Array(this.#bytes.buffer);

  /**
   * @param write Takes the bytes.
   * @param offset Byte of the file where the first record begins, a multiple of 4.
   */
  constructor(write: PieceWriter, offset = 0) {
    this.#write = write;
    this.#begin = offset;
  }

  /** Byte of the file where the next record begins. */
  get offset(): number {
    return this.#begin + this.#filled;
  }

  /**
   * Writes an image that was read: header and bytes as they are, but for its id, which is its new key, and its class.
   *
   * @param view The image. Its label must be one that a float32 holds.
   * @param key Its new key, below 2^32.
   * @param isScalar Whether the class alone is written, without the rest of a label vector.
   */
  image(view: RecordView, key: number, isScalar: boolean): void {
    const { record, flag, label } = view;
    const left = isScalar ? 4 * flag : 0;
    const length = record.length - left;
    const start = this.#open(length);
    this.#bytes.set(left === 0 ? record : record.subarray(0, IR_HEADER_BYTES), start);
    if (left > 0) this.#bytes.set(record.subarray(IR_HEADER_BYTES + left), start + IR_HEADER_BYTES);
    const word = start / 4;
    if (left > 0) this.#words[word + HEADER.FLAG] = 0;
    this.#floats[word + (left === 0 && flag > 0 ? HEADER.VECTOR : HEADER.LABEL)] = label;
    this.#words[word + HEADER.ID] = key;
    this.#words[word + HEADER.ID + 1] = 0;
    this.#close(start, length);
  }

  /**
   * Writes a record that names others, as record 0 and identity records do: two labels and no image.
   *
   * @param key Its key, below 2^32.
   * @param first The first key that it names.
   * @param end The one after the last. A float32 must hold both.
   */
  range(key: number, first: number, end: number): void {
    const length = IR_HEADER_BYTES + 8;
    const start = this.#open(length);
    const word = start / 4;
    this.#bytes.fill(0, start, start + length);
    this.#words[word + HEADER.FLAG] = 2;
    this.#words[word + HEADER.ID] = key;
    this.#floats[word + HEADER.VECTOR] = first;
    this.#floats[word + HEADER.VECTOR + 1] = end;
    this.#close(start, length);
  }

  /** Hands on what is left. Call it at the end. */
  flush(): void {
    this.#write(this.#bytes.subarray(0, this.#filled));
    this.#begin += this.#filled;
    this.#filled = 0;
  }

  /** Writes the header of a frame, and the padding at its end. Returns where in the buffer the payload belongs. */
  #open(length: number): number {
    const bytes = frameBytes(length);
    if (this.#filled + bytes > this.#bytes.length) {
      this.flush();
      this.#reserve(bytes);
    }
    const word = this.#filled / 4;
    this.#words[word] = MAGIC;
    this.#words[word + 1] = length;
    if (length % 4 > 0) this.#words[word + bytes / 4 - 1] = 0;
    return this.#filled + FRAME_HEADER_BYTES;
  }

  /** Counts the record whose payload was put there as written. */
  #close(start: number, length: number): void {
    const end = start + length;
    const magic = this.#magicFrom(start, end);
    this.#filled = start + frameBytes(length) - FRAME_HEADER_BYTES;
    if (magic < end) this.#cut(start, end, magic);
  }

  /** The first magic word of the payload from a place on; `end` if there is none. */
  #magicFrom(from: number, end: number): number {
    const found = this.#words.subarray(from >>> 2, end >>> 2).indexOf(MAGIC);
    return found < 0 ? end : from + 4 * found;
  }

  /**
   * Cuts the record that was put there last into parts, where its payload has the magic word: that becomes the one of the
   * next part's frame, so each cut adds the 4 bytes of `lrec`.
   */
  #cut(start: number, end: number, first: number): void {
    const cuts: number[] = [];
    for (let magic = first; magic < end; magic = this.#magicFrom(magic + 4, end)) cuts.push(magic);
    const padded = this.#filled;
    this.#reserve(padded + 4 * cuts.length);
    this.#filled += 4 * cuts.length;
    let stop = end;
    for (let i = cuts.length - 1; i >= 0; i--) {
      const from = cuts[i] + 4;
      const to = from + 4 * (i + 1);
      const isLast = i === cuts.length - 1;
      this.#bytes.copyWithin(to, from, isLast ? padded : stop);
      this.#words[to / 4 - 2] = MAGIC;
      this.#words[to / 4 - 1] = lrec(isLast ? CFLAG.LAST : CFLAG.MIDDLE, stop - from);
      stop = cuts[i];
    }
    this.#words[start / 4 - 1] = lrec(CFLAG.FIRST, stop - start);
  }

  /** Makes the buffer at least so large. What it holds stays. */
  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
    larger.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = larger;
    this.#words = new Uint32Array(larger.buffer);
    this.#floats = new Float32Array(larger.buffer);
  }
}

function lrec(cflag: number, length: number): number {
  return (cflag << LENGTH_BITS | length) >>> 0;
}
