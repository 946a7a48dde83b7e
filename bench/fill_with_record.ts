import { encodeFrames } from "../tests/write_dataset.ts";

/**
 * Fills a buffer with as many copies of a record as it has room for.
 *
 * @param buffer What to fill. Bytes after the last record keep what they are.
 * @param payload The record: it is framed, in several parts where it holds an aligned magic word.
 * @returns How many records there are, and the bytes they take.
 */
export function fillWithRecord(
  buffer: Uint8Array<ArrayBuffer>,
  payload: Uint8Array,
): { records: number; bytes: number } {
  const frames = encodeFrames(payload);
  const records = Math.floor(buffer.length / frames.length);
  const bytes = records * frames.length;
  buffer.set(frames);
  for (let filled = frames.length; filled < bytes; filled *= 2) {
    buffer.copyWithin(filled, 0, Math.min(filled, bytes - filled));
  }
  return { records, bytes };
}
