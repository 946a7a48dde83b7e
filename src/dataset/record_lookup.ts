import { type ByteSource, readAll, type Reading } from "../bytes/reading.ts";
import { LAST_KEY } from "../recordio/float32_keys.ts";
import { type Engine, INDEX_CHUNK_BYTES, type IndexScanner } from "../recordio/types.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { readIndexAround } from "./index_around.ts";
import { type ImageRecord, readOneRecord } from "./one_record.ts";
import { readIndex } from "./read_index.ts";

/** A record that was found by its key. Its place in reading order is not known. */
export type KeyedRecord = Omit<ImageRecord, "number">;

/** Bytes of the index that are looked at at once: some hundred lines. */
const WINDOW_BYTES = 2 ** 14;

/**
 * Finds records by their keys, without reading the index as a whole where its keys rise, as in nearly all datasets: a
 * dataset of any size takes a few small reads. Nothing is asked of record 0 and the identity records.
 */
export class RecordLookup implements Disposable {
  /** Name of the record file. */
  readonly path: string;
  readonly #records: ByteSource;
  readonly #index: ByteSource;
  readonly #engine: Engine;
  /** All of the index, once it was needed. */
  #whole: DatasetIndex | undefined;

  /**
   * Use `openLookup`, or this where there are no files.
   *
   * @param files The record file and its index, which are closed with this.
   * @param engine The scanners.
   */
  constructor({ records, index }: { records: ByteSource; index: ByteSource }, engine: Engine) {
    this.path = records.name;
    this.#records = records;
    this.#index = index;
    this.#engine = engine;
  }

  /**
   * Reads the record of a key.
   *
   * @param key A key.
   * @returns The record, or undefined if the index does not have the key. Of a key that comes twice it is the last line's,
   * as for MXNet; see `readIndexAround` for what is not seen.
   * @throws {UnrecError} If the record cannot be read, or if the index cannot.
   */
  async get(key: number): Promise<KeyedRecord | undefined> {
    const index = await this.#indexWith(key);
    const row = index.rowOf(key);
    if (row < 0) return undefined;
    const { number: _, ...record } = await readOneRecord(this.#records, index, row, this.#engine);
    return record;
  }

  /**
   * Whether the index has a key.
   *
   * @param key A key.
   * @throws {UnrecError} If the index cannot be read.
   */
  async has(key: number): Promise<boolean> {
    return (await this.#indexWith(key)).rowOf(key) >= 0;
  }

  /**
   * The least and the greatest key, for messages: it reads all of the index.
   *
   * @throws {UnrecError} If the index cannot be read.
   */
  async keyBounds(): Promise<[first: number, last: number]> {
    const index = this.#whole ??= await this.#readWhole();
    return [index.keyFrom(0), index.keyUpTo(LAST_KEY)];
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.#records[Symbol.dispose]();
    this.#index[Symbol.dispose]();
  }

  /** An index that has a key if there is such a one. */
  async #indexWith(key: number): Promise<DatasetIndex> {
    if (this.#whole !== undefined) return this.#whole;
    const { size } = this.#index;
    const part = await this.#scanIndex(WINDOW_BYTES, (scanner) => readIndexAround(size, scanner, key));
    return part ?? (this.#whole = await this.#readWhole());
  }

  #readWhole(): Promise<DatasetIndex> {
    const { name, size } = this.#index;
    return this.#scanIndex(INDEX_CHUNK_BYTES, (scanner) => readIndex(name, size, scanner));
  }

  async #scanIndex<Result>(chunkBytes: number, read: (scanner: IndexScanner) => Reading<Result>): Promise<Result> {
    const scanner = this.#engine.createIndexScanner(chunkBytes);
    try {
      return await readAll(read(scanner), this.#index);
    } finally {
      scanner.close();
    }
  }
}
