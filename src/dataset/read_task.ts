import { PAUSE, type Reading } from "../bytes/reading.ts";
import { FRAME_HEADER_BYTES } from "../recordio/constants.ts";
import { labelProblem } from "../recordio/label_kind.ts";
import { problemOf, RecordError, type RecordProblem } from "../recordio/problem.ts";
import { RecordView } from "../recordio/record_view.ts";
import { ROW, ROW_WORDS, SCAN } from "../recordio/types.ts";
import type { Cursor } from "./cursor.ts";
import { type Gaps, numberAt, type ReadTask } from "./plan.ts";

/** Takes what a task's reading finds, in the order of the file. */
export interface TaskVisitor {
  /** Takes a wanted record. The view is good until this returns. */
  record(view: RecordView): void;
  /** Takes a wanted record that cannot be read: why, and its number. Without this the first one ends the reading. */
  lost?(problem: RecordProblem, number: number): void;
  /**
   * Told where a wanted record ends, unless the next wanted one begins there: another record does, or the file ends. If
   * the index names no record there, it does not name all that the file has. What is told does not depend on how much is
   * read at once.
   */
  passed?(offset: number): void;
}

/** The reader pauses after this many records at the latest: on a slow disk, writing them takes a while. */
const RECORDS_A_STEP = 256;

const NO_GAPS: Gaps = { starts: new Uint32Array(), next: new Uint32Array() };

/**
 * Reads the records of a task: chunk by chunk into the scanner's memory, found there, shown to the visitor there.
 *
 * The file is walked frame by frame, and every record that the task wants must be met on the way. Where the walk and
 * the index differ (records the index does not name, bytes between records) the index decides, as it does for MXNet,
 * which goes to each offset anew.
 *
 * @param cursor Goes through the file. The chunk grows if a record is larger, to the size of that record.
 * @param task What to read.
 * @param visitor Takes the records.
 * @returns When all were met; it pauses after some records.
 * @throws {RecordError} At the first wanted record that cannot be read, unless the visitor takes lost ones; those before
 * it were visited.
 */
export function* readTask(cursor: Cursor, task: ReadTask, visitor: TaskVisitor): Reading<void> {
  const { scanner, file } = cursor;
  const { offsets, gaps = NO_GAPS, numbers, keys, identities, listedLabels, toldLabels, indices, places } = task;
  const count = offsets.length;
  const view = new RecordView();
  let wanted = 0;
  /** The gap that comes next. */
  let gap = 0;
  /** Whether the record before the cursor is a wanted one that was read. */
  let afterWanted = false;
  const next = () => task.start + offsets[wanted];
  /** How many bytes from the cursor on the scanner needs to go on. */
  let needed = FRAME_HEADER_BYTES;

  /** Tells where the wanted record before the cursor ends, if there is one and the next wanted one does not begin there. */
  function leave(offset: number): void {
    if (afterWanted && cursor.offset !== offset) visitor.passed?.(cursor.offset);
    afterWanted = false;
  }

  /** Leaves out the record that is wanted next, and goes to the one after it. */
  function lose(problem: RecordProblem): void {
    if (visitor.lost === undefined) throw new RecordError(problem);
    leave(problem.offset);
    for (; wanted < count && next() === problem.offset; wanted++) visitor.lost(problem, numberAt(numbers, wanted));
    if (wanted === count) return;
    // Thousands of records in the chunk may be damaged, so it is not read again for each; unless what was tried with it
    // may have joined some.
    if (problem.kind === "bad-magic") cursor.moveTo(next());
    else cursor.jumpTo(next());
  }

  /** Goes to the next wanted record whatever lies before it. */
  function skipTo(offset: number): void {
    leave(offset);
    cursor.jumpTo(offset);
    needed = FRAME_HEADER_BYTES;
  }

  if (count > 0) cursor.jumpTo(next());
  while (wanted < count) {
    const offset = next();
    if (offset + FRAME_HEADER_BYTES > file.size) {
      lose(
        offset >= file.size
          ? { kind: "outside", offset, position: offset, value: file.size }
          : { kind: "truncated", offset, position: offset, value: offset + FRAME_HEADER_BYTES - file.size },
      );
      continue;
    }
    // The walk went past what the index names, or what is next is farther than the chunk: look there at once.
    const isPastGap = wanted >= gaps.next[gap];
    if (isPastGap || cursor.offset > offset || offset - cursor.offset > scanner.chunk.length) skipTo(offset);
    while (wanted >= gaps.next[gap]) gap++;
    if (cursor.available < needed) {
      const until = gap < gaps.starts.length ? task.start + gaps.starts[gap] : task.end;
      yield* cursor.readOn(needed, Math.max(until, offset + needed));
    }

    const status = cursor.scan();
    const end = scanner.count * ROW_WORDS;
    for (let row = 0; row < end && wanted < count; row += ROW_WORDS) {
      const at = cursor.chunkOffset + scanner.table[row + ROW.FRAME];
      if (afterWanted && at !== next()) visitor.passed?.(at);
      afterWanted = at === next();
      if (at > next()) break;
      while (wanted < count && at === next()) {
        view.at(scanner, row, at, numberAt(numbers, wanted), numberAt(keys, wanted));
        if (identities !== undefined) view.identity = numberAt(identities, wanted);
        if (listedLabels !== undefined) view.listedLabel = listedLabels[wanted];
        if (indices !== undefined) view.index = numberAt(indices, wanted);
        if (places !== undefined) view.place = places[wanted];
        if (toldLabels === undefined || mayHave(view, toldLabels[wanted])) visitor.record(view);
        else {
          const problem: RecordProblem = { kind: "other-label", offset: at, position: at, value: view.headerLabel };
          if (visitor.lost === undefined) throw new RecordError(problem);
          visitor.lost(problem, view.number);
        }
        if (++wanted % RECORDS_A_STEP === 0) yield PAUSE;
      }
      if (wanted === count) {
        const after = row + ROW_WORDS < end ? scanner.table[row + ROW_WORDS + ROW.FRAME] : scanner.next;
        visitor.passed?.(cursor.chunkOffset + after);
        return;
      }
    }
    cursor.position = scanner.next;
    needed = FRAME_HEADER_BYTES;
    if (status === SCAN.DONE || status === SCAN.TABLE_FULL) continue;
    const isWanted = cursor.offset === next();
    if (status !== SCAN.INCOMPLETE) {
      if (isWanted) lose(problemOf(scanner, status, cursor.chunkOffset, cursor.filled));
      else skipTo(next());
    } else if (cursor.offset + scanner.needed > file.size) {
      const value = cursor.offset + scanner.needed - file.size;
      if (isWanted) lose({ kind: "truncated", offset: cursor.offset, position: file.size, value });
      else skipTo(next());
    } else if (!isWanted && cursor.offset % 4 + scanner.needed > scanner.chunk.length) {
      // A record that nobody wants gets no room of its own.
      skipTo(next());
    } else {
      needed = scanner.needed;
    }
  }
}

/** Whether an image may be one that was chosen by a label. One whose own label is damaged is told by who takes it. */
function mayHave(view: RecordView, label: number): boolean {
  return Math.trunc(view.givenLabel) === label || Number.isNaN(label) || labelProblem(view) !== undefined;
}
