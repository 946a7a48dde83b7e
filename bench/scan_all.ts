import { type RecordScanner, SCAN, type ScanStatus } from "../src/recordio/types.ts";

/**
 * Scans the front of a scanner's chunk, a table after the other.
 *
 * @param scanner Its chunk is filled.
 * @param bytes Up to where.
 * @returns How many records there are.
 * @throws {Error} If there is anything else than whole records.
 */
export function scanAll(scanner: RecordScanner, bytes: number): number {
  let records = 0;
  let from = 0;
  let status: ScanStatus;
  do {
    status = scanner.scan(from, bytes);
    records += scanner.count;
    from = scanner.next;
  } while (status === SCAN.TABLE_FULL);
  if (status !== SCAN.DONE) throw new Error(`the scan ended with ${status} at byte ${from}`);
  return records;
}
