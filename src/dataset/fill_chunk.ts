import { systemReason, UnrecError } from "../errors.ts";
import type { RecordScanner } from "../recordio/types.ts";
import type { RecordFile } from "./read_records.ts";

/**
 * Reads on into a scanner's chunk: up to byte `end` of the file or, when that is reached, as far as the chunk goes.
 *
 * @param source The file; it must stand at byte `chunkOffset + filled`.
 * @param scanner Its chunk is filled.
 * @param chunkOffset Byte of the file that the chunk begins with.
 * @param filled Bytes of the chunk that are read already.
 * @param end Byte of the file up to which to read ahead.
 * @returns How many bytes were read.
 * @throws {UnrecError} If the file cannot be read.
 */
export function fillChunk(
  source: RecordFile,
  scanner: RecordScanner,
  chunkOffset: number,
  filled: number,
  end: number,
): number {
  const { chunk } = scanner;
  const position = chunkOffset + filled;
  const ahead = position < end ? end - position : chunk.length;
  const room = Math.min(chunk.length - filled, ahead, source.bytes - position);
  let read = 0;
  while (read < room) {
    let n: number | null;
    try {
      n = source.file.readSync(chunk.subarray(filled + read, filled + room));
    } catch (error) {
      throw new UnrecError(`Cannot read ${source.path} at byte ${position + read}: ${systemReason(error)}`);
    }
    if (n === null) {
      throw new UnrecError(`Cannot read ${source.path} at byte ${position + read}: the file became shorter meanwhile`);
    }
    read += n;
  }
  return read;
}
