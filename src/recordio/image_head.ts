/**
 * What encoded images say of themselves before their data.
 *
 * Sources: ITU-T T.81 (JPEG), B.1.1.3 and B.2.2; the PNG specification, 11.2.1 (IHDR); the GIF89a specification, 18;
 * RFC 9649 (WebP), 2.5 to 2.7, and RFC 6386, 9.1; Microsoft's `BITMAPINFOHEADER` and `BITMAPCOREHEADER`.
 *
 * @module
 */

import type { PayloadName } from "./payload_kind.ts";

/** The size of an image. */
export interface PixelSize {
  /** Pixels in a line. */
  width: number;
  /** Lines. */
  height: number;
}

/** What an image says of itself. */
export interface ImageHead extends PixelSize {
  /** Whether it is a JPEG of four components: cyan, magenta, yellow and black. */
  isCmyk: boolean;
}

/** Markers of JPEG segments. Those of a frame are 0xc0 to 0xcf, but for the three that define tables. */
const MARKER = { FIRST_FRAME: 0xc0, LAST_FRAME: 0xcf, TABLES: [0xc4, 0xc8, 0xcc], SCAN: 0xda };

/**
 * Reads the head of a JPEG.
 *
 * @param bytes The image.
 * @returns What it says; undefined if its data begin, or it ends, before it says so.
 */
export function jpegHead(bytes: Uint8Array): ImageHead | undefined {
  const word = (at: number) => bytes[at] << 8 | bytes[at + 1];
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      // A marker may have such bytes before it.
      at++;
    } else if (marker === MARKER.SCAN) {
      return undefined;
    } else if (marker >= MARKER.FIRST_FRAME && marker <= MARKER.LAST_FRAME && !MARKER.TABLES.includes(marker)) {
      return { height: word(at + 5), width: word(at + 7), isCmyk: bytes[at + 9] === 4 };
    } else {
      at += 2 + word(at + 2);
    }
  }
  return undefined;
}

/**
 * Reads the head of a PNG.
 *
 * @param bytes The image.
 * @returns What it says; undefined if it ends before it says so.
 */
export function pngHead(bytes: Uint8Array): ImageHead | undefined {
  if (bytes.length < 24) return undefined;
  const view = viewOf(bytes);
  return { width: view.getUint32(16), height: view.getUint32(20), isCmyk: false };
}

/**
 * Reads the size of an image of any kind.
 *
 * @param kind What it is, as its first bytes tell.
 * @param bytes The image.
 * @returns undefined if it ends before it says so, or is of a kind that is not looked into: TIFF, .npy, unknown.
 */
export function pixelSize(kind: PayloadName, bytes: Uint8Array): PixelSize | undefined {
  return SIZES[kind]?.(bytes);
}

const SIZES: { [Kind in PayloadName]?: (bytes: Uint8Array) => PixelSize | undefined } = {
  jpeg: jpegHead,
  png: pngHead,
  gif: gifSize,
  bmp: bmpSize,
  webp: webpSize,
};

function gifSize(bytes: Uint8Array): PixelSize | undefined {
  if (bytes.length < 10) return undefined;
  const view = viewOf(bytes);
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** The bytes of a `BITMAPCOREHEADER`. It has two bytes for each side, and all later ones have four. */
const BMP_CORE_HEADER = 12;

function bmpSize(bytes: Uint8Array): PixelSize | undefined {
  if (bytes.length < 26) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(14, true) === BMP_CORE_HEADER) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  }
  // A height below 0 says that the lines go from top to bottom.
  return { width: view.getUint32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

function webpSize(bytes: Uint8Array): PixelSize | undefined {
  if (bytes.length < 30) return undefined;
  const view = viewOf(bytes);
  switch (String.fromCharCode(...bytes.subarray(12, 16))) {
    case "VP8 ":
      // The two bits above say how to scale it.
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + (bits >>> 14 & 0x3fff) };
    }
    case "VP8X":
      return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) };
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
