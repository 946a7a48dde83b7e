/**
 * What encoded images say of themselves before their data.
 *
 * Sources: ITU-T T.81 (JPEG), B.1.1.3 and B.2.2; the PNG specification, 11.2.1 (IHDR).
 *
 * @module
 */

/** What an image says of itself. */
export interface ImageHead {
  /** Pixels in a line. */
  width: number;
  /** Lines. */
  height: number;
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
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20), isCmyk: false };
}
