import type { DatasetIndex } from "../dataset/dataset_index.ts";
import { type Layout, readLayout, type RecordHeader } from "../dataset/layout.ts";
import { lastAtMost } from "../dataset/last_at_most.ts";
import { headerAt } from "../dataset/read_headers.ts";
import { UnrecError } from "../errors.ts";
import { type RecordScanner, ROW } from "../recordio/types.ts";
import { OffsetDigest } from "./offset_digest.ts";

/** More records without an image are no identities: their keys would not be exact in a float32. */
const MOST_EMPTY_RECORDS = 2 ** 24;

/**
 * A dataset that is read from front to back, before its index and its identity records are known. Its images are
 * numbered in the order they come, and in the end it is checked that this was the reading order.
 */
export class StreamedDataset {
  /** Name of the record file, for messages. */
  readonly path: string;
  /** Whether its record file has begun to come. */
  begun = false;
  /** The index, once it has come. */
  index: DatasetIndex | undefined;
  /** First line of the `property` file, once it has come. */
  property: string | undefined;
  readonly #images = new OffsetDigest();
  /** Of each record without an image: offset, flag, range. They come in the order of the file. */
  #empty = new Float64Array(4 * 1024);
  #emptyRecords = 0;

  /** @param path Name of the record file, for messages. */
  constructor(path: string) {
    this.path = path;
  }

  /** How many images have come. */
  get images(): number {
    return this.#images.count;
  }

  /**
   * Takes a record in.
   *
   * @param scanner After a scan.
   * @param row The word of its table where the record's row begins.
   * @param offset Where the record begins in its file.
   * @returns Whether it is an image: identity records have labels and no image bytes.
   * @throws {UnrecError} If there are too many records without an image.
   */
  take(scanner: RecordScanner, row: number, offset: number): boolean {
    const { table } = scanner;
    if (table[row + ROW.LENGTH] > 0 || table[row + ROW.FLAG] === 0) {
      this.#images.add(offset);
      return true;
    }
    if (this.#emptyRecords === MOST_EMPTY_RECORDS) {
      throw new UnrecError(`Cannot read ${this.path}: it has more than ${MOST_EMPTY_RECORDS} records without an image`);
    }
    const at = 4 * this.#emptyRecords++;
    if (at === this.#empty.length) {
      const larger = new Float64Array(2 * at);
      larger.set(this.#empty);
      this.#empty = larger;
    }
    const { flag, range } = headerAt(scanner, row);
    this.#empty.set([offset, flag, ...range], at);
    return false;
  }

  /**
   * Checks that the images came in reading order. To be called when all files of the dataset have come.
   *
   * @returns The layout.
   * @throws {UnrecError} If they did not, or if that cannot be known.
   */
  check(): Layout {
    const { index, path } = this;
    if (index === undefined) {
      throw new UnrecError(
        `Cannot check the numbers of the ${this.images} images of ${path}: no train.idx came with it, and their order ` +
          "in the file need not be that of their keys",
      );
    }
    const layout = readLayout(path, index, (rows, visit) => {
      for (let place = 0; place < rows.length; place++) visit(this.#headerAt(index.offsets[rows.at(place)]), place);
    });
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
          "names just written are wrong; unpack the archive with tar and give its folder to --include",
      );
    }
    return layout;
  }

  /** The header of the record at an offset: one without an image, or any image's. */
  #headerAt(offset: number): RecordHeader {
    const at = lastAtMost(this.#emptyRecords, offset, (i) => this.#empty[4 * i]);
    if (at < 0 || this.#empty[4 * at] !== offset) return { flag: 2, imageBytes: 1, range: [NaN, NaN] };
    const [, flag, from, to] = this.#empty.subarray(4 * at, 4 * at + 4);
    return { flag, imageBytes: 0, range: [from, to] };
  }
}
