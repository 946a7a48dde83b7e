import {
  RESULT_COUNT,
  RESULT_NEEDED,
  RESULT_NEXT,
  RESULT_POSITION,
  RESULT_VALUE,
  ROW_BYTES,
  ROW_FLAG,
  ROW_FRAME,
  ROW_ID,
  ROW_IMAGE,
  ROW_LABEL,
  ROW_LENGTH,
  ROW_PARTS,
} from "./arena";
import { frameBytes, joinParts, LENGTH_BITS, LENGTH_MASK, MAGIC, measureParts } from "./multipart";
import { BAD_MAGIC, DONE, HEADER_TOO_SHORT, INCOMPLETE, LABELS_TOO_LONG, TABLE_FULL, UNEXPECTED_PART } from "./status";

/** Bytes of an IRHeader: u32 flag, f32 label, u64 id, u64 id2. */
const HEADER_BYTES: u32 = 24;

/**
 * Walks the frames in `base + from` to `base + to`, joins multi-part records in place and writes a table row a record.
 * Stops at the first record that is incomplete or wrong: the result's `next` is where it begins.
 */
export function scanRecords(
  result: usize,
  table: usize,
  capacity: u32,
  base: usize,
  from: u32,
  to: u32,
): u32 {
  const end = base + to;
  const tableEnd = table + capacity * ROW_BYTES;
  let at = base + from;
  let row = table;
  let status = DONE;
  while (at < end) {
    if (row == tableEnd) {
      status = TABLE_FULL;
      break;
    }
    const left = <u32> (end - at);
    if (left < 8) {
      store<u32>(result + RESULT_NEEDED, 8);
      status = INCOMPLETE;
      break;
    }
    const magic = load<u32>(at);
    if (magic != MAGIC) {
      store<u32>(result + RESULT_POSITION, <u32> (at - base));
      store<u32>(result + RESULT_VALUE, magic);
      status = BAD_MAGIC;
      break;
    }
    const lrec = load<u32>(at + 4);
    let length = lrec & LENGTH_MASK;
    let used = frameBytes(length);
    let parts: u32 = 1;
    if (lrec > LENGTH_MASK) {
      const cflag = lrec >> LENGTH_BITS;
      if (cflag != 1) {
        store<u32>(result + RESULT_POSITION, <u32> (at - base));
        store<u32>(result + RESULT_VALUE, cflag);
        status = UNEXPECTED_PART;
        break;
      }
      status = measureParts(result, base, at, end);
      if (status != DONE) break;
      used = load<u32>(result + RESULT_NEEDED);
      parts = load<u32>(result + RESULT_VALUE);
      length = joinParts(at, parts);
    } else if (used > left) {
      store<u32>(result + RESULT_NEEDED, used);
      status = INCOMPLETE;
      break;
    }
    if (length < HEADER_BYTES) {
      store<u32>(result + RESULT_VALUE, length);
      status = HEADER_TOO_SHORT;
      break;
    }
    const payload = at + 8;
    const flag = load<u32>(payload);
    let head = HEADER_BYTES;
    let label = load<u32>(payload + 4);
    if (flag != 0) {
      if (flag > (length - HEADER_BYTES) >> 2) {
        store<u32>(result + RESULT_VALUE, flag);
        status = LABELS_TOO_LONG;
        break;
      }
      label = load<u32>(payload + HEADER_BYTES);
      head += flag << 2;
    }
    store<u32>(row + ROW_FRAME, <u32> (at - base));
    store<u32>(row + ROW_IMAGE, <u32> (payload + head - base));
    store<u32>(row + ROW_LENGTH, length - head);
    store<u32>(row + ROW_FLAG, flag);
    store<u32>(row + ROW_LABEL, label);
    store<u32>(row + ROW_PARTS, parts);
    store<u64>(row + ROW_ID, load<u64>(payload + 8));
    row += ROW_BYTES;
    at += used;
  }
  store<u32>(result + RESULT_COUNT, <u32> (row - table) / ROW_BYTES);
  store<u32>(result + RESULT_NEXT, <u32> (at - base));
  return status;
}
