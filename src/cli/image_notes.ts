import { IMAGE_KINDS, type ImageKind, type KindCounts, type PayloadCounts } from "../dataset/image_kinds.ts";
import { PAYLOAD_KINDS, type PayloadName } from "../recordio/payload_kind.ts";
import { counted, grouped } from "./numbers.ts";

/** What is odd about images of a dataset, though they can be read: as JSON has it. */
export interface ImageNote {
  /** Where they are. */
  path: string;
  /** What they are. */
  kind: OddKind;
  /** How many. */
  images: number;
  /** The key of the first one; null if it is not known. */
  firstKey: number | null;
  /** Byte of the record file where that one begins. */
  firstByte: number;
  /** The same in a sentence. */
  text: string;
}

/** All kinds but what everybody expects. */
type OddKind = Exclude<ImageKind, "jpeg">;

/** What is said of images of a kind, after how many there are, and with what makes the first one so. */
const PHRASES: { [Kind in OddKind]: (value: number) => string } = {
  "png": () => "stored as PNG",
  "gif": () => "stored as GIF",
  "webp": () => "stored as WebP",
  "bmp": () => "stored as BMP",
  "tiff": () => "stored as TIFF",
  "npy": () => "stored as NumPy arrays (.npy)",
  "raw": () => "beginning as no known kind of image does",
  "empty": () => "without any bytes, and so an empty file",
  "trailing-bytes": () => "with more bytes after their end",
  "fraction-label": (label) =>
    `with a label that is no whole number (${shortest(label)} in the first), whose fraction is cut off`,
  "negative-label": (label) => `with a label below 0 (${label} in the first)`,
  "large-label": (label) =>
    `with a label above 16,777,216 (${label} in the first), where a float32 does not hold every whole number, so ` +
    "people may share one",
  "several-labels": (labels) =>
    `with labels of several numbers (${labels} in the first), of which the first is taken for the class`,
  "detection-labels": () => "with detection labels [header width, object width, ...], whose first number is no class",
  "mixed-labels": (identity) =>
    "with another label than the image before, though the same identity record names both " +
    `(identity record ${identity} at the first one)`,
};

/** What people call the kinds of payloads in a table. */
export const TITLES: Record<PayloadName, string> = {
  jpeg: "JPEG",
  png: "PNG",
  gif: "GIF",
  webp: "WebP",
  bmp: "BMP",
  tiff: "TIFF",
  npy: ".npy",
  raw: "unknown",
  empty: "empty",
};

/**
 * What is odd about the images of a dataset, though they can be read.
 *
 * @param path Its name.
 * @param counts Its images by kind.
 * @param told Kinds of which something else is said already.
 * @returns A note for each kind that there is.
 */
export function imageNotes(path: string, counts: KindCounts, told: readonly ImageKind[] = []): ImageNote[] {
  const notes: ImageNote[] = [];
  for (const kind of IMAGE_KINDS) {
    const count = counts[kind];
    if (count === undefined || kind === "jpeg" || told.includes(kind)) continue;
    const { images, first, value } = count;
    const where = first.key === undefined ? `the first one at byte ${first.offset}` : `first key ${first.key}`;
    const text = `${path} has ${counted(images, "image")} ${PHRASES[kind](value)}; ${where}`;
    notes.push({ path, kind, images, firstKey: first.key ?? null, firstByte: first.offset, text });
  }
  return notes;
}

/**
 * How many images have which kind of payload, as a row of a summary.
 *
 * @param payloads How many of each kind.
 * @returns The row; none if all are JPEG.
 */
export function payloadRows(payloads: PayloadCounts): [string, string][] {
  const kinds = Object.values(PAYLOAD_KINDS).map(({ name }) => name).filter((name) => payloads[name] !== undefined);
  if (kinds.every((name) => name === "jpeg")) return [];
  return [["payloads", kinds.map((name) => `${grouped(payloads[name]!)} ${TITLES[name]}`).join(", ")]];
}

/** A float32 in the fewest digits that tell it from its neighbours. */
function shortest(label: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(label.toPrecision(digits));
    if (Math.fround(rounded) === label) return rounded;
  }
  return label;
}
