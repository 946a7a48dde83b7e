import type { DatasetIndex } from "./dataset_index.ts";
import { Runs } from "./runs.ts";

/** Numbers of a task's records. Plain data. Nearly always they rise by one, and then there is no list. */
export interface Numbers {
  /** The first one; of the others too when they rise by one. */
  first: number;
  /** All of them, as distances from {@linkcode first}. */
  list?: Uint32Array<ArrayBuffer>;
}

/**
 * One of a task's numbers.
 *
 * @param numbers The numbers.
 * @param i Which one, from 0.
 */
export function numberAt({ first, list }: Numbers, i: number): number {
  return list === undefined ? first + i : first + list[i];
}

/** A stretch of a file, read front to back, and the records wanted from it. Plain data: it can be sent to a worker. */
export interface ReadTask {
  /** Byte of the file where the first wanted record begins. */
  start: number;
  /** The byte after the last wanted record as far as the index tells: what to read ahead to, not a promise. */
  end: number;
  /** Where the wanted records begin, bytes from {@linkcode start}, rising; twice when a record is wanted twice. */
  offsets: Uint32Array<ArrayBuffer>;
  /** Where so much lies between two of them that it is not read; undefined if nowhere. */
  gaps?: Gaps;
  /** Their places in reading order. */
  numbers: Numbers;
  /** Their keys. */
  keys: Numbers;
  /** Keys of the identity records that name them; undefined in the flat layout, and where that is not known. */
  identities?: Numbers;
  /** Their labels, where a list beside the dataset tells them and not their headers. */
  listedLabels?: Float64Array<ArrayBuffer>;
  /** The labels that they were chosen by, where one image told those of others; NaN for one that may have any. */
  toldLabels?: Float64Array<ArrayBuffer>;
  /** Their places among the images of their label, from 0, where somebody asked for those. */
  indices?: Numbers;
  /** Their places in what is written, where that is in another order than that of reading. */
  places?: Uint32Array<ArrayBuffer>;
}

/** Gaps between wanted records of a task, in the order of the file. Plain data. */
export interface Gaps {
  /** Where each one begins, bytes from the start of the task. */
  starts: Uint32Array<ArrayBuffer>;
  /** Which of the wanted records comes after each one. */
  next: Uint32Array<ArrayBuffer>;
}

/** Options of {@linkcode cutTasks}. */
export interface CutOptions {
  /** Size of the record file in bytes. */
  fileBytes: number;
  /** About how many bytes a task reads. */
  taskBytes: number;
  /** Leave out more bytes than this between two wanted records, and a new task begins. */
  maxGap: number;
  /** From this many bytes on that no wanted record has, they are left out within a task; undefined to read all of it. */
  leastGap?: number;
  /** Numbers of the records, by their places in the order; undefined if they are those places. */
  numbers?: Runs;
  /** Added to each number. */
  firstNumber: number;
}

/**
 * Cuts the reading of records into tasks of neighbouring bytes, so that reads are large and sequential whatever the
 * order is. Tasks are made when they are asked for: those of a whole dataset at once would be as large as its index.
 *
 * @param index Where the records are.
 * @param order The rows to read, in reading order.
 * @param options Sizes.
 * @returns The tasks, in the order of the file where the reading order has one.
 * @throws {RangeError} If an order that jumps about is too long to be sorted in memory.
 */
export function cutTasks(index: DatasetIndex, order: Runs, options: CutOptions): Generator<ReadTask> {
  return risesInFile(index, order) ? cutRising(index, order, options) : cutJumping(index, order, options);
}

/**
 * Whether reading in this order goes through the file from front to back.
 *
 * @param index Where the records are.
 * @param order The rows to read, in reading order.
 */
export function risesInFile(index: DatasetIndex, order: Runs): boolean {
  const { offsets, rising } = index;
  let before = -1;
  for (let run = 0; run < order.count; run++) {
    const first = order.starts[run];
    const last = first + order.lengthOf(run) - 1;
    if (offsets[first] <= before) return false;
    if (!rising) {
      for (let row = first + 1; row <= last; row++) if (offsets[row] <= offsets[row - 1]) return false;
    }
    before = offsets[last];
  }
  return true;
}

/** Where the record of a row ends if the index is gapless: where the next row's begins. Only for a rising index. */
function endOfRow(index: DatasetIndex, row: number, fileBytes: number): number {
  return row + 1 < index.rows ? index.offsets[row + 1] : Math.max(fileBytes, index.offsets[row]);
}

function* cutRising(index: DatasetIndex, order: Runs, options: CutOptions): Generator<ReadTask> {
  const { offsets } = index;
  const { fileBytes, taskBytes, maxGap } = options;
  let place = 0;
  while (place < order.length) {
    let run = order.runAt(place);
    let row = order.starts[run] + place - order.positions[run];
    const start = offsets[row];
    const found: number[] = [];
    const rows = new Runs();
    let end = start;
    for (;;) {
      found.push(offsets[row] - start);
      rows.append(row, 1);
      // Past a record the index does not place well this reads too little, never too much; the reader then reads on.
      end = index.rising ? endOfRow(index, row, fileBytes) : Math.min(fileBytes, offsets[row] + taskBytes);
      if (place + found.length === order.length) break;
      row++;
      if (row === order.starts[run] + order.lengthOf(run)) row = order.starts[++run];
      if (offsets[row] - start >= taskBytes || offsets[row] - (start + found[found.length - 1]) > maxGap) break;
    }
    const numbers = options.numbers?.slice(place, found.length) ?? runOf(place, found.length);
    const offsetsFound = Uint32Array.from(found);
    yield {
      start,
      end,
      offsets: offsetsFound,
      ...gapsOf(index, start, offsetsFound, options),
      numbers: numbersOf(numbers, options.firstNumber),
      keys: numbersOf(rows.map(index.keys), 0),
    };
    place += found.length;
  }
}

/** The gaps between wanted records of a task, if there are any that are to be left out. */
function gapsOf(
  index: DatasetIndex,
  start: number,
  offsets: Uint32Array,
  { leastGap }: CutOptions,
): Pick<ReadTask, "gaps"> {
  if (leastGap === undefined) return {};
  const starts: number[] = [];
  const next: number[] = [];
  for (let i = 1; i < offsets.length; i++) {
    // No record is that long unless its neighbour is that far, so most need no look at the index.
    if (offsets[i] - offsets[i - 1] < leastGap) continue;
    const end = index.nextOffset(start + offsets[i - 1]) - start;
    if (offsets[i] - end < leastGap) continue;
    starts.push(end);
    next.push(i);
  }
  return next.length === 0 ? {} : { gaps: { starts: Uint32Array.from(starts), next: Uint32Array.from(next) } };
}

const MOST_BUCKETS = 2 ** 20;

/**
 * An order that jumps about is sorted into the order of the file: first into buckets of `taskBytes` by counting, which
 * takes 8 bytes a record, then within each bucket when its turn comes.
 */
function* cutJumping(index: DatasetIndex, order: Runs, options: CutOptions): Generator<ReadTask> {
  const { offsets } = index;
  const { fileBytes, maxGap, numbers, firstNumber } = options;
  const taskBytes = Math.max(options.taskBytes, Math.ceil(fileBytes / MOST_BUCKETS));
  // Offsets past the end of the file all go to one last bucket, so that its size does not depend on what they claim.
  const buckets = Math.ceil(fileBytes / taskBytes) + 1;
  const bucketOf = (offset: number) => Math.min(Math.floor(offset / taskBytes), buckets - 1);
  const begins = new Uint32Array(buckets + 1);
  forEachRow(order, (row) => begins[bucketOf(offsets[row]) + 1]++);
  for (let bucket = 0; bucket < buckets; bucket++) begins[bucket + 1] += begins[bucket];
  const rows = new Uint32Array(order.length);
  const places = new Uint32Array(order.length);
  const fill = begins.slice();
  forEachRow(order, (row, place) => {
    const at = fill[bucketOf(offsets[row])]++;
    rows[at] = row;
    places[at] = place;
  });
  for (let bucket = 0; bucket < buckets; bucket++) {
    const begin = begins[bucket];
    const sorted = Uint32Array.from({ length: begins[bucket + 1] - begin }, (_, i) => begin + i);
    sorted.sort((a, b) => offsets[rows[a]] - offsets[rows[b]] || a - b);
    for (let from = 0; from < sorted.length;) {
      const start = offsets[rows[sorted[from]]];
      let to = from + 1;
      while (to < sorted.length && offsets[rows[sorted[to]]] - offsets[rows[sorted[to - 1]]] <= maxGap) to++;
      const last = offsets[rows[sorted[to - 1]]];
      const chosen = sorted.subarray(from, to);
      const found = Uint32Array.from(chosen, (at) => offsets[rows[at]] - start);
      yield {
        start,
        end: Math.min(fileBytes, Math.max(last + 1, Math.min(index.nextOffset(last), (bucket + 1) * taskBytes))),
        offsets: found,
        ...gapsOf(index, start, found, options),
        numbers: numbersOf(
          runsOf(chosen, (at) => numbers === undefined ? places[at] : numbers.at(places[at])),
          firstNumber,
        ),
        keys: numbersOf(runsOf(chosen, (at) => index.keys.at(rows[at])), 0),
      };
      from = to;
    }
  }
}

/** Farther apart than this, two records of a piece that jumps about are not read together: a seek costs less. */
const MOST_PIECE_GAP = 2 ** 16;

/**
 * Cuts the reading of some records that follow each other in reading order.
 *
 * @param index Where the records are.
 * @param order The rows of all records, in reading order.
 * @param place The first one, as a place in the order.
 * @param count How many.
 * @param options Sizes.
 * @returns The tasks, in the order of the file: where the reading order jumps about, in another one than that.
 */
export function cutPiece(
  index: DatasetIndex,
  order: Runs,
  place: number,
  count: number,
  options: CutOptions,
): Generator<ReadTask> {
  const piece = order.slice(place, count);
  const numbers = options.numbers?.slice(place, count) ?? runOf(place, count);
  return risesInFile(index, piece)
    ? cutRising(index, piece, { ...options, numbers })
    : cutJumping(index, piece, { ...options, numbers, maxGap: MOST_PIECE_GAP });
}

/**
 * About how many bytes the records of an order take in the file: up to where the next one begins there.
 *
 * @param index Where the records are.
 * @param order Their rows.
 * @param fileBytes Size of the record file in bytes.
 * @yields Bytes of each.
 */
export function* recordBytes(index: DatasetIndex, order: Runs, fileBytes: number): Generator<number> {
  const { offsets, rising } = index;
  for (let run = 0; run < order.count; run++) {
    const first = order.starts[run];
    const end = first + order.lengthOf(run);
    for (let row = first; row < end; row++) {
      const next = rising ? endOfRow(index, row, fileBytes) : Math.min(fileBytes, index.nextOffset(offsets[row]));
      yield Math.max(0, next - offsets[row]);
    }
  }
}

function runOf(start: number, length: number): Runs {
  const runs = new Runs();
  runs.append(start, length);
  return runs;
}

function runsOf(items: Uint32Array, numberOf: (item: number) => number): Runs {
  const runs = new Runs();
  for (const item of items) runs.append(numberOf(item), 1);
  return runs;
}

/** Numbers for a task, in the least room: only the first of those that rise by one. */
function numbersOf(runs: Runs, shift: number): Numbers {
  if (runs.count === 1) return { first: runs.starts[0] + shift };
  const { starts, positions, count, length } = runs;
  const least = starts.subarray(0, count).reduce((a, b) => Math.min(a, b));
  const list = new Uint32Array(length);
  for (let run = 0; run < count; run++) {
    const runLength = runs.lengthOf(run);
    for (let i = 0; i < runLength; i++) list[positions[run] + i] = starts[run] - least + i;
  }
  return { first: least + shift, list };
}

/**
 * Visits the rows of an order, one after the other.
 *
 * @param order Rows of an index.
 * @param visit Told each row, and its place in the order.
 */
export function forEachRow(order: Runs, visit: (row: number, place: number) => void): void {
  for (let run = 0; run < order.count; run++) {
    const start = order.starts[run];
    const position = order.positions[run];
    const length = order.lengthOf(run);
    for (let i = 0; i < length; i++) visit(start + i, position + i);
  }
}
