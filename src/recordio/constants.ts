/**
 * The numbers of the RecordIO format.
 *
 * Sources: `include/dmlc/recordio.h` and `src/recordio.cc` of dmlc/dmlc-core for frames, `python/mxnet/recordio.py` and
 * `src/io/image_recordio.h` of apache/mxnet for image records.
 */

/** The little-endian word that every frame begins with (`kMagic`). */
export const MAGIC = 0xced7230a;

/** Bytes in front of a frame's payload: the magic word and `lrec`. */
export const FRAME_HEADER_BYTES = 8;

/** `lrec` holds `cflag` above this many bits of payload length. */
export const LENGTH_BITS = 29;

/** The greatest length of a payload, and of a whole record: 2^29 - 1 bytes. */
export const MAX_RECORD_BYTES = 2 ** LENGTH_BITS - 1;

/** `cflag` of a frame. */
export const CFLAG = {
  /** A whole record. */
  WHOLE: 0,
  /** The first part of a record that was cut where its data held the magic word. */
  FIRST: 1,
  /** A part in between. */
  MIDDLE: 2,
  /** The last part. */
  LAST: 3,
} as const;

/** Bytes of an IRHeader: u32 flag, f32 label, u64 id, u64 id2. Labels and image bytes follow. */
export const IR_HEADER_BYTES = 24;

/** The greatest whole number up to which a float32, and so a label, holds every one. */
export const MOST_EXACT_LABEL = 2 ** 24;

/**
 * Bytes that a frame takes in the file.
 *
 * @param length Bytes of its payload.
 * @returns Frame header, payload, and zero padding to a multiple of 4.
 */
export function frameBytes(length: number): number {
  return FRAME_HEADER_BYTES + ((length + 3) & ~3);
}
