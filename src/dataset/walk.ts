import type { Reading } from "../bytes/reading.ts";
import {
  CFLAG,
  FRAME_HEADER_BYTES,
  frameBytes,
  IR_HEADER_BYTES,
  LENGTH_BITS,
  MAGIC,
  MAX_RECORD_BYTES,
} from "../recordio/constants.ts";
import { IMAGE_END_BYTES, payloadEnding } from "../recordio/payload_kind.ts";
import { describeProblem, problemOf, type RecordProblem } from "../recordio/problem.ts";
import { type RecordScanner, ROW, ROW_WORDS, SCAN } from "../recordio/types.ts";
import type { Cursor } from "./cursor.ts";

/** Bytes of a record file that belong to no record that can be read. Plain data. */
export interface Damage {
  /** Byte of the file where it begins. */
  start: number;
  /** The byte after its last one: where the next record begins, or the file ends, or what was walked. */
  end: number;
  /** What was met there first. */
  problem: RecordProblem;
}

/**
 * Says what a stretch of a file is instead of records.
 *
 * @param damage From a walk.
 * @returns Part of a sentence.
 */
export function describeDamage({ start, end, problem }: Damage): string {
  // The position of this problem is the end of the file; where a record follows, it is the length that is wrong.
  const why = problem.kind === "truncated" && end < problem.position
    ? "the length of the record there leads past the end of the file"
    : describeProblem(problem);
  return `bytes ${start} to ${end - 1}: ${why}`;
}

/** Takes what a walk finds, in the order of the file. */
export interface WalkVisitor {
  /**
   * Takes records. It must be done with them when it returns.
   *
   * @param scanner Its table's first rows are the records.
   * @param count How many rows.
   * @param chunkOffset Byte of the file that the scanner's chunk begins with.
   */
  records(scanner: RecordScanner, count: number, chunkOffset: number): void;
  /** Told of a problem before its end is searched for, which can take a while. What it throws ends the walk. */
  met?(problem: RecordProblem): void;
  /** Takes what is no record. */
  damaged(damage: Damage): void;
}

/** Read past the end of a range, for the record that follows: more than most have. */
const READ_BEYOND = 2 ** 16;

/**
 * Walks a record file frame by frame, without an index, over damage too. What it finds does not depend on where one
 * walk ends and the next begins: damage that reaches the end of a range goes on in the next one, up to the first record
 * that a search finds there.
 *
 * A record counts once it was seen what follows it: where that is no frame, the record's own length may be wrong. It is
 * counted as damaged then if its payload holds an aligned magic word (no writer leaves one there), or if its image
 * begins as JPEG or PNG do and does not end so.
 *
 * @param cursor Goes through the file.
 * @param start Byte of the file where a record begins, or should.
 * @param end Records that begin at this byte or after it are left to another walk.
 * @param visitor Takes what is found.
 * @returns Where the first record after the range begins, or should, or the file ends; undefined if damage reaches the
 * end of the range.
 */
export function* walkRecords(
  cursor: Cursor,
  start: number,
  end: number,
  visitor: WalkVisitor,
): Reading<number | undefined> {
  const { scanner, file } = cursor;
  let at = start;
  let needed = FRAME_HEADER_BYTES;
  for (;;) {
    if (at === file.size) return at;
    let problem: RecordProblem | undefined;
    let count = 0;
    let next = at;
    if (at + needed > file.size) {
      problem = { kind: "truncated", offset: at, position: file.size, value: at + needed - file.size };
    } else {
      cursor.moveTo(at);
      if (cursor.available < needed) {
        yield* cursor.readOn(needed, Math.max(at + needed, Math.min(file.size, end + READ_BEYOND)));
      }
      const status = cursor.scan();
      count = scanner.count;
      next = cursor.chunkOffset + scanner.next;
      needed = FRAME_HEADER_BYTES;
      if (status > SCAN.INCOMPLETE) {
        problem = problemOf(scanner, status, cursor.chunkOffset, cursor.filled);
      } else {
        if (status === SCAN.INCOMPLETE) needed = scanner.needed;
        if (count > 0 && !isFollowed(cursor, next, status === SCAN.INCOMPLETE)) {
          const last = (count - 1) * ROW_WORDS;
          // Multi-part records are joined by now and cannot be scanned again; their parts spoke for each other.
          if (scanner.table[last + ROW.PARTS] === 1) {
            const frame = cursor.chunkOffset + scanner.table[last + ROW.FRAME];
            needed = next - frame + FRAME_HEADER_BYTES;
            next = frame;
            count--;
          }
        }
      }
    }

    if (problem?.kind === "bad-magic" && problem.position === next && count > 0 && isCut(scanner, count - 1)) {
      count--;
      next = cursor.chunkOffset + scanner.table[count * ROW_WORDS + ROW.FRAME];
    }
    const within = countBelow(scanner, count, end - cursor.chunkOffset);
    if (within > 0) visitor.records(scanner, within, cursor.chunkOffset);
    if (within < count) return cursor.chunkOffset + scanner.table[within * ROW_WORDS + ROW.FRAME];
    if (problem !== undefined) {
      // What begins in the next range and is damaged is met there again.
      if (next >= end) return next;
      visitor.met?.(problem);
      const after = yield* findNextRecord(cursor, next + 4, end);
      visitor.damaged({ start: next, end: after, problem });
      if (after === end) return undefined;
      next = after;
      needed = FRAME_HEADER_BYTES;
    }
    at = next;
  }
}

/** Whether it is known what follows the last record: a frame, or fewer bytes than one has. */
function isFollowed({ file, chunkOffset, filled }: Cursor, next: number, begun: boolean): boolean {
  if (next + FRAME_HEADER_BYTES > file.size) return true;
  // A scan that ended within a record has seen its magic word, if it had the whole header.
  return begun && next + FRAME_HEADER_BYTES <= chunkOffset + filled;
}

/** Whether a record that no frame follows shows that its length is wrong. */
function isCut(scanner: RecordScanner, row: number): boolean {
  const { table, chunk } = scanner;
  const at = row * ROW_WORDS;
  if (table[at + ROW.PARTS] > 1) return false;
  const image = table[at + ROW.IMAGE];
  const end = image + table[at + ROW.LENGTH];
  if (scanner.findMagic(table[at + ROW.FRAME] + 4, end) < end) return true;
  const ending = payloadEnding(chunk, image, end);
  return ending === "cut" || ending === "trailing";
}

/** How many of the first `count` rows begin below a position. */
function countBelow({ table }: RecordScanner, count: number, position: number): number {
  // Only the last range's neighbour is ever read beyond the end, so these are few.
  while (count > 0 && table[(count - 1) * ROW_WORDS + ROW.FRAME] >= position) count--;
  return count;
}

/**
 * Finds the next record after damage: the next magic word at a multiple of 4 that begins a plausible frame. A frame is
 * plausible if it begins a record, lies within the file, has an image header that makes sense, and is followed by
 * another frame or by the end of the file; if what follows is damaged too, an image that begins and ends as JPEG or PNG
 * do speaks for it.
 *
 * Such a word in the middle of a record is no plausible beginning: where data holds the word, the writer cuts a record
 * and leaves the word out.
 *
 * @param cursor Goes through the file; where it is afterwards is up to the search.
 * @param from Byte of the file from which on to search.
 * @param end Byte of the file up to which to search: no record that begins there or after it is looked for.
 * @returns Byte of the file where the record begins; `end` if there is none.
 */
export function* findNextRecord(cursor: Cursor, from: number, end: number = cursor.file.size): Reading<number> {
  const { scanner, file } = cursor;
  cursor.moveTo(Math.min(file.size, from + (4 - from % 4) % 4));
  for (;;) {
    const found = scanner.findMagic(cursor.position, cursor.filled);
    if (found < cursor.filled) {
      const offset = cursor.chunkOffset + found;
      if (offset >= end) return end;
      if (yield* isPlausible(cursor, offset)) return offset;
      cursor.position = found + 4;
      continue;
    }
    cursor.position = Math.max(cursor.position, cursor.filled - cursor.filled % 4);
    // The end of a file need not be aligned, and that of a range is.
    if (cursor.offset + 4 > end) return end;
    yield* cursor.readOn(4, end);
  }
}

function* isPlausible(cursor: Cursor, offset: number): Reading<boolean> {
  const head = yield* cursor.peek(offset, FRAME_HEADER_BYTES + IR_HEADER_BYTES);
  if (head.length < FRAME_HEADER_BYTES + IR_HEADER_BYTES) return false;
  const frame = new DataView(head.buffer);
  const { cflag, length } = splitLrec(frame.getUint32(4, true));
  if (cflag !== CFLAG.WHOLE && cflag !== CFLAG.FIRST) return false;
  const next = offset + frameBytes(length);
  const { size } = cursor.file;
  if (next > size) return false;
  if (cflag === CFLAG.FIRST) return yield* cflagAt(cursor, next, [CFLAG.MIDDLE, CFLAG.LAST]);

  const labels = frame.getUint32(FRAME_HEADER_BYTES, true);
  if (length < IR_HEADER_BYTES || labels > (length - IR_HEADER_BYTES) >>> 2) return false;
  if (next === size || (yield* cflagAt(cursor, next, [CFLAG.WHOLE, CFLAG.FIRST]))) return true;
  const begin = offset + FRAME_HEADER_BYTES + IR_HEADER_BYTES + 4 * labels;
  const end = offset + FRAME_HEADER_BYTES + length;
  const ends = new Uint8Array(2 * IMAGE_END_BYTES);
  ends.set(yield* cursor.peek(begin, IMAGE_END_BYTES));
  ends.set(yield* cursor.peek(end - IMAGE_END_BYTES, IMAGE_END_BYTES), IMAGE_END_BYTES);
  return end - begin >= ends.length && payloadEnding(ends) === "whole";
}

function* cflagAt(cursor: Cursor, offset: number, allowed: number[]): Reading<boolean> {
  const header = yield* cursor.peek(offset, FRAME_HEADER_BYTES);
  if (header.length < FRAME_HEADER_BYTES) return false;
  const frame = new DataView(header.buffer);
  return frame.getUint32(0, true) === MAGIC && allowed.includes(splitLrec(frame.getUint32(4, true)).cflag);
}

/**
 * Whether bytes begin as a record does: with the magic word, and as a whole record or the first part of one.
 *
 * @param head The bytes; 8 of them tell.
 */
export function beginsRecord(head: Uint8Array<ArrayBuffer>): boolean {
  if (head.length < FRAME_HEADER_BYTES) return false;
  const frame = new DataView(head.buffer, head.byteOffset);
  const { cflag } = splitLrec(frame.getUint32(4, true));
  return frame.getUint32(0, true) === MAGIC && (cflag === CFLAG.WHOLE || cflag === CFLAG.FIRST);
}

function splitLrec(lrec: number): { cflag: number; length: number } {
  return { cflag: lrec >>> LENGTH_BITS, length: lrec & MAX_RECORD_BYTES };
}
