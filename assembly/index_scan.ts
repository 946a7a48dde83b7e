import { RESULT_CONSECUTIVE, RESULT_COUNT, RESULT_NEXT, RESULT_RISING } from "./arena";
import { DONE, KEY_TOO_LARGE, NOT_AN_INDEX_LINE, OFFSET_TOO_LARGE, TABLE_FULL } from "./status";

const TAB: u32 = 0x09;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
/** The most digits a number may have: what one vector holds, and enough for 2^53. */
const MOST_DIGITS: u32 = 16;
/** Longer than any line of two such numbers, so a longer run without a line feed is no line. */
const LONGEST_LINE: u32 = 64;
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

const ZEROS: u64 = 0x3030303030303030;

/** A mask that keeps the last `count` (0 to 8) of eight characters. */
function keepLast(count: i32): u64 {
  return count <= 0 ? 0 : count >= 8 ? u64.MAX_VALUE : u64.MAX_VALUE << ((8 - count) << 3);
}

/** Not 0 if any of eight bytes is above 9. */
function aboveNine(digits: u64): u64 {
  return ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
}

/** The number that eight digits write, the first one in the lowest byte: pairs, fours and eights, a multiplication each. */
function digitsToNumber(digits: u64): u64 {
  const pairs = digits * 10 + (digits >> 8);
  return ((pairs & 0x000000ff000000ff) * 0x000f424000000064 +
    ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}

/** How many digits stand at `at`. */
function countDigits(at: usize): u32 {
  let p = at;
  while (<u32> load<u8>(p) - 0x30 <= 9) p++;
  return <u32> (p - at);
}

/**
 * Reads the whole lines in `base + from` to `base + to` into the columns `keys` (u32) and `offsets` (f64). `to` may lie
 * in a line: the scan ends after the last line feed, and `next` says where. `consecutive`: every key is the one before
 * it plus 1; `rising`: every offset is above the one before it (both over this call's lines only).
 *
 * Neighbouring lines nearly always have the same shape, that is as many digits in key and offset. So a line is first
 * tried in the shape of the one before it: then no load waits for the length of what an earlier one found, and the lines
 * overlap in the processor. Only when that fails is a line's shape measured.
 */
export function scanIndex(
  result: usize,
  keys: usize,
  offsets: usize,
  capacity: u32,
  base: usize,
  from: u32,
  to: u32,
): u32 {
  let at = base + from;
  let end = base + to;
  while (end > at && load<u8>(end - 1) != LF) end--;
  let status = DONE;
  if (end == at && to - from > LONGEST_LINE) status = NOT_AN_INDEX_LINE;

  // The shape: where the tab stands, where the offset ends, the character there, the bytes of the line.
  let tab: usize = 0;
  let stop: usize = 0;
  let stopper: u32 = LF;
  let line: usize = 0;
  let keyMask: u64 = 0;
  let keyHighMask: u64 = 0;
  let offsetMask: u64 = 0;
  let offsetHighMask: u64 = 0;

  let count: u32 = 0;
  let firstKey: u64 = 0;
  let lastOffset: u64 = 0;
  let consecutive: bool = true;
  let rising: bool = true;
  while (at < end) {
    if (count == capacity) {
      status = TABLE_FULL;
      break;
    }
    let keyLow = (load<u64>(at + tab - 8) ^ ZEROS) & keyMask;
    let keyHigh = (load<u64>(at + tab - 16) ^ ZEROS) & keyHighMask;
    let offsetLow = (load<u64>(at + stop - 8) ^ ZEROS) & offsetMask;
    let offsetHigh = (load<u64>(at + stop - 16) ^ ZEROS) & offsetHighMask;
    const fits = line != 0 && at + line <= end && load<u8>(at + tab) == TAB && load<u8>(at + stop) == stopper &&
      load<u8>(at + line - 1) == LF &&
      (aboveNine(keyLow) | aboveNine(keyHigh) | aboveNine(offsetLow) | aboveNine(offsetHigh)) == 0;
    if (!fits) {
      // The byte in front of `end` is a line feed, so nothing here reads past it.
      const keyCount = countDigits(at);
      tab = keyCount;
      const offsetCount = load<u8>(at + tab) == TAB ? countDigits(at + tab + 1) : 0;
      stop = tab + 1 + offsetCount;
      if (keyCount - 1 >= MOST_DIGITS || offsetCount - 1 >= MOST_DIGITS) {
        status = NOT_AN_INDEX_LINE;
        break;
      }
      stopper = load<u8>(at + stop);
      line = stop + (stopper == CR ? 2 : 1);
      if (load<u8>(at + line - 1) != LF) {
        status = NOT_AN_INDEX_LINE;
        break;
      }
      keyMask = keepLast(keyCount);
      keyHighMask = keepLast(keyCount - 8);
      offsetMask = keepLast(offsetCount);
      offsetHighMask = keepLast(offsetCount - 8);
      keyLow = (load<u64>(at + tab - 8) ^ ZEROS) & keyMask;
      keyHigh = (load<u64>(at + tab - 16) ^ ZEROS) & keyHighMask;
      offsetLow = (load<u64>(at + stop - 8) ^ ZEROS) & offsetMask;
      offsetHigh = (load<u64>(at + stop - 16) ^ ZEROS) & offsetHighMask;
    }
    let key = digitsToNumber(keyLow);
    if (keyHigh != 0) key += 100000000 * digitsToNumber(keyHigh);
    let offset = digitsToNumber(offsetLow);
    if (offsetHighMask != 0) offset += 100000000 * digitsToNumber(offsetHigh);
    if (key > 0xffffffff) {
      status = KEY_TOO_LARGE;
      break;
    }
    if (offset > MAX_SAFE_INTEGER) {
      status = OFFSET_TOO_LARGE;
      break;
    }
    if (count == 0) firstKey = key;
    else rising = rising & (offset > lastOffset);
    consecutive = consecutive & (key == firstKey + count);
    lastOffset = offset;
    store<u32>(keys + (<usize> count << 2), <u32> key);
    store<f64>(offsets + (<usize> count << 3), <f64> <i64> offset);
    count++;
    at += line;
  }
  store<u32>(result + RESULT_COUNT, count);
  store<u32>(result + RESULT_NEXT, <u32> (at - base));
  store<u32>(result + RESULT_CONSECUTIVE, consecutive);
  store<u32>(result + RESULT_RISING, rising);
  return status;
}
