import { problemOf, RecordError, type RecordProblem } from "../recordio/problem.ts";
import { type RecordScanner, ROW, ROW_WORDS, SCAN, type ScanStatus } from "../recordio/types.ts";
import type { ReadTask } from "./cut_tasks.ts";
import { fillChunk } from "./fill_chunk.ts";
import { makeRoom } from "./make_room.ts";

/** An open record file. */
export interface RecordFile {
  /** Its path, for messages. */
  path: string;
  /** For reading. */
  file: Deno.FsFile;
  /** Its size in bytes. */
  bytes: number;
}

/**
 * Takes a record: the word of the scanner's table where its row begins, its ordinal, and the byte of the file where it
 * begins. It must be done with the record when it returns.
 */
export type RecordVisitor = (scanner: RecordScanner, row: number, ordinal: number, offset: number) => void;

/** Takes a record that cannot be read: why, and its ordinal. */
export type LossVisitor = (problem: RecordProblem, ordinal: number) => void;

/** The reader pauses after this many records at the latest: on a slow disk, writing them takes a while. */
const RECORDS_A_STEP = 256;

/**
 * Reads the records of a task: chunk by chunk into the scanner's memory, found there, shown to the visitor there.
 *
 * The file is walked frame by frame, and every record that the task wants must be met on the way. Where the walk and
 * the index differ (records the index does not name, bytes between records) the index decides, as it does for MXNet,
 * which goes to each offset anew.
 *
 * @param source The file.
 * @param task What to read.
 * @param scanner Its chunk is filled from the file; it grows if a record is larger, to the size of that record.
 * @param visit Called for each wanted record, in the order of the file.
 * @param lose Called for each wanted record that cannot be read. Without it the first one ends the reading.
 * @yields After each read, and after some records: a place to report, to stop, or to let others run.
 * @throws {RecordError} At the first wanted record that cannot be read, unless there is `lose`; those before it were
 * visited.
 */
export function* readRecords(
  source: RecordFile,
  task: ReadTask,
  scanner: RecordScanner,
  visit: RecordVisitor,
  lose?: LossVisitor,
): Generator<void, void, unknown> {
  const { offsets, ordinals, firstOrdinal } = task;
  const count = offsets.length;
  const wantedAt = (i: number) => task.start + offsets[i];
  /** Byte of the file that the chunk begins with, a multiple of 4: what is aligned in one is aligned in the other. */
  let chunkOffset = -1;
  let filled = 0;
  let from = 0;
  let wanted = 0;

  function jump(offset: number): void {
    chunkOffset = offset - offset % 4;
    from = offset % 4;
    filled = 0;
    source.file.seekSync(chunkOffset, Deno.SeekMode.Start);
  }

  const ordinalAt = (i: number) => firstOrdinal + (ordinals === undefined ? i : ordinals[i]);

  /** Leaves out the record that is wanted next, and goes to the one behind it; returns whether that is in the chunk. */
  function fail(problem: RecordProblem): boolean {
    if (lose === undefined) throw new RecordError(problem);
    const { offset } = problem;
    for (; wanted < count && wantedAt(wanted) === offset; wanted++) lose(problem, ordinalAt(wanted));
    if (wanted === count) return false;
    const next = wantedAt(wanted);
    // Bytes that are in the chunk are not read again, for thousands of records in it may be damaged; unless what was
    // tried with them may have joined some.
    if (problem.kind === "bad-magic" && next < chunkOffset + filled) {
      from = next - chunkOffset;
      return true;
    }
    jump(next);
    return false;
  }

  while (wanted < count) {
    if (chunkOffset < 0) jump(wantedAt(wanted));
    if (wantedAt(wanted) + 8 > source.bytes) {
      const offset = wantedAt(wanted);
      fail(
        offset >= source.bytes
          ? { kind: "outside", offset, position: offset, value: source.bytes }
          : { kind: "truncated", offset, position: offset, value: offset + 8 - source.bytes },
      );
      continue;
    }
    filled += fillChunk(source, scanner, chunkOffset, filled, Math.max(task.end, wantedAt(wanted) + 8));
    yield;

    for (let status: ScanStatus = SCAN.TABLE_FULL; status === SCAN.TABLE_FULL && wanted < count;) {
      status = scanner.scan(from, filled);
      const end = scanner.count * ROW_WORDS;
      let next = wantedAt(wanted);
      for (let row = 0; row < end && wanted < count; row += ROW_WORDS) {
        const at = chunkOffset + scanner.table[row + ROW.FRAME];
        if (at > next) break;
        while (at === next) {
          visit(scanner, row, ordinalAt(wanted), at);
          next = ++wanted < count ? wantedAt(wanted) : Infinity;
          if (wanted % RECORDS_A_STEP === 0) yield;
        }
      }
      if (wanted === count) return;
      from = scanner.next;
      const walked = chunkOffset + from;
      if (walked > next) {
        // The walk went past what the index names: look there, whatever the walk made of those bytes.
        jump(next);
        break;
      }
      if (status === SCAN.TABLE_FULL) continue;
      if (status === SCAN.DONE) {
        if (next - walked > scanner.chunk.length) jump(next);
      } else if (status === SCAN.INCOMPLETE) {
        if (walked + scanner.needed > source.bytes) {
          if (walked === next) {
            const value = walked + scanner.needed - source.bytes;
            fail({ kind: "truncated", offset: next, position: source.bytes, value });
            break;
          }
          jump(next);
        } else if (from + scanner.needed > scanner.chunk.length && from < 4) {
          // The record is alone in the chunk and does not fit. A wanted one gets its room, at least twice what there
          // is, for parts announce themselves one by one; that the file has those bytes was seen above.
          if (walked === next) makeRoom(scanner, Math.max(from + scanner.needed, 2 * scanner.chunk.length));
          else jump(next);
        }
      } else {
        if (walked === next) {
          if (!fail(problemOf(scanner, status, chunkOffset, filled))) break;
          status = SCAN.TABLE_FULL;
          continue;
        }
        jump(next);
      }
    }
    // Keep what was not used, from a multiple of 4 on, and read on behind it.
    const used = from - from % 4;
    if (used > 0 && filled > 0) {
      scanner.chunk.copyWithin(0, used, filled);
      chunkOffset += used;
      filled -= used;
      from -= used;
    }
  }
}
