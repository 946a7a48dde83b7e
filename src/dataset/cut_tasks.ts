import type { DatasetIndex } from "./dataset_index.ts";
import type { Runs } from "./runs.ts";

/** A stretch of a file, read front to back, and the records wanted from it. Plain data: it can be sent to a worker. */
export interface ReadTask {
  /** Byte of the file where the first wanted record begins. */
  start: number;
  /** Byte behind the last wanted record as far as the index tells: what to read ahead to, not a promise. */
  end: number;
  /** Where the wanted records begin, bytes from {@linkcode start}, rising; twice when a record is wanted twice. */
  offsets: Uint32Array<ArrayBuffer>;
  /** The ordinal (place in reading order) of the first wanted record; of the others, when they have no list. */
  firstOrdinal: number;
  /** Ordinals of the records, added to {@linkcode firstOrdinal}. Absent when they rise by one, the normal case. */
  ordinals?: Uint32Array<ArrayBuffer>;
}

/** Options of {@linkcode cutTasks}. */
export interface CutOptions {
  /** Size of the record file in bytes. */
  fileBytes: number;
  /** About how many bytes a task reads. */
  taskBytes: number;
  /** Leave out more bytes than this between two wanted records, and a new task begins. */
  maxGap: number;
  /** Ordinal of the first record of the order. */
  firstOrdinal: number;
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

/**
 * How many bytes of the file the records of an order take, as far as the index tells.
 *
 * @param index Where the records are.
 * @param order The rows to read.
 * @param fileBytes Size of the record file.
 */
export function bytesOf(index: DatasetIndex, order: Runs, fileBytes: number): number {
  const { offsets } = index;
  let bytes = 0;
  if (index.rising) {
    for (let run = 0; run < order.count; run++) {
      const first = order.starts[run];
      bytes += endOfRow(index, first + order.lengthOf(run) - 1, fileBytes) - offsets[first];
    }
  } else {
    for (let run = 0; run < order.count; run++) {
      const first = order.starts[run];
      for (let row = first; row < first + order.lengthOf(run); row++) {
        bytes += Math.min(fileBytes, index.offsetBehind(offsets[row])) - offsets[row];
      }
    }
  }
  return bytes;
}

/** Where the record of a row ends if the index is gapless: where the next row's begins. Only for a rising index. */
function endOfRow(index: DatasetIndex, row: number, fileBytes: number): number {
  return row + 1 < index.rows ? index.offsets[row + 1] : Math.max(fileBytes, index.offsets[row]);
}

function* cutRising(index: DatasetIndex, order: Runs, options: CutOptions): Generator<ReadTask> {
  const { offsets } = index;
  const { fileBytes, taskBytes, maxGap } = options;
  let ordinal = 0;
  while (ordinal < order.length) {
    let run = order.runAt(ordinal);
    let row = order.starts[run] + ordinal - order.positions[run];
    const start = offsets[row];
    const found: number[] = [];
    let end = start;
    for (;;) {
      found.push(offsets[row] - start);
      // Past a record the index does not place well this reads too little, never too much; the reader then reads on.
      end = index.rising ? endOfRow(index, row, fileBytes) : Math.min(fileBytes, offsets[row] + taskBytes);
      if (ordinal + found.length === order.length) break;
      row++;
      if (row === order.starts[run] + order.lengthOf(run)) row = order.starts[++run];
      if (offsets[row] - start >= taskBytes || offsets[row] - (start + found[found.length - 1]) > maxGap) break;
    }
    yield { start, end, offsets: Uint32Array.from(found), firstOrdinal: options.firstOrdinal + ordinal };
    ordinal += found.length;
  }
}

const MOST_BUCKETS = 2 ** 20;

/**
 * An order that jumps about is sorted into the order of the file: first into buckets of `taskBytes` by counting, which
 * takes 8 bytes a record, then within each bucket when its turn comes.
 */
function* cutJumping(index: DatasetIndex, order: Runs, options: CutOptions): Generator<ReadTask> {
  const { offsets } = index;
  const { fileBytes, maxGap, firstOrdinal } = options;
  const taskBytes = Math.max(options.taskBytes, Math.ceil(fileBytes / MOST_BUCKETS));
  // Offsets behind the end of the file all go to one last bucket, so that its size does not depend on what they claim.
  const buckets = Math.ceil(fileBytes / taskBytes) + 1;
  const bucketOf = (offset: number) => Math.min(Math.floor(offset / taskBytes), buckets - 1);
  const begins = new Uint32Array(buckets + 1);
  forEachRow(order, (row) => begins[bucketOf(offsets[row]) + 1]++);
  for (let bucket = 0; bucket < buckets; bucket++) begins[bucket + 1] += begins[bucket];
  const rows = new Uint32Array(order.length);
  const ordinals = new Uint32Array(order.length);
  const fill = begins.slice();
  forEachRow(order, (row, ordinal) => {
    const at = fill[bucketOf(offsets[row])]++;
    rows[at] = row;
    ordinals[at] = ordinal;
  });
  for (let bucket = 0; bucket < buckets; bucket++) {
    const begin = begins[bucket];
    const places = Uint32Array.from({ length: begins[bucket + 1] - begin }, (_, i) => begin + i);
    places.sort((a, b) => offsets[rows[a]] - offsets[rows[b]] || a - b);
    for (let from = 0; from < places.length;) {
      const start = offsets[rows[places[from]]];
      let to = from + 1;
      while (to < places.length && offsets[rows[places[to]]] - offsets[rows[places[to - 1]]] <= maxGap) to++;
      const last = offsets[rows[places[to - 1]]];
      yield {
        start,
        end: Math.min(fileBytes, Math.max(last + 1, (bucket + 1) * taskBytes)),
        offsets: Uint32Array.from(places.subarray(from, to), (place) => offsets[rows[place]] - start),
        firstOrdinal,
        ordinals: Uint32Array.from(places.subarray(from, to), (place) => ordinals[place]),
      };
      from = to;
    }
  }
}

function forEachRow(order: Runs, visit: (row: number, ordinal: number) => void): void {
  for (let run = 0; run < order.count; run++) {
    const start = order.starts[run];
    const position = order.positions[run];
    const length = order.lengthOf(run);
    for (let i = 0; i < length; i++) visit(start + i, position + i);
  }
}
