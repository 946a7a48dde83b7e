import type { Reading } from "../bytes/reading.ts";
import { UnrecError } from "../errors.ts";
import { FRAME_HEADER_BYTES } from "../recordio/constants.ts";
import { problemOf, RecordError } from "../recordio/problem.ts";
import { RecordView } from "../recordio/record_view.ts";
import { ROW, ROW_WORDS, SCAN } from "../recordio/types.ts";
import type { Cursor } from "./cursor.ts";
import type { DatasetFacts } from "./dataset.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { fileKind } from "./file_kind.ts";
import type { KindCount } from "./image_kinds.ts";
import { LabelChanges } from "./label_changes.ts";
import { type Layout, layoutFacts, readLayout } from "./layout.ts";
import { headerOf, type RecordHeader } from "./record_header.ts";
import { MOST_IDENTITIES } from "./range_records.ts";
import { lastAtMost } from "./runs.ts";
import type { Selection } from "./selection/selection.ts";
import { StreamChoice } from "./selection/stream_choice.ts";

/**
 * Reads all records of a file from front to back, without an index. The chunk grows if a record is larger, as that
 * record comes.
 *
 * @param cursor At the beginning of a stream.
 * @param visit Called for each record; the view is good until it returns, and counts the records as its number.
 * @throws {RecordError} At the first record that cannot be read, or if the stream ends within one.
 * @throws {UnrecError} If it is not records that come, but something else that is known.
 */
export function* readStream(cursor: Cursor, visit: (view: RecordView) => void): Reading<void> {
  const { scanner } = cursor;
  const view = new RecordView();
  let number = 0;
  let needed = FRAME_HEADER_BYTES;
  for (;;) {
    if (cursor.available < needed && !(yield* cursor.readOn(needed, Infinity))) {
      if (number === 0) expectRecordsIn(cursor);
      if (cursor.available === 0) return;
      const { offset, available } = cursor;
      throw new RecordError({ kind: "truncated", offset, position: offset + available, value: needed - available });
    }
    const status = cursor.scan();
    const end = scanner.count * ROW_WORDS;
    for (let row = 0; row < end; row += ROW_WORDS) {
      visit(view.at(scanner, row, cursor.chunkOffset + scanner.table[row + ROW.FRAME], number++, undefined));
    }
    cursor.position = scanner.next;
    if (status > SCAN.INCOMPLETE) {
      if (number === 0) expectRecordsIn(cursor);
      throw new RecordError(problemOf(scanner, status, cursor.chunkOffset, cursor.filled));
    }
    needed = status === SCAN.INCOMPLETE ? scanner.needed : FRAME_HEADER_BYTES;
  }
}

/** Says what a stream is whose first record cannot be read, if it is something else. */
function expectRecordsIn({ file, scanner, filled }: Cursor): void {
  const kind = fileKind(scanner.chunk.subarray(0, filled));
  if (kind === undefined || kind.name === "records") return;
  throw new UnrecError(`Cannot read records: ${file.name} is ${kind.what}`);
}

/**
 * A dataset that is read from front to back, before its index and its identity records are known. Its images are
 * numbered in the order they come, and in the end it is checked that this was the reading order.
 */
export class StreamedDataset {
  /** Name of the record file, for messages. */
  readonly path: string;
  /** Name of what it comes in: to be read by its index, it has to be unpacked from that. */
  readonly container: string;
  /** Whether its record file has begun to come. */
  begun = false;
  /** The index, once it has come. */
  index: DatasetIndex | undefined;
  /** First line of the `property` file, once it has come. */
  property: string | undefined;
  /** The greatest label that has come; -1 if there is none from 0 on. */
  highestLabel = -1;
  /** The number of its first image. */
  firstNumber = 0;
  /** Its images with another label than the one before, though the same identity record names both; known in the end. */
  mixedLabels: KindCount | undefined;
  readonly #choice: StreamChoice | undefined;
  readonly #labelChanges = new LabelChanges();
  readonly #images = new OffsetDigest();
  readonly #records = new OffsetDigest();
  /** Of each record without an image: offset, flag, range. They come in the order of the file. */
  #empty = new Float64Array(4 * 16);
  #emptyRecords = 0;

  /**
   * @param path Name of the record file in what it comes in.
   * @param container Name of what it comes in.
   * @param select Which images are wanted; undefined if all are.
   */
  constructor(path: string, container: string, select: Selection | undefined) {
    this.path = `${path} in ${container}`;
    this.container = container;
    this.#choice = select && new StreamChoice(select);
  }

  /** How many images have come. */
  get images(): number {
    return this.#images.count;
  }

  /**
   * Takes a record in.
   *
   * @param view The record.
   * @returns Whether it is an image: identity records have labels and no image bytes.
   * @throws {UnrecError} If there are too many records without an image.
   */
  take(view: RecordView): boolean {
    this.#records.add(view.offset);
    if (view.length > 0 || view.flag === 0) {
      this.#images.add(view.offset);
      this.#labelChanges.add(view.headerLabel);
      if (view.headerLabel > this.highestLabel) this.highestLabel = view.headerLabel;
      return true;
    }
    if (this.#emptyRecords === MOST_IDENTITIES) {
      throw new UnrecError(`Cannot read ${this.path}: it has more than ${MOST_IDENTITIES} records without an image`);
    }
    const at = 4 * this.#emptyRecords++;
    if (at === this.#empty.length) {
      const larger = new Float64Array(2 * at);
      larger.set(this.#empty);
      this.#empty = larger;
    }
    const { flag, range } = headerOf(view);
    this.#empty.set([view.offset, flag, ...range], at);
    return false;
  }

  /**
   * Whether an image is wanted.
   *
   * @param view The image, in the order in which they come, each once.
   */
  wants(view: RecordView): boolean {
    return this.#choice?.take(view) ?? true;
  }

  /**
   * Checks that the images came in reading order. To be called when all files of the dataset have come.
   *
   * @returns What is known of the dataset.
   * @throws {UnrecError} If they did not, or if that cannot be known.
   */
  check(): DatasetFacts {
    const { index, path, property } = this;
    const unpack = { kind: "unpack", path: this.container } as const;
    if (index === undefined) {
      throw new UnrecError(
        `Cannot check the numbers of the ${this.images} images of ${path}: no train.idx came with it, and their order ` +
          "in the file need not be that of their keys",
        unpack,
      );
    }
    const all = new OffsetDigest();
    for (const offset of index.sortedOffsets) if (offset !== all.last) all.add(offset);
    if (!all.equals(this.#records)) {
      throw new UnrecError(
        `Cannot trust the index of ${path}: it names ${all.count} records, and the file has ${this.#records.count}`,
        unpack,
      );
    }
    const layout = this.#readLayout(index);
    const expected = new OffsetDigest();
    const { order } = layout;
    for (let run = 0; run < order.count; run++) {
      const first = order.starts[run];
      for (let row = first; row < first + order.lengthOf(run); row++) expected.add(index.offsets[row]);
    }
    if (!expected.equals(this.#images)) {
      throw new UnrecError(
        `Cannot number the images of ${path} as they come: the reading order that its index and its identity records ` +
          `tell (${expected.count} images) is not the order of the file (${this.images} images), so the numbers in the ` +
          "names just written are wrong",
        unpack,
      );
    }
    this.mixedLabels = this.#labelChanges.mixed(layout, index, this.firstNumber);
    return {
      path,
      layout: layoutFacts(layout),
      records: index.rows,
      duplicateKeys: index.duplicates,
      ...property === undefined ? {} : { property },
      ...this.#choice === undefined ? {} : { chosen: this.#choice.facts },
    };
  }

  #readLayout(index: DatasetIndex): Layout {
    const headerAt = (offset: number) => this.#headerAt(offset);
    // deno-lint-ignore require-yield -- the headers are here
    const reading = readLayout(this.path, index, function* (rows, visit) {
      for (let place = 0; place < rows.length; place++) visit(headerAt(index.offsets[rows.at(place)]), place);
    });
    try {
      const step = reading.next(0);
      if (!step.done) throw new Error("a layout is read from the headers that came");
      return step.value;
    } catch (error) {
      // What can be done about a dataset takes its files.
      throw error instanceof UnrecError
        ? new UnrecError(error.message, { kind: "unpack", path: this.container })
        : error;
    }
  }

  /** The header of the record at an offset: one without an image, or any image's. */
  #headerAt(offset: number): RecordHeader {
    const at = lastAtMost(this.#emptyRecords, offset, (i) => this.#empty[4 * i]);
    if (at < 0 || this.#empty[4 * at] !== offset) return { flag: 2, imageBytes: 1, range: [NaN, NaN] };
    const [, flag, from, to] = this.#empty.subarray(4 * at, 4 * at + 4);
    return { flag, imageBytes: 0, range: [from, to] };
  }
}

/**
 * Tells whether two lists of byte offsets are the same without keeping them: 64 bits that depend on every offset and on
 * the order.
 */
class OffsetDigest {
  /** How many offsets there were. */
  count = 0;
  /** The one added last; NaN before the first. */
  last = NaN;
  #a = 0;
  #b = 0x9e3779b1;

  /** Adds an offset: a whole number, 0 to 2^53 - 1. */
  add(offset: number): void {
    const low = offset | 0;
    const high = (offset / 2 ** 32) | 0;
    // Two rows of the mixing that MurmurHash3 does, with different constants.
    this.#a = Math.imul(rotated(this.#a ^ Math.imul(low ^ high << 7, 0xcc9e2d51), 13), 5) + 0x6b64e6 | 0;
    this.#b = Math.imul(rotated(this.#b ^ Math.imul(low + high, 0x1b873593), 15), 0x85ebca6b) + this.count | 0;
    this.count++;
    this.last = offset;
  }

  /** Whether the other list is the same. */
  equals(other: OffsetDigest): boolean {
    return this.count === other.count && this.#a === other.#a && this.#b === other.#b;
  }
}

function rotated(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}
