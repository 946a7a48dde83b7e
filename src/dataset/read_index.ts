import { systemReason, UnrecError } from "../errors.ts";
import { INDEX_SCAN, type IndexScanner, type IndexScanStatus } from "../recordio/types.ts";
import { DatasetIndex } from "./dataset_index.ts";
import { rebuildCommand } from "./rebuild_command.ts";
import { Runs } from "./runs.ts";

const LF = 0x0a;

/** No index is this long: its offsets alone would take as much memory. */
const MOST_INDEX_BYTES = 2 ** 35;

/**
 * Reads a `train.idx` as it comes: text, a record a line, `key TAB byte-offset`. The last line may lack its line feed, a
 * line may end in CR LF, keys may come in any order. A key that comes twice keeps its first place and takes its last
 * offset, as in MXNet's `d[int(k)] = int(v)`.
 *
 * Put bytes into {@linkcode space}, tell {@linkcode advance} how many, and ask {@linkcode end} for the index.
 */
export class IndexReader {
  readonly #path: string;
  readonly #scanner: IndexScanner;
  readonly #buffer: ArrayBuffer;
  readonly #keys = new Runs();
  #rising = true;
  #lastOffset = -1;
  #filled = 0;
  #lines = 0;

  /**
   * @param path The file's name, for messages.
   * @param bytes Its size, at most.
   * @param scanner Finds the lines.
   * @throws {UnrecError} If it is larger than any index.
   */
  constructor(path: string, bytes: number, scanner: IndexScanner) {
    if (bytes > MOST_INDEX_BYTES) {
      throw new UnrecError(`Cannot read the index ${path}: it has ${bytes} bytes, and no index is that large`);
    }
    this.#path = path;
    this.#scanner = scanner;
    // The shortest line has 4 bytes. The maximum is only reserved as addresses; memory comes with each resize.
    this.#buffer = new ArrayBuffer(0, { maxByteLength: (Math.ceil(bytes / 4) + 1) * 8 });
  }

  /** Room for the next bytes, at least one. */
  get space(): Uint8Array<ArrayBuffer> {
    return this.#scanner.chunk.subarray(this.#filled);
  }

  /**
   * Reads the bytes put into {@linkcode space}.
   *
   * @param bytes How many there are.
   * @throws {UnrecError} If a line has another form.
   */
  advance(bytes: number): void {
    const scanner = this.#scanner;
    this.#filled += bytes;
    let from = 0;
    let status: IndexScanStatus;
    do {
      status = scanner.scan(from, this.#filled);
      this.#append();
      from = scanner.next;
    } while (status === INDEX_SCAN.TABLE_FULL);
    if (status !== INDEX_SCAN.DONE) {
      throw lineError(this.#path, this.#lines + 1, status, scanner.chunk.subarray(from, this.#filled));
    }
    // What is left is the beginning of a line, and short: the scanner refuses one that is longer than a line can be.
    scanner.chunk.copyWithin(0, from, this.#filled);
    this.#filled -= from;
  }

  /**
   * Ends the text.
   *
   * @returns The index: 8 bytes a record, and 8 bytes a run of consecutive keys.
   * @throws {UnrecError} If the last line has another form, or there is none.
   */
  end(): DatasetIndex {
    if (this.#filled > 0) {
      this.space[0] = LF;
      this.advance(1);
    }
    if (this.#lines === 0) {
      throw new UnrecError(
        `Cannot read the index ${this.#path}: it is empty; download it again, or rebuild it with ` +
          rebuildCommand(this.#path),
      );
    }
    const offsets = new Float64Array(this.#buffer, 0, this.#lines);
    return this.#keys.hasDuplicates()
      ? withoutDuplicates(offsets, this.#keys)
      : new DatasetIndex(offsets, this.#keys, this.#rising, 0);
  }

  #append(): void {
    const { count, keys, offsets, consecutive, rising } = this.#scanner;
    if (count === 0) return;
    const bytes = (this.#lines + count) * 8;
    if (bytes > this.#buffer.maxByteLength) {
      throw new UnrecError(`Cannot read the index ${this.#path}: it grows while it is read`);
    }
    this.#buffer.resize(bytes);
    new Float64Array(this.#buffer, this.#lines * 8, count).set(offsets.subarray(0, count));
    if (consecutive) this.#keys.append(keys[0], count);
    else for (const key of keys.subarray(0, count)) this.#keys.append(key, 1);
    this.#rising &&= rising && offsets[0] > this.#lastOffset;
    this.#lastOffset = offsets[count - 1];
    this.#lines += count;
  }
}

/**
 * Reads a `train.idx` file.
 *
 * @param path The index file.
 * @param scanner Finds the lines.
 * @returns The index.
 * @throws {UnrecError} If the file cannot be read, is empty, or has a line of another form.
 */
export function readIndex(path: string, scanner: IndexScanner): DatasetIndex {
  try {
    using file = Deno.openSync(path);
    const reader = new IndexReader(path, file.statSync().size, scanner);
    for (let read = file.readSync(reader.space); read !== null; read = file.readSync(reader.space)) {
      reader.advance(read);
    }
    return reader.end();
  } catch (error) {
    if (error instanceof UnrecError) throw error;
    throw new UnrecError(`Cannot read the index ${path}: ${systemReason(error)}`);
  }
}

function lineError(path: string, line: number, status: IndexScanStatus, rest: Uint8Array): UnrecError {
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
    `Cannot read the index ${path}: line ${line} ${why}: ${text}; download the index again, or rebuild it with ` +
      rebuildCommand(path),
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
