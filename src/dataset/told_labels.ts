import type { Reading } from "../bytes/reading.ts";
import { keysRoundedTo } from "../recordio/float32_keys.ts";
import { LABEL_HEAD_BYTES, plainLabel } from "../recordio/label_head.ts";
import { labelProblem } from "../recordio/label_kind.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";
import type { Cursor } from "./cursor.ts";
import type { Dataset } from "./dataset.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import type { Layout } from "./layout.ts";
import { readTask } from "./read_task.ts";
import { lastAtMost } from "./runs.ts";

/** An image whose label tells that of others. */
export interface TellingImage {
  /** Its row in the index. */
  row: number;
  /** For how many images it speaks, itself counted. */
  images: number;
}

/**
 * Images whose labels tell those of all, for an identity record names images of one label: the first one of each. Where a
 * range begins or ends at a key that float32 may have rounded, the images around that speak for themselves only: they may
 * belong to the neighbour.
 *
 * @param layout The dataset's. In the flat layout every image speaks for itself.
 * @param index Its index.
 * @returns The images, in reading order; those that the index lacks are left out.
 */
export function* tellingImages(layout: Layout, { keys }: DatasetIndex): Generator<TellingImage> {
  const { kind, order, identityNumbers } = layout;
  if (kind === "flat") return yield* singleImages(layout);
  for (let identity = 0, first = 0; identity + 1 < identityNumbers.length; identity++) {
    const end = placeFrom(layout, identityNumbers[identity + 1]);
    if (first < end) {
      const firstKey = keys.at(order.at(first));
      const endKey = keys.at(order.at(end - 1)) + 1;
      const sure = Math.min(end, first + roundedWith(firstKey)[1] - firstKey);
      const unsure = Math.max(sure, end - endKey + roundedWith(endKey)[0]);
      yield* singleImages(layout, first, sure);
      if (sure < unsure) yield { row: order.at(sure), images: unsure - sure };
      yield* singleImages(layout, unsure, end);
    }
    first = end;
  }
}

/**
 * Images that speak for themselves only.
 *
 * @param layout The dataset's.
 * @param first The place of the first one in the reading order.
 * @param end The place after the last one.
 */
export function* singleImages(
  { order }: Layout,
  first: number = 0,
  end: number = order.length,
): Generator<TellingImage> {
  for (let place = first; place < end; place++) yield { row: order.at(place), images: 1 };
}

/** The keys that float32 makes the same number of as a key, from the first to the last. */
function roundedWith(key: number): [first: number, last: number] {
  return keysRoundedTo(Math.fround(key));
}

/** The first place in the reading order whose number is at least another; the end of the order if there is none. */
function placeFrom({ numbers }: Layout, number: number): number {
  if (numbers === undefined) return number;
  const run = lastAtMost(numbers.count, number, (run) => numbers.starts[run]);
  if (run < 0) return 0;
  return numbers.positions[run] + Math.min(number - numbers.starts[run], numbers.lengthOf(run));
}

/** Takes labels. */
export interface LabelVisitor {
  /** Takes a label as it is given, and the image that has it. */
  told(label: number, image: TellingImage): void;
  /** Takes why an image cannot be read, or has no label. Without this the first one ends the reading. */
  lost?(problem: RecordProblem, image: TellingImage): void;
}

/**
 * Reads the labels of some images and nothing else of them: a few bytes each, so it is for images far apart.
 *
 * @param dataset Their dataset.
 * @param images The images.
 * @param visitor Takes the labels, in the order of the images.
 * @param onStep Called after each read; it may wait.
 * @throws {UnrecError} At the first one that cannot be read, unless the visitor takes lost ones.
 */
export async function readToldLabels(
  dataset: Dataset,
  images: Iterable<TellingImage>,
  visitor: LabelVisitor,
  onStep?: () => void | Promise<void>,
): Promise<void> {
  const { labelList, index } = dataset;
  if (labelList === undefined) {
    return await dataset.read((cursor) => readEach(cursor, index, images, visitor), WHOLE_CHUNK_BYTES, onStep);
  }
  for (const image of images) visitor.told(labelList.labelOfRow(image.row)!, image);
}

/** Room for one of the few records that are read as a whole; it grows for a larger one. */
const WHOLE_CHUNK_BYTES = 16 * 2 ** 10;

function* readEach(
  cursor: Cursor,
  { offsets }: DatasetIndex,
  images: Iterable<TellingImage>,
  visitor: LabelVisitor,
): Reading<void> {
  const { size } = cursor.file;
  const request = { offset: 0, into: new Uint8Array(LABEL_HEAD_BYTES) };
  const head = new DataView(request.into.buffer);
  for (const image of images) {
    request.offset = offsets[image.row];
    const left = size - request.offset;
    const read = left < LABEL_HEAD_BYTES ? 0 : yield request;
    const label = read === LABEL_HEAD_BYTES ? plainLabel(head, left) : undefined;
    if (label === undefined) yield* readWhole(cursor, request.offset, image, visitor);
    else visitor.told(label, image);
  }
}

/** Reads all of a record that is not like others. */
function* readWhole(cursor: Cursor, offset: number, image: TellingImage, visitor: LabelVisitor): Reading<void> {
  const task = { start: offset, end: offset, offsets: Uint32Array.of(0), numbers: { first: 0 }, keys: { first: 0 } };
  const lost = visitor.lost && ((problem: RecordProblem) => visitor.lost!(problem, image));
  yield* readTask(cursor, task, {
    record(view) {
      const problem = labelProblem(view);
      if (problem === undefined) visitor.told(view.headerLabel, image);
      else if (lost === undefined) throw new RecordError(problem);
      else lost(problem);
    },
    lost,
  });
}
