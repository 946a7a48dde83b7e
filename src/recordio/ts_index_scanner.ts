import {
  INDEX_CHUNK_BYTES,
  INDEX_ROWS,
  INDEX_SCAN,
  type IndexScanner,
  type IndexScanStatus,
  LONGEST_INDEX_LINE,
} from "./types.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
/** Both engines take numbers of up to 16 digits, leading zeros counted. */
const MOST_DIGITS = 16;

/** The index scanner in plain TypeScript, a byte at a time: the yardstick of `bench/`, and the Wasm one's oracle. */
export class TsIndexScanner implements IndexScanner {
  readonly chunk: Uint8Array<ArrayBuffer>;
  readonly keys = new Uint32Array(INDEX_ROWS);
  readonly offsets = new Float64Array(INDEX_ROWS);
  count = 0;
  next = 0;
  consecutive = true;
  rising = true;

  /** @param chunkBytes Bytes of the chunk, at least {@linkcode LONGEST_INDEX_LINE}. */
  constructor(chunkBytes: number = INDEX_CHUNK_BYTES) {
    this.chunk = new Uint8Array(chunkBytes);
  }

  scan(from: number, to: number): IndexScanStatus {
    const { chunk, keys, offsets } = this;
    let at = from;
    let end = to;
    while (end > at && chunk[end - 1] !== LF) end--;
    let status: IndexScanStatus = INDEX_SCAN.DONE;
    if (end === at && to - from > LONGEST_INDEX_LINE) status = INDEX_SCAN.NOT_AN_INDEX_LINE;

    let count = 0;
    let firstKey = 0;
    let lastOffset = -1;
    let consecutive = true;
    let rising = true;
    while (at < end) {
      if (count === keys.length) {
        status = INDEX_SCAN.TABLE_FULL;
        break;
      }
      let p = at;
      let key = 0;
      let digit = chunk[p] - ZERO;
      while (digit >= 0 && digit <= 9) {
        key = key * 10 + digit;
        digit = chunk[++p] - ZERO;
      }
      if (p === at || p - at > MOST_DIGITS || chunk[p] !== TAB) {
        status = INDEX_SCAN.NOT_AN_INDEX_LINE;
        break;
      }
      const second = ++p;
      let offset = 0;
      digit = chunk[p] - ZERO;
      while (digit >= 0 && digit <= 9) {
        offset = offset * 10 + digit;
        digit = chunk[++p] - ZERO;
      }
      if (p === second || p - second > MOST_DIGITS) {
        status = INDEX_SCAN.NOT_AN_INDEX_LINE;
        break;
      }
      if (chunk[p] === CR) p++;
      if (chunk[p] !== LF) {
        status = INDEX_SCAN.NOT_AN_INDEX_LINE;
        break;
      }
      if (key > 0xffffffff) {
        status = INDEX_SCAN.KEY_TOO_LARGE;
        break;
      }
      if (offset > Number.MAX_SAFE_INTEGER) {
        status = INDEX_SCAN.OFFSET_TOO_LARGE;
        break;
      }
      if (count === 0) firstKey = key;
      else if (offset <= lastOffset) rising = false;
      if (key !== firstKey + count) consecutive = false;
      lastOffset = offset;
      keys[count] = key;
      offsets[count] = offset;
      count++;
      at = p + 1;
    }
    this.count = count;
    this.next = at;
    this.consecutive = consecutive;
    this.rising = rising;
    return status;
  }

  close(): void {}
}
