import type { Reading } from "../bytes/reading.ts";
import { FIRST_ROUNDED, LAST_KEY } from "../recordio/float32_keys.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { Runs } from "./runs.ts";

/** What of a record tells the layout. */
export interface RecordHeader {
  /** IRHeader.flag: 0 for a scalar label, else the number of labels. */
  flag: number;
  /** Bytes of its image. */
  imageBytes: number;
  /** Its first two labels as whole numbers, cut as Python's `int` does; NaN if it has fewer. */
  range: KeyRange;
}

/** Keys that follow each other: the first one, and the one after the last. */
export type KeyRange = [first: number, end: number];

/**
 * Reads the headers of some rows, and shows each with its place among them. Those that cannot be read are an error, or
 * left out where that is asked for.
 */
export type HeaderReader = (
  rows: Runs,
  visit: (header: RecordHeader, place: number) => void,
  onError: OnError,
) => Reading<void>;

/**
 * Reads the header of one record.
 *
 * @param read Reads headers.
 * @param row The record's row in the index.
 * @param onError Whether it is an error if it cannot be read.
 * @returns undefined if it could not be.
 */
export function* readHeader(read: HeaderReader, row: number, onError: OnError): Reading<RecordHeader | undefined> {
  const rows = new Runs();
  rows.append(row, 1);
  let header: RecordHeader | undefined;
  yield* read(rows, (found) => header = found, onError);
  return header;
}

/** What to do about records that cannot be read: end with an error, or leave them out and say so. */
export type OnError = "stop" | "skip";

/**
 * What of a record tells the layout.
 *
 * @param view The record.
 */
export function headerOf(view: RecordView): RecordHeader {
  const { flag, length: imageBytes } = view;
  // An array of both labels would take longer than all else that is done with an identity record.
  const range: KeyRange = flag < 2 ? [NaN, NaN] : [Math.trunc(view.labelAt(0)), Math.trunc(view.labelAt(1))];
  return { flag, imageBytes, range };
}

/**
 * Whether a record that nothing names is an identity record or record 0: it has no bytes, and its two labels are a range
 * of keys. Those of an image that lost its bytes are a class and what a writer put after it, mostly 0 or 1.
 *
 * @param header Of the record.
 */
export function looksLikeRange({ flag, imageBytes, range: [from, to] }: RecordHeader): boolean {
  if (flag !== 2 || imageBytes > 0 || !(from >= 1 && to <= LAST_KEY + 1)) return false;
  // Two keys that are rounded can be the same number, and there is a key between them.
  return from < to || from === to && from >= FIRST_ROUNDED;
}
