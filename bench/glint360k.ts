/** The size of Glint360K, and the places of its records made up at random. */
import { seededRandom } from "../tests/write_dataset.ts";

/** Images: the keys 1 to this number. */
export const IMAGES = 17_091_657;
/** Identity records: the keys after those of the images. */
export const IDENTITY_RECORDS = 416_042;
/** Lines of `train.idx`: record 0, the images, the identity records. */
export const INDEX_LINES = 1 + IMAGES + IDENTITY_RECORDS;
/** Bytes of record 0 and of an identity record: two words of frame header, an IRHeader, two labels. */
export const IDENTITY_RECORD_BYTES = 40;

/**
 * Where the records of a dataset of this size begin, in the order of the keys: images of about 8,000 bytes (the real
 * ones have 8,400 on average), so that offsets reach 137e9 and have up to 12 digits.
 *
 * @returns The offset of each key's record, and last the size of the file.
 */
export function recordOffsets(): Float64Array<ArrayBuffer> {
  const random = seededRandom(360);
  const offsets = new Float64Array(INDEX_LINES + 1);
  for (let key = 0; key < INDEX_LINES; key++) {
    const isImage = key > 0 && key <= IMAGES;
    const bytes = isImage ? 4 * Math.floor(1000 + 2001 * random()) : IDENTITY_RECORD_BYTES;
    offsets[key + 1] = offsets[key] + bytes;
  }
  return offsets;
}
