import type { Reading } from "../bytes/reading.ts";
import { INDEX_SCAN, type IndexScanner } from "../recordio/types.ts";
import { DatasetIndex } from "./dataset_index.ts";
import { bomLength, isBlank } from "./read_index.ts";
import { lastAtMost, Runs } from "./runs.ts";

const LF = 0x0a;

/** Where keys lie as evenly as in real datasets, so many guesses find them; where they do not, halving does. */
const MOST_GUESSES = 4;

/** A place in the text of an index where a line begins, or the text ends. */
interface Bound {
  /** Its byte. */
  at: number;
  /** The key of that line. */
  key: number;
}

/** Whole lines of the text, in the scanner's memory. */
interface Lines {
  /** Byte where the first one begins. */
  first: number;
  /** Byte where the last one begins. */
  last: number;
  /** The byte after the last one. */
  end: number;
  /** Whether no other line comes after them. */
  areLast: boolean;
}

/**
 * Reads the lines around a key from an index whose keys rise, and not the others: three to six windows of the text,
 * wherever in it the key is. Where one of them shows that keys do not rise, or a line that is none, this gives up, and so
 * it does where the key is not found: then the whole index tells. Where the key stands twice, one of the lines far from
 * its place, it may see only the other.
 *
 * Record 0 may come last, as in sets that InsightFace's `dataset_merge.py` wrote.
 *
 * @param size Bytes of the index.
 * @param scanner Finds the lines. Its chunk is the window.
 * @param key What is looked for.
 * @returns An index that has only the key and some of those around it; undefined if all of the index is needed.
 */
export function* readIndexAround(size: number, scanner: IndexScanner, key: number): Reading<DatasetIndex | undefined> {
  const window = scanner.chunk.length - 1;
  let end = size;
  /** A line whose key is not above the one that is looked for; and one whose key is, or the end. */
  let low: Bound = { at: 0, key: -1 };
  let high: Bound = { at: end, key: Infinity };
  const room = new RoomForKeys();
  /** Windows that were looked at between both ends. */
  let tries = 0;
  for (;;) {
    const isBegin = low.key < 0;
    // Both ends are looked at first: between them it is told where a key should be, and what was appended is at the end.
    const at = isBegin
      ? 0
      : high.key === Infinity
      ? Math.max(low.at, end - window)
      : placeBetween(low, high, partOfWay(low, high, key, tries++), window);
    const lines = yield* readLines(scanner, at, end, at === low.at);
    if (lines === undefined) return undefined;
    const { keys, count } = scanner;

    if (lines.areLast && end === size && keys[count - 1] === 0 && count > 1) {
      // Of a key the last line counts, and this is the last one of all.
      if (key === 0) return indexOf(scanner);
      end = lines.last;
      high = { at: end, key: Infinity };
      continue;
    }
    if (!rises(keys, count) || !isBetween(low, high, lines, scanner)) return undefined;
    if (high.key === Infinity && !room.isEnough(lines, scanner)) return undefined;
    // Blank lines at the end are not looked at again.
    if (lines.areLast) end = lines.end;

    const row = lastAtMost(count, key, (i) => keys[i]);
    // A key below the first one is not there, except for record 0, which may be last.
    if (row < 0 && (isBegin ? key > 0 : key < low.key)) return undefined;
    const isSettled = row >= 0 && (lines.areLast || row < count - 1 && high.key < Infinity);
    if (isSettled) return keys[row] === key ? indexOf(scanner) : undefined;
    const before = high.at - low.at;
    if (row === count - 1) low = { at: lines.last, key: keys[row] };
    else if (isBegin) low = { at: lines.first, key: keys[0] };
    else high = { at: lines.first, key: keys[0] };
    // A window that holds no more than one whole line leads nowhere.
    if (!isBegin && high.at - low.at >= before) return undefined;
  }
}

/** Whether lines that were read do not contradict, by their keys, those on both sides that are known. */
function isBetween(low: Bound, high: Bound, { first, last }: Lines, { keys, count }: IndexScanner): boolean {
  const isAbove = first === low.at && low.key >= 0 ? keys[0] === low.key : keys[0] > low.key;
  const isBelow = last < high.at ? keys[count - 1] < high.key : keys[count - 1] >= high.key;
  return isAbove && isBelow;
}

/** Whether an index has no more lines than its keys can have, if they rise: no more than numbers from first to last. */
class RoomForKeys {
  #first: Bound | undefined;
  #greatestOffset = 0;

  /**
   * Takes the lines at one end.
   *
   * @param lines Those at the beginning, then those at the end.
   * @param scanner Holds them.
   * @returns false if some keys must come twice, by the bytes that the lines take.
   */
  isEnough({ first, end, areLast }: Lines, { keys, offsets, count }: IndexScanner): boolean {
    this.#first ??= { at: first, key: keys[0] };
    this.#greatestOffset = Math.max(this.#greatestOffset, ...offsets.subarray(0, count));
    if (!areLast) return true;
    const longest = digitsOf(keys[count - 1]) + digitsOf(this.#greatestOffset) + "\t\r\n".length;
    return end - this.#first.at <= (keys[count - 1] - this.#first.key + 1) * longest;
  }
}

/** How far from one line to the other a key should be by their keys; after some tries every second time in the middle. */
function partOfWay(low: Bound, high: Bound, key: number, tries: number): number {
  return tries > MOST_GUESSES && tries % 2 === 1 ? 0.5 : (key - low.key) / (high.key - low.key);
}

/** Where to look between two lines, at some part of the way; at the lower one itself when both are in one window. */
function placeBetween(low: Bound, high: Bound, part: number, window: number): number {
  const most = high.at - window;
  return Math.max(low.at, Math.min(most, Math.floor(low.at + part * (high.at - low.at) - window / 2)));
}

/**
 * Reads the whole lines from a place on into the scanner.
 *
 * @param scanner Finds them.
 * @param at Byte of the text.
 * @param end The byte after the last one that counts.
 * @param isStart Whether a line begins there; else it is searched for.
 * @returns undefined if there is none, or something else.
 */
function* readLines(scanner: IndexScanner, at: number, end: number, isStart: boolean): Reading<Lines | undefined> {
  const room = Math.min(scanner.chunk.length - 1, end - at);
  let filled = 0;
  while (filled < room) {
    const count = yield { offset: at + filled, into: scanner.chunk.subarray(filled, room) };
    if (count === 0) return undefined;
    filled += count;
  }
  const { chunk } = scanner;
  const areLast = at + filled === end;
  const from = at === 0
    ? bomLength(chunk.subarray(0, filled))
    : isStart
    ? 0
    : 1 + chunk.subarray(0, filled).indexOf(LF);
  if (from === 0 && !isStart) return undefined;
  if (areLast && chunk[filled - 1] !== LF) chunk[filled++] = LF;
  const status = scanner.scan(from, filled);
  const { count, next } = scanner;
  const isWhole = status === INDEX_SCAN.DONE ||
    status === INDEX_SCAN.NOT_AN_INDEX_LINE && areLast && isBlank(chunk.subarray(next, filled));
  if (count === 0 || !isWhole) return undefined;
  const last = Math.max(from, 1 + chunk.lastIndexOf(LF, next - 2));
  return { first: at + from, last: at + last, end: Math.min(end, at + next), areLast };
}

function digitsOf(number: number): number {
  return String(number).length;
}

function rises(keys: Uint32Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (keys[i] <= keys[i - 1]) return false;
  return true;
}

/** An index that has the lines of the last scan, whose keys rise or whose last one is 0. */
function indexOf({ keys, offsets, count, rising }: IndexScanner): DatasetIndex {
  const runs = new Runs();
  for (const key of keys.subarray(0, count)) runs.append(key, 1);
  return new DatasetIndex(offsets.slice(0, count), runs, rising, 0);
}
