import type { Reading } from "../bytes/reading.ts";
import type { Cursor } from "./cursor.ts";
import type { Dataset } from "./dataset.ts";
import { cutTasks, type ReadTask } from "./plan.ts";
import { readTask, type TaskVisitor } from "./read_task.ts";
import { Runs } from "./runs.ts";

/** Most images have fewer bytes; room is made for one that has more. */
const CHUNK_BYTES = 16 * 2 ** 10;

/** Reads that are under way at once where they wait, as over a network. A file does not wait. */
const LANES = 8;

/**
 * Places spread evenly, the first and the last among them.
 *
 * @param length How many places there are.
 * @param most How many are wanted, at least 2.
 * @returns Rising places from 0; all of them if there are no more.
 */
export function spreadPlaces(length: number, most: number): Uint32Array<ArrayBuffer> {
  const count = Math.min(length, most);
  return Uint32Array.from({ length: count }, (_, i) => {
    return count === length ? i : Math.round(i * (length - 1) / (count - 1));
  });
}

/**
 * Shows a visitor some images that are spread evenly over the reading order: in the order of the file, unless its reads
 * wait.
 *
 * @param dataset Their dataset.
 * @param most How many at most, at least 2; if the dataset has no more, it is all of them.
 * @param visitor Takes them.
 * @param onStep Called after each read; it may wait.
 * @throws {UnrecError} At the first one that cannot be read, unless the visitor takes lost ones.
 */
export async function visitSpread(
  dataset: Dataset,
  most: number,
  visitor: TaskVisitor,
  onStep?: () => void | Promise<void>,
): Promise<void> {
  const { index, layout: { order, numbers }, labelList, bytes: fileBytes } = dataset;
  if (order.length <= most) return await dataset.visit(visitor, onStep);
  const places = [...spreadPlaces(order.length, most)].map((place) => ({ place, row: order.at(place) }));
  places.sort((a, b) => index.offsets[a.row] - index.offsets[b.row]);
  const rows = new Runs();
  const chosen = new Runs();
  for (const [i, { place, row }] of places.entries()) {
    // An image that two identity records name stands in the reading order twice.
    if (i > 0 && index.offsets[row] === index.offsets[places[i - 1].row]) continue;
    rows.append(row, 1);
    chosen.append(numbers?.at(place) ?? place, 1);
  }
  const each = cutTasks(index, rows, { fileBytes, taskBytes: 1, maxGap: 0, numbers: chosen, firstNumber: 0 });
  const tasks = [...labelList?.addedTo(each) ?? each];
  const lane = Math.ceil(tasks.length / LANES);
  const lanes = Array.from({ length: LANES }, (_, i) => {
    const own = tasks.slice(i * lane, (i + 1) * lane);
    return dataset.read((cursor) => readTasks(cursor, own, visitor), CHUNK_BYTES, onStep);
  });
  // Nothing is read any more when this ends, also where it ends early.
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === "rejected") throw ended.reason;
}

function* readTasks(cursor: Cursor, tasks: readonly ReadTask[], visitor: TaskVisitor): Reading<void> {
  for (const task of tasks) yield* readTask(cursor, task, visitor);
}
