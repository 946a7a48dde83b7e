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

/** Names, types and views over a region of linear memory. */
abstract class RegionScanner {
  #region: Region;
  #result!: Uint32Array<ArrayBuffer>;
  #chunk!: Uint8Array<ArrayBuffer>;
  #chunkBytes: number;
  /** Bytes between the result and the chunk. */
  readonly #tableBytes: number;

  constructor(tableBytes: number, chunkBytes: number) {
    this.#tableBytes = tableBytes;
    this.#chunkBytes = chunkBytes;
    this.#region = claim(RESULT_BYTES + tableBytes + chunkBytes + SLACK_BYTES);
  }

  get chunk(): Uint8Array<ArrayBuffer> {
    this.refresh();
    return this.#chunk;
  }

  get count(): number {
    return this.word(RESULT.COUNT);
  }

  get next(): number {
    return this.word(RESULT.NEXT);
  }

  close(): void {
    release(this.#region);
  }

  /** Address of the result block. */
  protected get address(): number {
    return this.#region.address;
  }

  /** Address of the chunk. */
  protected get chunkAddress(): number {
    return this.#region.address + RESULT_BYTES + this.#tableBytes;
  }

  protected word(index: number): number {
    this.refresh();
    return this.#result[index];
  }

  protected enlargeChunk(bytes: number): void {
    if (bytes <= this.#chunkBytes) return;
    this.#region = enlarge(this.#region, RESULT_BYTES + this.#tableBytes + bytes + SLACK_BYTES);
    this.#chunkBytes = bytes;
    this.view(memory.buffer as ArrayBuffer);
  }

  /** When any scanner makes linear memory grow, its old buffer and all views of it end: they have length 0 then. */
  protected refresh(): void {
    if (this.#result.length === 0) this.view(memory.buffer as ArrayBuffer);
  }

  /** Makes the views. */
  protected view(buffer: ArrayBuffer): void {
    this.#result = new Uint32Array(buffer, this.address, RESULT_BYTES / 4);
    this.#chunk = new Uint8Array(buffer, this.chunkAddress, this.#chunkBytes);
  }
}

/** The host's side of `scanRecords`. */
class WasmRecordScanner extends RegionScanner implements RecordScanner {
  #table!: Uint32Array<ArrayBuffer>;
  #labels!: Float32Array<ArrayBuffer>;

  constructor(chunkBytes: number = RECORD_CHUNK_BYTES) {
    super(TABLE_BYTES, chunkBytes);
    this.view(memory.buffer as ArrayBuffer);
  }

  get table(): Uint32Array<ArrayBuffer> {
    this.refresh();
    return this.#table;
  }

  get labels(): Float32Array<ArrayBuffer> {
    this.refresh();
    return this.#labels;
  }

  get needed(): number {
    return this.word(RESULT.NEEDED);
  }

  get position(): number {
    return this.word(RESULT.POSITION);
  }

  get value(): number {
    return this.word(RESULT.VALUE);
  }

  reserve(bytes: number): void {
    this.enlargeChunk(bytes);
  }

  scan(from: number, to: number): ScanStatus {
    const { address, chunkAddress } = this;
    return scanRecords(address, address + RESULT_BYTES, TABLE_ROWS, chunkAddress, from, to) as ScanStatus;
  }

  findMagic(from: number, to: number): number {
    return findMagic(this.chunkAddress, from, to) >>> 0;
  }

  protected override view(buffer: ArrayBuffer): void {
    super.view(buffer);
    this.#table = new Uint32Array(buffer, this.address + RESULT_BYTES, TABLE_BYTES / 4);
    this.#labels = new Float32Array(buffer, this.address + RESULT_BYTES, TABLE_BYTES / 4);
  }
}

/** The host's side of `scanIndex`. */
class WasmIndexScanner extends RegionScanner implements IndexScanner {
  #keys!: Uint32Array<ArrayBuffer>;
  #offsets!: Float64Array<ArrayBuffer>;

  constructor(chunkBytes: number = INDEX_CHUNK_BYTES) {
    super(COLUMN_BYTES, chunkBytes);
    this.view(memory.buffer as ArrayBuffer);
  }

  get keys(): Uint32Array<ArrayBuffer> {
    this.refresh();
    return this.#keys;
  }

  get offsets(): Float64Array<ArrayBuffer> {
    this.refresh();
    return this.#offsets;
  }

  get consecutive(): boolean {
    return this.word(RESULT.CONSECUTIVE) === 1;
  }

  get rising(): boolean {
    return this.word(RESULT.RISING) === 1;
  }

  scan(from: number, to: number): IndexScanStatus {
    const offsets = this.address + RESULT_BYTES;
    const keys = offsets + INDEX_ROWS * 8;
    return scanIndex(this.address, keys, offsets, INDEX_ROWS, this.chunkAddress, from, to) as IndexScanStatus;
  }

  protected override view(buffer: ArrayBuffer): void {
    super.view(buffer);
    this.#offsets = new Float64Array(buffer, this.address + RESULT_BYTES, INDEX_ROWS);
    this.#keys = new Uint32Array(buffer, this.address + RESULT_BYTES + INDEX_ROWS * 8, INDEX_ROWS);
  }
}

/** The scanners in WebAssembly. Each has a region of the one linear memory that its thread's instance has. */
export const wasmEngine: Engine = {
  createRecordScanner: (chunkBytes) => new WasmRecordScanner(chunkBytes),
  createIndexScanner: (chunkBytes) => new WasmIndexScanner(chunkBytes),
};
