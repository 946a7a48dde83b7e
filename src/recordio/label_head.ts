import {
  CFLAG,
  FRAME_HEADER_BYTES,
  IR_HEADER_BYTES,
  LENGTH_BITS,
  MAGIC,
  MAX_RECORD_BYTES,
  MOST_EXACT_LABEL,
} from "./constants.ts";

/** Bytes at the beginning of a record that tell its label: frame header, IRHeader, first number of a label vector. */
export const LABEL_HEAD_BYTES = FRAME_HEADER_BYTES + IR_HEADER_BYTES + 4;

/**
 * Reads the label of a record from its first bytes, where all is as in nearly every record: a whole frame within the
 * file, and a label that is a whole number from 0 to 2^24.
 *
 * @param head The first {@linkcode LABEL_HEAD_BYTES} of the record.
 * @param mostBytes How many bytes the file has from there on.
 * @returns The label; undefined where the whole record has to be looked at.
 */
export function plainLabel(head: DataView, mostBytes: number): number | undefined {
  if (head.getUint32(0, true) !== MAGIC) return undefined;
  const lrec = head.getUint32(4, true);
  const length = lrec & MAX_RECORD_BYTES;
  if (lrec >>> LENGTH_BITS !== CFLAG.WHOLE || FRAME_HEADER_BYTES + length > mostBytes) return undefined;
  const flag = head.getUint32(FRAME_HEADER_BYTES, true);
  if (IR_HEADER_BYTES + 4 * flag > length) return undefined;
  const label = head.getFloat32(flag === 0 ? FRAME_HEADER_BYTES + 4 : FRAME_HEADER_BYTES + IR_HEADER_BYTES, true);
  return label >= 0 && label <= MOST_EXACT_LABEL && label % 1 === 0 ? label : undefined;
}
