/** What a record scan ended with. The numbers are those of `assembly/status.ts`. */
export const SCAN = {
  /** Every byte given was used. */
  DONE: 0,
  /** The table is full; scan again from `next`. */
  TABLE_FULL: 1,
  /** The record at `next` needs at least `needed` bytes, counted from there. */
  INCOMPLETE: 2,
  /** `value` stands at `position`, where a frame's magic word belongs. */
  BAD_MAGIC: 3,
  /** The frame at `next` is the middle or the end of a record (`value`: its cflag). */
  UNEXPECTED_PART: 4,
  /** The frame at `position` begins another record (`value`: its cflag) where a further part belongs. */
  UNFINISHED_RECORD: 5,
  /** The record at `next` has `value` bytes, fewer than an image header. */
  HEADER_TOO_SHORT: 6,
  /** The record at `next` announces `value` labels, more than it has room for. */
  LABELS_TOO_LONG: 7,
  /** The parts of the record at `next` add up to 2^29 bytes or more (`value`: bytes so far). */
  RECORD_TOO_LONG: 8,
} as const;

/** One of {@linkcode SCAN}. */
export type ScanStatus = typeof SCAN[keyof typeof SCAN];

/** What an index scan ended with. The numbers are those of `assembly/status.ts`. */
export const INDEX_SCAN = {
  /** Every whole line given was used. */
  DONE: 0,
  /** The columns are full; scan again from `next`. */
  TABLE_FULL: 1,
  /** The line at `next` is no `key TAB offset`. */
  NOT_AN_INDEX_LINE: 3,
  /** The key in the line at `next` does not fit 32 bits. */
  KEY_TOO_LARGE: 4,
  /** The offset in the line at `next` is above 2^53 - 1. */
  OFFSET_TOO_LARGE: 5,
} as const;

/** One of {@linkcode INDEX_SCAN}. */
export type IndexScanStatus = typeof INDEX_SCAN[keyof typeof INDEX_SCAN];

/** u32 words of one row in {@linkcode RecordScanner.table}. */
export const ROW_WORDS = 8;

/**
 * Fields of a row in {@linkcode RecordScanner.table}, as words from its start. Positions count from the first byte of
 * the scanner's chunk.
 */
export const ROW = {
  /** Where the record's first frame begins. */
  FRAME: 0,
  /** Where the image bytes begin, after header and label vector. */
  IMAGE: 1,
  /** How many image bytes there are. */
  LENGTH: 2,
  /** IRHeader.flag: 0 for a scalar label, else the number of labels. */
  FLAG: 3,
  /** The class as the bits of a float32: the scalar label, or the vector's first entry. */
  LABEL: 4,
  /** How many frames the record was stored in; 1 unless it is multi-part. */
  PARTS: 5,
  /** IRHeader.id, low word; the high word follows. */
  ID: 6,
} as const;

/**
 * Finds records in a chunk of a RecordIO file. The chunk is the scanner's own memory: read the file into
 * {@linkcode chunk}, call {@linkcode scan}, view the records there. The typed arrays are fetched anew after each call:
 * memory that grew has moved.
 */
export interface RecordScanner {
  /** The bytes to scan. Scanning writes to it: multi-part records are joined in place. */
  readonly chunk: Uint8Array<ArrayBuffer>;
  /** The records of the last scan, {@linkcode ROW_WORDS} words each. */
  readonly table: Uint32Array<ArrayBuffer>;
  /** The same memory as {@linkcode table}, for the float32 labels in it. */
  readonly labels: Float32Array<ArrayBuffer>;
  /** How many records the last scan found. */
  readonly count: number;
  /** Where in the chunk the last scan stopped: after its last record. */
  readonly next: number;
  /** With `SCAN.INCOMPLETE`: bytes, counted from {@linkcode next}, without which the record cannot be read. */
  readonly needed: number;
  /** Where in the chunk the problem lies, with the statuses that say so. */
  readonly position: number;
  /** What stands there, with the statuses that say so. */
  readonly value: number;
  /** Makes the chunk at least this many bytes large. What it holds stays. */
  reserve(bytes: number): void;
  /** Finds the records in the chunk's bytes `from` (inclusive) to `to` (exclusive). */
  scan(from: number, to: number): ScanStatus;
  /** The first magic word in the chunk at a multiple of 4 in `from` to `to`; `to` if there is none. */
  findMagic(from: number, to: number): number;
  /** Gives the memory back. The scanner must not be used after it. */
  close(): void;
}

/** Reads the lines of a `train.idx` chunk into two columns. */
export interface IndexScanner {
  /** The text to scan: read the file into it. */
  readonly chunk: Uint8Array<ArrayBuffer>;
  /** Keys of the last scan's lines; the first {@linkcode count} entries hold. */
  readonly keys: Uint32Array<ArrayBuffer>;
  /** Byte offsets of the last scan's lines, exact integers up to 2^53 - 1. */
  readonly offsets: Float64Array<ArrayBuffer>;
  /** How many lines the last scan read. */
  readonly count: number;
  /** Where in the chunk the last scan stopped: after its last line. */
  readonly next: number;
  /** Whether each key of the last scan is the one before it plus 1. */
  readonly consecutive: boolean;
  /** Whether each offset of the last scan is above the one before it. */
  readonly rising: boolean;
  /** Reads the whole lines in the chunk's bytes `from` to `to`; a line without its line feed is left for later. */
  scan(from: number, to: number): IndexScanStatus;
  /** Gives the memory back. The scanner must not be used after it. */
  close(): void;
}

/** A set of scanners: `wasm` or its yardstick in TypeScript. */
export interface Engine {
  /**
   * Makes a record scanner with room for a chunk of this many bytes (default 8 MiB).
   *
   * @ignore
   */
  createRecordScanner(chunkBytes?: number): RecordScanner;
  /**
   * Makes an index scanner with room for a chunk of this many bytes (default 1 MiB).
   *
   * @ignore
   */
  createIndexScanner(chunkBytes?: number): IndexScanner;
}

/** The name of an {@linkcode Engine}. */
export type EngineName = "wasm" | "ts";

/** Default bytes of a record scanner's chunk: large sequential reads, small enough to stay in a second-level cache's reach. */
export const RECORD_CHUNK_BYTES = 8 * 2 ** 20;

/** Default bytes of an index scanner's chunk. */
export const INDEX_CHUNK_BYTES = 2 ** 20;

/** Bytes after a chunk that a scanner may read: words and the shape of a line are tried before they are checked. */
export const SLACK_BYTES = 64;

/** Rows in a record scanner's table. */
export const TABLE_ROWS = 2 ** 15;

/** Rows in an index scanner's columns. */
export const INDEX_ROWS = 2 ** 16;

/** A line of two 16-digit numbers is shorter; a longer run without a line feed is no line. */
export const LONGEST_INDEX_LINE = 64;
