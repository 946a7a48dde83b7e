/** What a scan ended with; the host's `src/recordio/types.ts` has the same numbers. */

/** Every byte given was used. */
export const DONE: u32 = 0;
/** The table is full; scan again from `next`. */
export const TABLE_FULL: u32 = 1;
/** The record at `next` needs at least `needed` bytes from there. */
export const INCOMPLETE: u32 = 2;
/** `value` stands at `position`, where a frame's magic word belongs. */
export const BAD_MAGIC: u32 = 3;
/** The frame at `next` is the middle or the end of a record (cflag in `value`). */
export const UNEXPECTED_PART: u32 = 4;
/** The frame at `position` begins another record (cflag in `value`) where a further part belongs. */
export const UNFINISHED_RECORD: u32 = 5;
/** The record at `next` has `value` bytes, fewer than an image header. */
export const HEADER_TOO_SHORT: u32 = 6;
/** The record at `next` announces `value` labels, more than it has room for. */
export const LABELS_TOO_LONG: u32 = 7;
/** The parts of the record at `next` add up to 2^29 bytes or more. */
export const RECORD_TOO_LONG: u32 = 8;

/** The line at `next` is no `key TAB offset`. */
export const NOT_AN_INDEX_LINE: u32 = 3;
/** The key in the line at `next` does not fit 32 bits. */
export const KEY_TOO_LARGE: u32 = 4;
/** The offset in the line at `next` is above 2^53 - 1. */
export const OFFSET_TOO_LARGE: u32 = 5;
