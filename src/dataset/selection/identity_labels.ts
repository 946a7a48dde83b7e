import type { Reading } from "../../bytes/reading.ts";
import { CFLAG, FRAME_HEADER_BYTES, IR_HEADER_BYTES, MAGIC, MOST_EXACT_LABEL } from "../../recordio/constants.ts";
import { labelProblem } from "../../recordio/label_kind.ts";
import { RecordError } from "../../recordio/problem.ts";
import type { Cursor } from "../cursor.ts";
import type { DatasetIndex } from "../dataset_index.ts";
import type { Layout } from "../layout.ts";
import { cutTasks } from "../plan.ts";
import { readTask } from "../read_task.ts";
import type { OnError } from "../record_header.ts";
import { lastAtMost, Runs } from "../runs.ts";
import { splitLrec } from "../walk.ts";

/**
 * Reads the label of each identity record: that of the first image that it names. It takes a read of 36 bytes for each.
 *
 * @param cursor Goes through the record file, where a record is not as nearly all are.
 * @param index Its index.
 * @param layout Its identity layout.
 * @param onError Whether an image that cannot be read is an error; if not, the next image of the identity record tells.
 * @returns The labels as whole numbers, in the order of the identity records; NaN for those that name no image that can
 * be read.
 * @throws {RecordError} At an image that cannot be read.
 */
export function* readIdentityLabels(
  cursor: Cursor,
  index: DatasetIndex,
  { order, numbers, identityNumbers }: Layout,
  onError: OnError,
): Reading<Float64Array<ArrayBuffer>> {
  const labels = new Float64Array(identityNumbers.length - 1).fill(NaN);
  const head = new Uint8Array(HEAD_BYTES);
  for (let identity = 0; identity < labels.length; identity++) {
    const end = placeFrom(numbers, identityNumbers[identity + 1]);
    for (let place = placeFrom(numbers, identityNumbers[identity]); place < end; place++) {
      const row = order.at(place);
      const offset = index.offsets[row];
      const count = offset + HEAD_BYTES > cursor.file.size ? 0 : yield { offset, into: head };
      const label = (count === HEAD_BYTES ? labelIn(head) : undefined) ??
        (yield* readLabel(cursor, index, row, onError));
      labels[identity] = Math.trunc(label);
      if (!Number.isNaN(label)) break;
    }
  }
  return labels;
}

/** A frame's header, an image's header and the first label after it. */
const HEAD_BYTES = FRAME_HEADER_BYTES + IR_HEADER_BYTES + 4;

/** The label of a record by its first bytes; undefined if they leave a doubt. */
function labelIn(head: Uint8Array<ArrayBuffer>): number | undefined {
  const view = new DataView(head.buffer);
  const { cflag, length } = splitLrec(view.getUint32(4, true));
  const isWhole = view.getUint32(0, true) === MAGIC && (cflag === CFLAG.WHOLE || cflag === CFLAG.FIRST) &&
    length >= HEAD_BYTES - FRAME_HEADER_BYTES;
  if (!isWhole) return undefined;
  const flag = view.getUint32(FRAME_HEADER_BYTES, true);
  const label = view.getFloat32(flag === 0 ? FRAME_HEADER_BYTES + 4 : FRAME_HEADER_BYTES + IR_HEADER_BYTES, true);
  return Number.isInteger(label) && Math.abs(label) <= MOST_EXACT_LABEL ? label : undefined;
}

/** Reads all of a record for its label; NaN if it cannot be read. */
function* readLabel(cursor: Cursor, index: DatasetIndex, row: number, onError: OnError): Reading<number> {
  const rows = new Runs();
  rows.append(row, 1);
  let label = NaN;
  const [task] = cutTasks(index, rows, { fileBytes: cursor.file.size, taskBytes: 1, maxGap: 0, firstNumber: 0 });
  yield* readTask(cursor, task, {
    record(view) {
      const problem = labelProblem(view);
      if (problem === undefined) label = view.label;
      else if (onError === "stop") throw new RecordError(problem);
    },
    ...onError === "skip" ? { lost() {} } : {},
  });
  return label;
}

/** The place of the first image that has at least a number. */
function placeFrom(numbers: Runs | undefined, number: number): number {
  if (numbers === undefined) return number;
  const run = lastAtMost(numbers.count, number, (i) => numbers.starts[i]);
  return run < 0 ? 0 : numbers.positions[run] + Math.min(number - numbers.starts[run], numbers.lengthOf(run));
}
