/**
 * What stands in a record after its labels: usually a JPEG, but nothing in the format says so. Its first bytes tell.
 *
 * Sources: ITU-T T.81 (JPEG), the PNG, GIF89a, WebP (RIFF container) and TIFF 6.0 specifications, Microsoft's
 * `BITMAPFILEHEADER`, and `numpy/lib/format.py` (`.npy`).
 *
 * @module
 */

/** The names of the kinds. `npy` is an array that NumPy saved; `raw` is what begins as none of the others. */
export type PayloadName = "jpeg" | "png" | "gif" | "webp" | "bmp" | "tiff" | "npy" | "raw" | "empty";

/** A kind of payload. */
export interface PayloadKind {
  /** Its name. */
  readonly name: PayloadName;
  /** What names of its files end in, without the dot. */
  readonly extension: string;
  /** What it begins with, one or the other; {@linkcode ANY} stands for any byte. None for what is told otherwise. */
  readonly begins: readonly (readonly number[])[];
  /** What it ends with, where that is looked at. */
  readonly end?: readonly number[];
}

const ANY = -1;

/** All kinds: the commonest first, and last what has no bytes to tell it by. */
export const PAYLOAD_KINDS: Readonly<Record<PayloadName, PayloadKind>> = {
  jpeg: { name: "jpeg", extension: "jpg", begins: [[0xff, 0xd8, 0xff]], end: [0xff, 0xd9] },
  png: {
    name: "png",
    extension: "png",
    begins: [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
    end: [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82],
  },
  gif: { name: "gif", extension: "gif", begins: [ascii("GIF87a"), ascii("GIF89a")] },
  webp: {
    name: "webp",
    extension: "webp",
    begins: [[...ascii("RIFF"), ANY, ANY, ANY, ANY, ...ascii("WEBP")]],
  },
  // Two letters alone would be met in every 65,536th payload of any kind; after the size come two reserved zeros.
  bmp: { name: "bmp", extension: "bmp", begins: [[...ascii("BM"), ANY, ANY, ANY, ANY, 0, 0, 0, 0]] },
  tiff: {
    name: "tiff",
    extension: "tif",
    begins: [[...ascii("II"), 42, 0], [...ascii("MM"), 0, 42], [...ascii("II"), 43, 0], [...ascii("MM"), 0, 43]],
  },
  npy: { name: "npy", extension: "npy", begins: [[0x93, ...ascii("NUMPY")]] },
  raw: { name: "raw", extension: "bin", begins: [] },
  empty: { name: "empty", extension: "bin", begins: [] },
};

const KINDS = Object.values(PAYLOAD_KINDS);

/**
 * Whether a payload is a JPEG, told without the table: nearly all are.
 *
 * @param bytes What holds it.
 * @param start Where it begins.
 * @param length How many bytes it has.
 */
export function isJpeg(bytes: Uint8Array, start: number, length: number): boolean {
  return bytes[start] === 0xff && bytes[start + 1] === 0xd8 && bytes[start + 2] === 0xff && length > 2;
}

/**
 * Tells the kind of a payload from its first bytes.
 *
 * @param bytes What holds it.
 * @param start Where it begins.
 * @param end The byte after its last one.
 */
export function payloadKind(bytes: Uint8Array, start = 0, end = bytes.length): PayloadKind {
  if (isJpeg(bytes, start, end - start)) return PAYLOAD_KINDS.jpeg;
  for (const kind of KINDS) {
    for (const begin of kind.begins) if (stands(begin, bytes, start, end)) return kind;
  }
  return start < end ? PAYLOAD_KINDS.raw : PAYLOAD_KINDS.empty;
}

/** Bytes at either end that tell whether an image is whole. */
export const IMAGE_END_BYTES = 8;

/**
 * How a payload ends: `whole`; `trailing`, with more bytes after its end; `cut`, before its end; `unknown`, if it is of a
 * kind whose end is not looked at.
 */
export type PayloadEnding = "whole" | "trailing" | "cut" | "unknown";

/**
 * Tells how a payload ends. Only where it does not end as its kind does is there more to look at than both its ends.
 *
 * @param bytes What holds it.
 * @param start Where it begins.
 * @param end The byte after its last one.
 */
export function payloadEnding(bytes: Uint8Array, start = 0, end = bytes.length): PayloadEnding {
  const kind = payloadKind(bytes, start, end);
  if (kind.end === undefined) return "unknown";
  if (stands(kind.end, bytes, Math.max(start, end - kind.end.length), end)) return "whole";
  const image = bytes.subarray(start, end);
  const isEnded = kind.name === "jpeg" ? hasJpegEnd(image) : hasPngEnd(image, kind.end);
  return isEnded ? "trailing" : "cut";
}

/** Markers of a JPEG (T.81, table B.1). Those below the first segment's, and from RST0 to SOI, have no length after them. */
const MARKER = { FIRST_SEGMENT: 0xc0, RST0: 0xd0, SOI: 0xd8, EOI: 0xd9, FILL: 0xff };

/**
 * Whether a JPEG has an end-of-image marker. It is searched for marker by marker: the same two bytes may stand in the
 * segments between, in a preview picture for example, and there they end nothing.
 */
function hasJpegEnd(image: Uint8Array): boolean {
  let at = 0;
  for (;;) {
    // Compressed data, which follow some segments, have a zero after each such byte that is no marker's.
    at = image.indexOf(MARKER.FILL, at);
    if (at < 0 || at + 1 >= image.length) return false;
    const marker = image[at + 1];
    if (marker === MARKER.EOI) return true;
    const isAlone = marker < MARKER.FIRST_SEGMENT || marker >= MARKER.RST0 && marker <= MARKER.SOI;
    if (marker === MARKER.FILL) at++;
    else if (isAlone) at += 2;
    else at += 2 + Math.max(2, image[at + 2] << 8 | image[at + 3]);
  }
}

function hasPngEnd(image: Uint8Array, end: readonly number[]): boolean {
  for (let at = image.indexOf(end[0]); at >= 0; at = image.indexOf(end[0], at + 1)) {
    if (stands(end, image, at, image.length)) return true;
  }
  return false;
}

function stands(wanted: readonly number[], bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (bytes[start + i] !== wanted[i] && wanted[i] !== ANY) return false;
  }
  return true;
}

function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
