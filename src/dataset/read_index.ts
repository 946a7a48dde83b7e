import type { Reading } from "../bytes/reading.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import { INDEX_SCAN, type IndexScanner, type IndexScanStatus } from "../recordio/types.ts";
import { DatasetIndex } from "./dataset_index.ts";
import { type FileKind, fileKind } from "./file_kind.ts";
import { Runs } from "./runs.ts";
import { remediesFor } from "./wrong_file.ts";

const LF = 0x0a;

/** A byte order mark in UTF-8, which some editors put before a text. */
const BOM = [0xef, 0xbb, 0xbf];

/** What a line may consist of that counts as blank: tab, line feed, carriage return, space. */
const BLANK = [0x09, LF, 0x0d, 0x20];

/** Bytes of memory for a run of keys: twice what it takes, for arrays are doubled, and some for looking keys up. */
const RUN_MEMORY = 24;

/** No index is this long: its offsets alone would take as much memory. */
const MOST_INDEX_BYTES = 2 ** 35;

/**
 * Reads a `train.idx`, from front to back: text, a record a line, `key TAB byte-offset`. The last line may lack its line
 * feed, a line may end in CR LF, keys may come in any order. What editors leave is passed over: a byte order mark at the
 * beginning, blank lines at the end. A key that comes twice keeps its first place and takes its last offset, as in
 * MXNet's `d[int(k)] = int(v)`.
 *
 * @param name The file's name, for messages.
 * @param size Its size in bytes, at most.
 * @param scanner Finds the lines.
 * @param mostMemory How many bytes of memory it may take, about; Infinity where the file itself is the bound.
 * @param remedies What to do where that is too little.
 * @returns The index: 8 bytes a record, and 8 bytes a run of consecutive keys.
 * @throws {UnrecError} If it is empty, larger than any index, or has a line of another form.
 */
export function* readIndex(
  name: string,
  size: number,
  scanner: IndexScanner,
  mostMemory = Infinity,
  ...remedies: Remedy[]
): Reading<DatasetIndex> {
  if (size > MOST_INDEX_BYTES) {
    throw new UnrecError(`Cannot read the index ${name}: it has ${size} bytes, and no index is that large`);
  }
  // The shortest line has 4 bytes. The maximum is only reserved as addresses; memory comes with each resize.
  const buffer = new ArrayBuffer(0, { maxByteLength: (Math.ceil(size / 4) + 1) * 8 });
  const keys = new Runs();
  let rising = true;
  let lastOffset = -1;
  let lines = 0;
  /** Bytes read of the file, and how many of them the chunk still holds. */
  let offset = 0;
  let filled = 0;
  /** What to say of the blank line after which nothing but blank ones may come; undefined before there is one. */
  let blank: UnrecError | undefined;

  function append(): void {
    const { count } = scanner;
    if (count === 0) return;
    const bytes = (lines + count) * 8;
    if (bytes > buffer.maxByteLength) throw new UnrecError(`Cannot read the index ${name}: it grows while it is read`);
    buffer.resize(bytes);
    const { offsets } = scanner;
    new Float64Array(buffer, lines * 8, count).set(offsets.subarray(0, count));
    if (scanner.consecutive) keys.append(scanner.keys[0], count);
    else for (const key of scanner.keys.subarray(0, count)) keys.append(key, 1);
    rising &&= scanner.rising && offsets[0] > lastOffset;
    lastOffset = offsets[count - 1];
    lines += count;
    if (8 * lines + RUN_MEMORY * keys.count > mostMemory) {
      throw new UnrecError(
        `Cannot read the index ${name}: it is too long to be kept in memory, which holds ${lines} lines of it`,
        ...remedies,
      );
    }
  }

  /** Reads the whole lines that are there. */
  function takeLines(): void {
    let from = offset === filled ? bomLength(scanner.chunk.subarray(0, filled)) : 0;
    let status: IndexScanStatus;
    do {
      status = scanner.scan(from, filled);
      append();
      from = scanner.next;
    } while (status === INDEX_SCAN.TABLE_FULL);
    if (status !== INDEX_SCAN.DONE) {
      const rest = scanner.chunk.subarray(from, filled);
      const error = lineError(name, lines, status, rest);
      if (status !== INDEX_SCAN.NOT_AN_INDEX_LINE || !isBlank(rest)) throw error;
      blank = error;
      from = filled;
    }
    // What is left is the beginning of a line, and short: the scanner refuses one that is longer than a line can be.
    scanner.chunk.copyWithin(0, from, filled);
    filled -= from;
  }

  for (;;) {
    const count = yield { offset, into: scanner.chunk.subarray(filled) };
    if (count === 0) break;
    offset += count;
    filled += count;
    if (blank === undefined) takeLines();
    else if (isBlank(scanner.chunk.subarray(0, filled))) filled = 0;
    else throw blank;
  }
  if (filled > 0) {
    scanner.chunk[filled++] = LF;
    takeLines();
  }
  if (lines === 0) {
    // All that can have been there and was no line is a byte order mark.
    throw blank ?? lineError(name, 0, INDEX_SCAN.NOT_AN_INDEX_LINE, Uint8Array.from(offset === 0 ? [] : BOM));
  }
  const offsets = new Float64Array(buffer, 0, lines);
  return keys.hasDuplicates() ? withoutDuplicates(offsets, keys) : new DatasetIndex(offsets, keys, rising, 0);
}

/**
 * How many bytes of a text are its byte order mark.
 *
 * @param bytes The beginning of the text.
 */
export function bomLength(bytes: Uint8Array): number {
  return BOM.every((byte, i) => bytes[i] === byte) ? BOM.length : 0;
}

/**
 * Whether a text is blank, as lines at the end of an index may be.
 *
 * @param bytes The text.
 */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => BLANK.includes(byte));
}

/** Kinds of files that an index may be, but for the form of its lines. */
const TEXTS = ["index", "text"];

function lineError(path: string, before: number, status: IndexScanStatus, rest: Uint8Array): UnrecError {
  const kind = before === 0 ? fileKind(rest) : undefined;
  if (kind !== undefined && !TEXTS.includes(kind.name)) return wrongIndex(path, kind);
  const end = rest.indexOf(LF);
  const bytes = rest.subarray(0, Math.min(end < 0 ? rest.length : end, 40));
  // JSON makes control characters visible and keeps the message in one line.
  const text = JSON.stringify(new TextDecoder().decode(bytes));
  const why = status === INDEX_SCAN.KEY_TOO_LARGE
    ? "has a key above 4294967295"
    : status === INDEX_SCAN.OFFSET_TOO_LARGE
    ? "has an offset above 2^53 - 1"
    : "is not `key TAB offset`";
  return new UnrecError(
    `Cannot read the index ${path}: line ${before + 1} ${why}: ${text}`,
    { kind: "download-again", path },
    { kind: "rebuild-index", path },
  );
}

function wrongIndex(path: string, kind: FileKind): UnrecError {
  // Whatever else it is, an index is not to be got from it.
  const isThere = kind.inflater !== undefined || kind.name === "git-lfs";
  return new UnrecError(
    `Cannot read the index: ${path} is ${kind.what}`,
    ...isThere ? remediesFor(kind, path) : [{ kind: "download-again" as const, path }],
    { kind: "rebuild-index", path },
  );
}

/** How many repeated keys are named. */
const MOST_REPEATED = 5;

/** Every key in its first row, with its last offset. Rare, so it may take 20 bytes a record for a moment. */
function withoutDuplicates(offsets: Float64Array<ArrayBuffer>, keys: Runs): DatasetIndex {
  const packed = new BigUint64Array(keys.length);
  const words = new Uint32Array(packed.buffer);
  for (let run = 0; run < keys.count; run++) {
    const length = keys.lengthOf(run);
    for (let i = 0; i < length; i++) {
      const row = keys.positions[run] + i;
      words[2 * row] = row;
      words[2 * row + 1] = keys.starts[run] + i;
    }
  }
  packed.sort();
  // Now keys rise, and rows rise within a key: its first row gets the offset of its last one, the others are marked.
  const GONE = -1;
  const repeated: number[] = [];
  for (let i = 0; i < keys.length;) {
    let last = i;
    while (last + 1 < keys.length && words[2 * last + 3] === words[2 * i + 1]) last++;
    offsets[words[2 * i]] = offsets[words[2 * last]];
    for (let j = i + 1; j <= last; j++) offsets[words[2 * j]] = GONE;
    if (last > i && repeated.length < MOST_REPEATED) repeated.push(words[2 * i + 1]);
    i = last + 1;
  }
  const kept = new Runs();
  let rising = true;
  let before = -1;
  for (let run = 0; run < keys.count; run++) {
    const length = keys.lengthOf(run);
    for (let i = 0; i < length; i++) {
      const offset = offsets[keys.positions[run] + i];
      if (offset === GONE) continue;
      offsets[kept.length] = offset;
      rising &&= offset > before;
      before = offset;
      kept.append(keys.starts[run] + i, 1);
    }
  }
  return new DatasetIndex(offsets.subarray(0, kept.length), kept, rising, keys.length - kept.length, repeated);
}
