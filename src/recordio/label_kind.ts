import { MOST_EXACT_LABEL } from "./constants.ts";
import type { RecordProblem } from "./problem.ts";
import type { RecordView } from "./record_view.ts";

/** What can be odd about labels, and still be meant so. */
export const LABEL_KINDS = [
  // No whole number.
  "fraction-label",
  // A whole number below 0.
  "negative-label",
  // A whole number so large that a float32 does not hold all of its neighbours.
  "large-label",
  // A vector of several numbers.
  "several-labels",
  // A vector of boxes, see `shapeKind`.
  "detection-labels",
  // Another label than that of the image before it in the file, though the same identity record names both.
  "mixed-labels",
] as const;

/** One of {@linkcode LABEL_KINDS}. */
export type LabelKind = typeof LABEL_KINDS[number];

/**
 * What is odd about a label as the number of a class.
 *
 * @param label A finite float32.
 * @returns undefined for a whole number from 0 to 2^24.
 */
export function valueKind(label: number): LabelKind | undefined {
  if (!Number.isInteger(label)) return "fraction-label";
  if (label < 0) return "negative-label";
  return label > MOST_EXACT_LABEL ? "large-label" : undefined;
}

/**
 * What is odd about the label vector of a record.
 *
 * Ordinary are a scalar, one number, and a class with a 0 or 1 after it, as images of Glint360K have it. Detection labels
 * are what `im2rec.py --pack-label` writes and `ImageDetIter` reads (`python/mxnet/image/detection.py` of apache/mxnet):
 * `[header width, object width, more of the header..., objects...]`, an object being `[class, left, top, right, bottom,
 * ...]` with lengths relative to the image's.
 *
 * @param view The record.
 */
export function shapeKind(view: RecordView): LabelKind | undefined {
  const { flag } = view;
  if (flag < 2) return undefined;
  if (flag > 2) return isDetection(view) ? "detection-labels" : "several-labels";
  const second = view.labelAt(1);
  return second === 0 || second === 1 ? undefined : "several-labels";
}

function isDetection(view: RecordView): boolean {
  const { flag } = view;
  const header = view.labelAt(0);
  const object = view.labelAt(1);
  const isWhole = Number.isInteger(header) && Number.isInteger(object);
  if (!isWhole || header < 2 || object < 5 || header + object > flag || (flag - header) % object !== 0) return false;
  const [number, left, top, right, bottom] = [0, 1, 2, 3, 4].map((i) => view.labelAt(header + i));
  return Number.isInteger(number) && isWithin(left, right) && isWithin(top, bottom);
}

/** Whether an object lies between two places of an image, which it may stand out of a little. */
function isWithin(from: number, to: number): boolean {
  return -0.5 < from && from <= to && to < 1.5;
}

/**
 * What of a label can only be damage, or names no class.
 *
 * Where the header announces a vector that is not there, image bytes are taken for labels: the label is then no number
 * that a class has, and the image begins where the vector should.
 *
 * @param view The record of an image.
 * @returns undefined if it is well.
 */
export function labelProblem(view: RecordView): RecordProblem | undefined {
  const { headerLabel } = view;
  if (Number.isInteger(headerLabel) && Math.abs(headerLabel) <= MOST_EXACT_LABEL) return undefined;
  const { givenLabel, flag, offset } = view;
  if (flag > 0 && !isImage(view.payload) && isImage(view.vectorAndPayload)) {
    return { kind: "no-label-vector", offset, position: offset, value: flag };
  }
  return Number.isFinite(givenLabel) ? undefined : { kind: "label", offset, position: offset, value: givenLabel };
}

/** Whether bytes are an image for sure. Numbers may begin as BMP does by chance, and those of other kinds do not. */
function isImage({ name }: RecordView["payload"]): boolean {
  return name !== "raw" && name !== "empty" && name !== "bmp";
}
