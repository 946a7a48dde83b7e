import { RESULT_NEEDED, RESULT_POSITION, RESULT_VALUE } from "./arena";
import { BAD_MAGIC, DONE, INCOMPLETE, RECORD_TOO_LONG, UNFINISHED_RECORD } from "./status";

/** The word every frame begins with (`kMagic` in dmlc/recordio.h). */
export const MAGIC: u32 = 0xced7230a;
/** `lrec`: 3 bits of cflag above 29 bits of length. */
export const LENGTH_BITS: u32 = 29;
export const LENGTH_MASK: u32 = (1 << LENGTH_BITS) - 1;

/** Up to this length a part is moved without a call. */
const SHORT_PART: u32 = 256;

/** Bytes that a frame with a payload of `length` takes: two words of header, the payload, padding to 4. */
export function frameBytes(length: u32): u32 {
  return 8 + ((length + 3) & ~3);
}

/**
 * Follows the parts of the multi-part record at `at` up to `end` without touching them. On DONE the result's `needed`
 * holds the bytes of all its frames and `value` their number.
 */
export function measureParts(result: usize, base: usize, at: usize, end: usize): u32 {
  const room = <u64> (end - at);
  let length = load<u32>(at + 4) & LENGTH_MASK;
  let used: u64 = frameBytes(length);
  let total: u64 = length;
  let parts: u32 = 1;
  while (true) {
    if (used + 8 > room) {
      store<u32>(result + RESULT_NEEDED, <u32> (used + 8));
      return INCOMPLETE;
    }
    const part = at + <usize> used;
    if (load<u32>(part) != MAGIC) {
      store<u32>(result + RESULT_POSITION, <u32> (part - base));
      store<u32>(result + RESULT_VALUE, load<u32>(part));
      return BAD_MAGIC;
    }
    const lrec = load<u32>(part + 4);
    const cflag = lrec >> LENGTH_BITS;
    if (cflag != 2 && cflag != 3) {
      store<u32>(result + RESULT_POSITION, <u32> (part - base));
      store<u32>(result + RESULT_VALUE, cflag);
      return UNFINISHED_RECORD;
    }
    length = lrec & LENGTH_MASK;
    total += 4 + <u64> length;
    if (total > LENGTH_MASK) {
      store<u32>(result + RESULT_VALUE, <u32> total);
      return RECORD_TOO_LONG;
    }
    used += frameBytes(length);
    parts++;
    if (used > room) {
      store<u32>(result + RESULT_NEEDED, <u32> used);
      return INCOMPLETE;
    }
    if (cflag == 3) {
      store<u32>(result + RESULT_NEEDED, <u32> used);
      store<u32>(result + RESULT_VALUE, parts);
      return DONE;
    }
  }
}

/**
 * Joins the parts of the measured record at `at` in place, after its first frame header: the writer cut the record at
 * a magic word and left the word out, so it goes back between two parts. Returns the record's length.
 */
export function joinParts(at: usize, parts: u32): u32 {
  const payload = at + 8;
  let length = load<u32>(at + 4) & LENGTH_MASK;
  let to = payload + length;
  let part = at + frameBytes(length);
  for (let i: u32 = 1; i < parts; i++) {
    length = load<u32>(part + 4) & LENGTH_MASK;
    store<u32>(to, MAGIC);
    const from = part + 8;
    to += 4;
    if (length <= SHORT_PART) {
      // Short parts come in long rows, and vectors beat the call that memory.copy is. Each is loaded before it is stored
      // at a lower address, so nothing is read after it was overwritten; the last word ends in front of the next part.
      let i: usize = 0;
      for (; i + 16 <= length; i += 16) v128.store(to + i, v128.load(from + i));
      for (; i < length; i += 8) store<u64>(to + i, load<u64>(from + i));
    } else {
      memory.copy(to, from, length);
    }
    to += length;
    part += frameBytes(length);
  }
  return <u32> (to - payload);
}
