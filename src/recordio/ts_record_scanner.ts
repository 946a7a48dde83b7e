import {
  CFLAG,
  FRAME_HEADER_BYTES,
  frameBytes,
  IR_HEADER_BYTES,
  LENGTH_BITS,
  MAGIC,
  MAX_RECORD_BYTES,
} from "./constants.ts";
import {
  RECORD_CHUNK_BYTES,
  type RecordScanner,
  ROW,
  ROW_WORDS,
  SCAN,
  type ScanStatus,
  SLACK_BYTES,
  TABLE_ROWS,
} from "./types.ts";

/** The record scanner in plain TypeScript: the yardstick of `bench/`, and the Wasm one's oracle in tests. */
export class TsRecordScanner implements RecordScanner {
  chunk: Uint8Array<ArrayBuffer>;
  readonly table = new Uint32Array(TABLE_ROWS * ROW_WORDS);
  readonly labels = new Float32Array(this.table.buffer);
  count = 0;
  next = 0;
  needed = 0;
  position = 0;
  value = 0;
  #view: DataView;

  /** @param chunkBytes Bytes of the chunk, at least 1. */
  constructor(chunkBytes: number = RECORD_CHUNK_BYTES) {
    const buffer = new ArrayBuffer(chunkBytes + SLACK_BYTES);
    this.chunk = new Uint8Array(buffer, 0, chunkBytes);
    this.#view = new DataView(buffer);
  }

  reserve(bytes: number): void {
    if (bytes <= this.chunk.length) return;
    const buffer = new ArrayBuffer(bytes + SLACK_BYTES);
    const chunk = new Uint8Array(buffer, 0, bytes);
    chunk.set(this.chunk);
    this.chunk = chunk;
    this.#view = new DataView(buffer);
  }

  scan(from: number, to: number): ScanStatus {
    const view = this.#view;
    const table = this.table;
    let at = from;
    let row = 0;
    let status: ScanStatus = SCAN.DONE;
    while (at < to) {
      if (row === table.length) {
        status = SCAN.TABLE_FULL;
        break;
      }
      const left = to - at;
      if (left < FRAME_HEADER_BYTES) {
        this.needed = FRAME_HEADER_BYTES;
        status = SCAN.INCOMPLETE;
        break;
      }
      const magic = view.getUint32(at, true);
      if (magic !== MAGIC) {
        this.position = at;
        this.value = magic;
        status = SCAN.BAD_MAGIC;
        break;
      }
      const lrec = view.getUint32(at + 4, true);
      const cflag = lrec >>> LENGTH_BITS;
      let length = lrec & MAX_RECORD_BYTES;
      let used = frameBytes(length);
      let parts = 1;
      if (cflag === CFLAG.FIRST) {
        status = this.#measureParts(at, to);
        if (status !== SCAN.DONE) break;
        used = this.needed;
        parts = this.value;
        length = this.#joinParts(at, parts);
      } else if (cflag !== CFLAG.WHOLE) {
        this.position = at;
        this.value = cflag;
        status = SCAN.UNEXPECTED_PART;
        break;
      } else if (used > left) {
        this.needed = used;
        status = SCAN.INCOMPLETE;
        break;
      }
      if (length < IR_HEADER_BYTES) {
        this.value = length;
        status = SCAN.HEADER_TOO_SHORT;
        break;
      }
      const payload = at + FRAME_HEADER_BYTES;
      const flag = view.getUint32(payload, true);
      let head = IR_HEADER_BYTES;
      let label = view.getUint32(payload + 4, true);
      if (flag !== 0) {
        if (flag > (length - IR_HEADER_BYTES) >>> 2) {
          this.value = flag;
          status = SCAN.LABELS_TOO_LONG;
          break;
        }
        label = view.getUint32(payload + IR_HEADER_BYTES, true);
        head += flag * 4;
      }
      table[row + ROW.FRAME] = at;
      table[row + ROW.IMAGE] = payload + head;
      table[row + ROW.LENGTH] = length - head;
      table[row + ROW.FLAG] = flag;
      table[row + ROW.LABEL] = label;
      table[row + ROW.PARTS] = parts;
      table[row + ROW.ID] = view.getUint32(payload + 8, true);
      table[row + ROW.ID + 1] = view.getUint32(payload + 12, true);
      row += ROW_WORDS;
      at += used;
    }
    this.count = row / ROW_WORDS;
    this.next = at;
    return status;
  }

  findMagic(from: number, to: number): number {
    // Aligned words of one buffer: a typed array reads them without a DataView's checks.
    const words = new Uint32Array(this.chunk.buffer, 0, to >>> 2);
    for (let i = (from + 3) >>> 2; i < words.length; i++) {
      if (words[i] === MAGIC) return i * 4;
    }
    return to;
  }

  close(): void {}

  /** On DONE, `needed` is the bytes of all frames of the record at `at`, `value` their number. */
  #measureParts(at: number, to: number): ScanStatus {
    const view = this.#view;
    let length = view.getUint32(at + 4, true) & MAX_RECORD_BYTES;
    let part = at + frameBytes(length);
    let total = length;
    let parts = 1;
    while (true) {
      if (part + FRAME_HEADER_BYTES > to) {
        this.needed = part + FRAME_HEADER_BYTES - at;
        return SCAN.INCOMPLETE;
      }
      const magic = view.getUint32(part, true);
      if (magic !== MAGIC) {
        this.position = part;
        this.value = magic;
        return SCAN.BAD_MAGIC;
      }
      const lrec = view.getUint32(part + 4, true);
      const cflag = lrec >>> LENGTH_BITS;
      if (cflag !== CFLAG.MIDDLE && cflag !== CFLAG.LAST) {
        this.position = part;
        this.value = cflag;
        return SCAN.UNFINISHED_RECORD;
      }
      length = lrec & MAX_RECORD_BYTES;
      total += 4 + length;
      if (total > MAX_RECORD_BYTES) {
        this.value = total;
        return SCAN.RECORD_TOO_LONG;
      }
      part += frameBytes(length);
      parts++;
      if (part > to) {
        this.needed = part - at;
        return SCAN.INCOMPLETE;
      }
      if (cflag === CFLAG.LAST) {
        this.needed = part - at;
        this.value = parts;
        return SCAN.DONE;
      }
    }
  }

  /** Moves the parts together after the first frame header, the magic word between them; returns the record's length. */
  #joinParts(at: number, parts: number): number {
    const view = this.#view;
    const payload = at + FRAME_HEADER_BYTES;
    let length = view.getUint32(at + 4, true) & MAX_RECORD_BYTES;
    let to = payload + length;
    let part = at + frameBytes(length);
    for (let i = 1; i < parts; i++) {
      length = view.getUint32(part + 4, true) & MAX_RECORD_BYTES;
      view.setUint32(to, MAGIC, true);
      const from = part + FRAME_HEADER_BYTES;
      this.chunk.copyWithin(to + 4, from, from + length);
      to += 4 + length;
      part += frameBytes(length);
    }
    return to - payload;
  }
}
