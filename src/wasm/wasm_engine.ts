import { findMagic, memory, scanIndex, scanRecords } from "./decoder.wasm";
import {
  type Engine,
  INDEX_CHUNK_BYTES,
  INDEX_ROWS,
  type IndexScanner,
  type IndexScanStatus,
  RECORD_CHUNK_BYTES,
  type RecordScanner,
  ROW_WORDS,
  type ScanStatus,
  SLACK_BYTES,
  TABLE_ROWS,
} from "../recordio/types.ts";
import { claim, enlarge, type Region, release } from "./linear_memory.ts";

/** Words of the result block of `assembly/arena.ts`. */
const RESULT = {
  COUNT: 0,
  NEXT: 1,
  NEEDED: 2,
  POSITION: 3,
  VALUE: 4,
  CONSECUTIVE: 2,
  RISING: 3,
} as const;
const RESULT_BYTES = 64;
const TABLE_BYTES = TABLE_ROWS * ROW_WORDS * 4;
const COLUMN_BYTES = INDEX_ROWS * (8 + 4);

/** Names, types and views over a region of linear memory for `scanRecords`. */
class WasmRecordScanner implements RecordScanner {
  #region: Region;
  #chunkBytes: number;
  #result!: Uint32Array<ArrayBuffer>;
  #table!: Uint32Array<ArrayBuffer>;
  #labels!: Float32Array<ArrayBuffer>;
  #chunk!: Uint8Array<ArrayBuffer>;

  constructor(chunkBytes: number = RECORD_CHUNK_BYTES) {
    this.#chunkBytes = chunkBytes;
    this.#region = claim(RESULT_BYTES + TABLE_BYTES + chunkBytes + SLACK_BYTES);
    this.#view();
  }

  get chunk(): Uint8Array<ArrayBuffer> {
    this.#refresh();
    return this.#chunk;
  }

  get table(): Uint32Array<ArrayBuffer> {
    this.#refresh();
    return this.#table;
  }

  get labels(): Float32Array<ArrayBuffer> {
    this.#refresh();
    return this.#labels;
  }

  get count(): number {
    return this.#word(RESULT.COUNT);
  }

  get next(): number {
    return this.#word(RESULT.NEXT);
  }

  get needed(): number {
    return this.#word(RESULT.NEEDED);
  }

  get position(): number {
    return this.#word(RESULT.POSITION);
  }

  get value(): number {
    return this.#word(RESULT.VALUE);
  }

  reserve(bytes: number): void {
    if (bytes <= this.#chunkBytes) return;
    this.#region = enlarge(this.#region, RESULT_BYTES + TABLE_BYTES + bytes + SLACK_BYTES);
    this.#chunkBytes = bytes;
    this.#view();
  }

  scan(from: number, to: number): ScanStatus {
    const result = this.#region.address;
    const table = result + RESULT_BYTES;
    return scanRecords(
      result,
      table,
      TABLE_ROWS,
      table + TABLE_BYTES,
      from,
      to,
    ) as ScanStatus;
  }

  findMagic(from: number, to: number): number {
    return findMagic(this.#region.address + RESULT_BYTES + TABLE_BYTES, from, to) >>> 0;
  }

  close(): void {
    release(this.#region);
  }

  #word(index: number): number {
    this.#refresh();
    return this.#result[index];
  }

  /** When any scanner makes linear memory grow, its old buffer and all views of it end: they have length 0 then. */
  #refresh(): void {
    if (this.#result.length === 0) this.#view();
  }

  #view(): void {
    const buffer = memory.buffer as ArrayBuffer;
    const { address } = this.#region;
    this.#result = new Uint32Array(buffer, address, RESULT_BYTES / 4);
    this.#table = new Uint32Array(buffer, address + RESULT_BYTES, TABLE_BYTES / 4);
    this.#labels = new Float32Array(buffer, address + RESULT_BYTES, TABLE_BYTES / 4);
    this.#chunk = new Uint8Array(buffer, address + RESULT_BYTES + TABLE_BYTES, this.#chunkBytes);
  }
}

/** Names, types and views over a region of linear memory for `scanIndex`. */
class WasmIndexScanner implements IndexScanner {
  readonly #region: Region;
  readonly #chunkBytes: number;
  #result!: Uint32Array<ArrayBuffer>;
  #keys!: Uint32Array<ArrayBuffer>;
  #offsets!: Float64Array<ArrayBuffer>;
  #chunk!: Uint8Array<ArrayBuffer>;

  constructor(chunkBytes: number = INDEX_CHUNK_BYTES) {
    this.#chunkBytes = chunkBytes;
    this.#region = claim(RESULT_BYTES + COLUMN_BYTES + chunkBytes + SLACK_BYTES);
    this.#view();
  }

  get chunk(): Uint8Array<ArrayBuffer> {
    this.#refresh();
    return this.#chunk;
  }

  get keys(): Uint32Array<ArrayBuffer> {
    this.#refresh();
    return this.#keys;
  }

  get offsets(): Float64Array<ArrayBuffer> {
    this.#refresh();
    return this.#offsets;
  }

  get count(): number {
    return this.#word(RESULT.COUNT);
  }

  get next(): number {
    return this.#word(RESULT.NEXT);
  }

  get consecutive(): boolean {
    return this.#word(RESULT.CONSECUTIVE) === 1;
  }

  get rising(): boolean {
    return this.#word(RESULT.RISING) === 1;
  }

  scan(from: number, to: number): IndexScanStatus {
    const result = this.#region.address;
    const offsets = result + RESULT_BYTES;
    const keys = offsets + INDEX_ROWS * 8;
    return scanIndex(
      result,
      keys,
      offsets,
      INDEX_ROWS,
      result + RESULT_BYTES + COLUMN_BYTES,
      from,
      to,
    ) as IndexScanStatus;
  }

  close(): void {
    release(this.#region);
  }

  #word(index: number): number {
    this.#refresh();
    return this.#result[index];
  }

  #refresh(): void {
    if (this.#result.length === 0) this.#view();
  }

  #view(): void {
    const buffer = memory.buffer as ArrayBuffer;
    const offsets = this.#region.address + RESULT_BYTES;
    this.#result = new Uint32Array(buffer, this.#region.address, RESULT_BYTES / 4);
    this.#offsets = new Float64Array(buffer, offsets, INDEX_ROWS);
    this.#keys = new Uint32Array(buffer, offsets + INDEX_ROWS * 8, INDEX_ROWS);
    this.#chunk = new Uint8Array(buffer, offsets + COLUMN_BYTES, this.#chunkBytes);
  }
}

/** The scanners in WebAssembly. Each has a region of the one linear memory that its thread's instance has. */
export const wasmEngine: Engine = {
  createRecordScanner: (chunkBytes) => new WasmRecordScanner(chunkBytes),
  createIndexScanner: (chunkBytes) => new WasmIndexScanner(chunkBytes),
};
