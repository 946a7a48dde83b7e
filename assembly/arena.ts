/**
 * The map of linear memory.
 *
 * The module has no allocator: the host hands out regions, one a scanner, and passes their addresses with every call.
 * The first 64 KiB are left to constants; regions begin after them. A region of a record scanner:
 *
 *     result   64 bytes             what a scan says of itself (below)
 *     table    capacity * 32 bytes  a row a record (below)
 *     chunk    the bytes of the file, read here by the host
 *     slack    64 bytes             so that words may be loaded near the chunk's last byte
 *
 * A region of an index scanner is the same with two columns in place of the table: keys (u32) and offsets (f64).
 * Positions in results and tables count from the chunk's first byte, not from address 0: both engines of the project
 * then give the same numbers.
 */

/** Result words (u32) of `scanRecords`. */
export const RESULT_COUNT: usize = 0;
export const RESULT_NEXT: usize = 4;
export const RESULT_NEEDED: usize = 8;
export const RESULT_POSITION: usize = 12;
export const RESULT_VALUE: usize = 16;

/** Result words (u32) of `scanIndex`, after count and next. */
export const RESULT_CONSECUTIVE: usize = 8;
export const RESULT_RISING: usize = 12;

/** Bytes of one row of the record table. */
export const ROW_BYTES: u32 = 32;

/** Fields of a row: where the record's first frame begins. */
export const ROW_FRAME: usize = 0;
/** Where the image bytes begin, after header and label vector. */
export const ROW_IMAGE: usize = 4;
/** How many image bytes there are. */
export const ROW_LENGTH: usize = 8;
/** IRHeader.flag: 0 for a scalar label, else the number of labels. */
export const ROW_FLAG: usize = 12;
/** The class as float32: the scalar label, or the vector's first entry. */
export const ROW_LABEL: usize = 16;
/** How many frames the record was stored in; 1 unless it is multi-part. */
export const ROW_PARTS: usize = 20;
/** IRHeader.id, 64 bits. */
export const ROW_ID: usize = 24;
