import type { ReadTask } from "../dataset/cut_tasks.ts";
import { readRecords, type RecordFile } from "../dataset/read_records.ts";
import { LabelSet } from "../label_set.ts";
import { RecordError } from "../recordio/problem.ts";
import { type RecordScanner, ROW } from "../recordio/types.ts";
import type { ImageSink } from "../sink/image_sink.ts";

/** A task of one dataset among several. */
export interface DecodeTask extends ReadTask {
  /** Which dataset, from 0. */
  dataset: number;
  /** What is added to its labels. */
  labelShift: number;
}

/** What was done of a task. */
export interface TaskResult {
  /** Images written. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** Images among them that have no bytes. */
  emptyImages: number;
  /** Images among them whose record was stored in several parts. */
  multiPartImages: number;
  /** Their labels, shifted, each once. */
  labels: LabelSet;
}

/** Thrown out of a task that was asked to stop. */
export class Stopped extends Error {}

/**
 * Reads the images of a task and gives them to a sink: no copy of an image is made on the way.
 *
 * @param source The record file.
 * @param task What to read.
 * @param scanner To read with.
 * @param sink Takes the images.
 * @param result Counts what was done, also when the task fails.
 * @param stop Asked before each image.
 * @yields After each read of the file.
 * @throws {RecordError} At the first image that cannot be read; all before it in the file are written.
 * @throws {UnrecError} If the sink refuses an image.
 * @throws {Stopped} If `stop` says so.
 */
export function* runTask(
  source: RecordFile,
  task: DecodeTask,
  scanner: RecordScanner,
  sink: ImageSink,
  result: TaskResult,
  stop: () => boolean,
): Generator<number, void> {
  yield* readRecords(source, task, scanner, (scanner, row, ordinal) => {
    if (stop()) throw new Stopped();
    const { table } = scanner;
    const label = Math.trunc(scanner.labels[row + ROW.LABEL]) + task.labelShift;
    const start = table[row + ROW.IMAGE];
    const length = table[row + ROW.LENGTH];
    if (!Number.isFinite(label)) {
      const offset = task.start + task.offsets[(task.ordinals ?? []).indexOf(ordinal - task.firstOrdinal)];
      throw new RecordError({ kind: "label", offset, position: offset, value: label });
    }
    sink.write(label, ordinal, scanner.chunk.subarray(start, start + length));
    result.labels.add(label);
    result.images++;
    result.bytes += length;
    if (length === 0) result.emptyImages++;
    if (table[row + ROW.PARTS] > 1) result.multiPartImages++;
  });
}

/** A result to count in. */
export function emptyResult(): TaskResult {
  return { images: 0, bytes: 0, emptyImages: 0, multiPartImages: 0, labels: new LabelSet() };
}
