import { type ByteSource, readAll } from "../bytes/reading.ts";
import { RecordError } from "../recordio/problem.ts";
import type { RecordView } from "../recordio/record_view.ts";
import type { Engine } from "../recordio/types.ts";
import { Cursor } from "./cursor.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { cutTasks, type ReadTask } from "./plan.ts";
import { readTask } from "./read_task.ts";
import { Runs } from "./runs.ts";
import { explainRecord } from "./survey.ts";

/** An image and its header, a copy of its own. */
export interface ImageRecord {
  /** Its key in `train.idx`. */
  key: number;
  /** Its place in reading order, from 0: the number in the file names of the reference tree. */
  number: number;
  /**
   * The class: the scalar label, or the first of the label vector, a float32 and whole in all known datasets; or what a
   * list of labels gives in their place.
   */
  label: number;
  /** All labels of the header; one for a scalar label. */
  labels: Float32Array<ArrayBuffer>;
  /** IRHeader.id. MXNet's tools write the key there, or the number in the list that the set was made from. */
  id: bigint;
  /** The encoded image, usually JPEG. Empty in record 0 and in identity records. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Room for most images. */
const CHUNK_BYTES = 64 * 2 ** 10;

/**
 * Reads one record without reading the rest.
 *
 * @param records The record file.
 * @param index Its index, or a part of it.
 * @param row The record's row in the index.
 * @param engine The scanners.
 * @param listedLabel Its label, where a list gives that.
 * @returns The record. `number` is the row.
 * @throws {UnrecError} If it cannot be read.
 */
export async function readOneRecord(
  records: ByteSource,
  index: DatasetIndex,
  row: number,
  engine: Engine,
  listedLabel?: number,
): Promise<ImageRecord> {
  const task = taskOfRow(index, row, records.size);
  if (listedLabel !== undefined) task.listedLabels = Float64Array.of(listedLabel);
  const scanner = engine.createRecordScanner(CHUNK_BYTES);
  let record: ImageRecord | undefined;
  try {
    const visitor = { record: (view: RecordView) => record = copyOf(view) };
    await readAll(readTask(new Cursor(records, scanner), task, visitor), records);
  } catch (error) {
    throw error instanceof RecordError ? explainRecord(error.problem, records.name, records.size, index) : error;
  } finally {
    scanner.close();
  }
  return record!;
}

/** The task of reading one record. Its row becomes its number. */
function taskOfRow(index: DatasetIndex, row: number, fileBytes: number): ReadTask {
  const order = new Runs();
  order.append(row, 1);
  const [task] = cutTasks(index, order, { fileBytes, taskBytes: 1, maxGap: 0, firstNumber: row });
  return task;
}

/**
 * A copy of a record, which stays good when the view is not any more.
 *
 * @param view The record.
 */
export function copyOf(view: RecordView): ImageRecord {
  const { key, number, givenLabel: label, id, bytes } = view;
  return { key: key!, number, label, labels: view.labels(), id, bytes: bytes.slice() };
}
