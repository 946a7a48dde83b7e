import { FRAME_HEADER_BYTES } from "../recordio/constants.ts";
import { imageForm } from "../recordio/image_form.ts";
import { problemOf, type RecordProblem } from "../recordio/problem.ts";
import { type RecordScanner, ROW, ROW_WORDS, SCAN } from "../recordio/types.ts";
import { findNextRecord } from "./find_next_record.ts";
import type { RecordWindow } from "./record_window.ts";

/** Bytes of a record file that belong to no record that can be read. Plain data. */
export interface Damage {
  /** Byte of the file where it begins. */
  start: number;
  /** Behind its last byte: where the next record begins, or the file ends. */
  end: number;
  /** What was met there first. */
  problem: RecordProblem;
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

/** Read behind the end of a range, for the record that follows: more than most have. */
const READ_BEYOND = 2 ** 16;

/**
 * Walks a record file frame by frame, without an index, over damage too. What it finds does not depend on where one
 * walk ends and the next begins.
 *
 * A record counts once it was seen what follows it: where that is no frame, the record's own length may be wrong. It is
 * counted as damaged then if its payload holds an aligned magic word (no writer leaves one there), or if its image
 * begins as JPEG or PNG do and does not end so.
 *
 * @param window Where it reads.
 * @param start Byte of the file where a record begins, or should.
 * @param end Records that begin at this byte or behind it are left to another walk.
 * @param visitor Takes what is found.
 * @yields After each read.
 * @returns Where the first record behind the range begins; the file's size if there is none.
 * @throws {UnrecError} If the file cannot be read.
 */
export function* walkRecords(
  window: RecordWindow,
  start: number,
  end: number,
  visitor: WalkVisitor,
): Generator<void, number> {
  const { source, scanner } = window;
  let at = start;
  let needed = FRAME_HEADER_BYTES;
  for (;;) {
    if (at === source.bytes) return at;
    let problem: RecordProblem | undefined;
    let count = 0;
    let next = at;
    if (at + needed > source.bytes) {
      problem = { kind: "truncated", offset: at, position: source.bytes, value: at + needed - source.bytes };
    } else {
      let position = window.goTo(at);
      if (window.filled - position < needed) {
        position = window.readOn(position, needed, Math.min(source.bytes, end + READ_BEYOND));
        yield;
      }
      const status = scanner.scan(position, window.filled);
      count = scanner.count;
      next = window.offset + scanner.next;
      needed = FRAME_HEADER_BYTES;
      if (status > SCAN.INCOMPLETE) {
        problem = problemOf(scanner, status, window.offset, window.filled);
      } else {
        if (status === SCAN.INCOMPLETE) needed = scanner.needed;
        if (count > 0 && !isFollowed(window, next, status === SCAN.INCOMPLETE)) {
          const last = (count - 1) * ROW_WORDS;
          // Multi-part records are joined by now and cannot be scanned again; their parts spoke for each other.
          if (scanner.table[last + ROW.PARTS] === 1) {
            const frame = window.offset + scanner.table[last + ROW.FRAME];
            needed = next - frame + FRAME_HEADER_BYTES;
            next = frame;
            count--;
          }
        }
      }
    }

    if (problem?.kind === "bad-magic" && problem.position === next && count > 0 && isCut(scanner, count - 1)) {
      count--;
      next = window.offset + scanner.table[count * ROW_WORDS + ROW.FRAME];
    }
    const within = countBelow(scanner, count, end - window.offset);
    if (within > 0) visitor.records(scanner, within, window.offset);
    if (within < count) return window.offset + scanner.table[within * ROW_WORDS + ROW.FRAME];
    if (problem !== undefined) {
      visitor.met?.(problem);
      const after = yield* findNextRecord(window, next + 4);
      // A record that begins in the next range and is damaged was met here first; it is this walk's to tell.
      visitor.damaged({ start: next, end: after, problem });
      next = after;
      needed = FRAME_HEADER_BYTES;
      if (next >= end) return next;
    }
    at = next;
  }
}

/** Whether it is known what follows the last record: a frame, or fewer bytes than one has. */
function isFollowed(window: RecordWindow, next: number, begun: boolean): boolean {
  if (next + FRAME_HEADER_BYTES > window.source.bytes) return true;
  // A scan that ended within a record has seen its magic word, if it had the whole header.
  return begun && next + FRAME_HEADER_BYTES <= window.offset + window.filled;
}

/** Whether a record that no frame follows shows that its length is wrong. */
function isCut(scanner: RecordScanner, row: number): boolean {
  const { table, chunk } = scanner;
  const at = row * ROW_WORDS;
  if (table[at + ROW.PARTS] > 1) return false;
  const image = table[at + ROW.IMAGE];
  const end = image + table[at + ROW.LENGTH];
  return scanner.findMagic(table[at + ROW.FRAME] + 4, end) < end || imageForm(chunk, image, end) === "cut";
}

/** How many of the first `count` rows begin below a position. */
function countBelow({ table }: RecordScanner, count: number, position: number): number {
  // Only the last range's neighbour is ever read beyond the end, so these are few.
  while (count > 0 && table[(count - 1) * ROW_WORDS + ROW.FRAME] >= position) count--;
  return count;
}
