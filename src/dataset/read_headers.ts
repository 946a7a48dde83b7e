import { IR_HEADER_BYTES } from "../recordio/constants.ts";
import { type RecordScanner, ROW } from "../recordio/types.ts";
import { cutTasks } from "./cut_tasks.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import type { OnError, RecordHeader } from "./layout.ts";
import { readRecords, type RecordFile } from "./read_records.ts";
import type { Runs } from "./runs.ts";

/**
 * Reads the headers of records from a file.
 *
 * @param source The record file.
 * @param index Its index.
 * @param scanner To read with.
 * @param rows Which records.
 * @param visit Called for each, in the order of the file, with its place among `rows`.
 * @param onError Whether a record that cannot be read is an error, or left out.
 * @throws {RecordError} If a record cannot be read.
 */
export function readHeaders(
  source: RecordFile,
  index: DatasetIndex,
  scanner: RecordScanner,
  rows: Runs,
  visit: (header: RecordHeader, place: number) => void,
  onError: OnError,
): void {
  const tasks = cutTasks(index, rows, {
    fileBytes: source.bytes,
    // An identity record has 40 bytes; a record 0 that turns out to be an image need not be read with all around it.
    taskBytes: rows.length === 1 ? IR_HEADER_BYTES : scanner.chunk.length,
    maxGap: scanner.chunk.length,
    firstOrdinal: 0,
  });
  for (const task of tasks) {
    const found = (_: RecordScanner, row: number, place: number) => visit(headerAt(scanner, row), place);
    for (const _ of readRecords(source, task, scanner, found, onError === "skip" ? () => {} : undefined));
  }
}

/**
 * The header of a record in the scanner's table.
 *
 * @param scanner After a scan.
 * @param row The word of the table where the record's row begins.
 */
export function headerAt({ table, chunk }: RecordScanner, row: number): RecordHeader {
  const flag = table[row + ROW.FLAG];
  const header: RecordHeader = { flag, imageBytes: table[row + ROW.LENGTH], range: [NaN, NaN] };
  if (flag >= 2) {
    // The label vector stands in front of the image. It need not be aligned, so a DataView reads it.
    const labels = new DataView(chunk.buffer, chunk.byteOffset + table[row + ROW.IMAGE] - flag * 4, 8);
    header.range = [Math.trunc(labels.getFloat32(0, true)), Math.trunc(labels.getFloat32(4, true))];
  }
  return header;
}
