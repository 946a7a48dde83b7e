import { UnrecError } from "../errors.ts";
import type { RecordScanner } from "../recordio/types.ts";

/**
 * Makes a scanner's chunk large enough for a record.
 *
 * @param scanner Its chunk grows.
 * @param bytes How many it is to have.
 * @throws {UnrecError} If there is no memory for them.
 */
export function makeRoom(scanner: RecordScanner, bytes: number): void {
  try {
    scanner.reserve(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnrecError(`Cannot read a record of ${bytes} bytes: there is no memory for it`);
  }
}
