import { systemReason, UnrecError } from "../errors.ts";
import { loadEngine } from "../recordio/engine.ts";
import { RecordError } from "../recordio/problem.ts";
import { type Engine, type EngineName, RECORD_CHUNK_BYTES, type RecordScanner, ROW } from "../recordio/types.ts";
import { cutTasks, type ReadTask } from "./cut_tasks.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { locateDataset } from "./locate_dataset.ts";
import { type Layout, type OnError, readLayout } from "./layout.ts";
import { readHeaders } from "./read_headers.ts";
import { readIndex } from "./read_index.ts";
import { rebuildCommand } from "./rebuild_command.ts";
import { readRecords, type RecordFile } from "./read_records.ts";
import { Runs } from "./runs.ts";

/** Options of {@linkcode openDataset}. */
export interface OpenOptions {
  /**
   * Which scanners read the files.
   *
   * @default {"wasm"}
   */
  engine?: EngineName;
  /**
   * How many bytes are read at once.
   *
   * @default {8388608}
   */
  chunkBytes?: number;
  /**
   * Whether identity records that cannot be read, and images that the index has not got, are errors.
   *
   * @default {"stop"}
   */
  onError?: OnError;
}

/** An image and its header, a copy of its own. */
export interface ImageRecord {
  /** Its key in `train.idx`. */
  key: number;
  /** Its place in reading order, from 0: the number in the file names of the reference tree. */
  ordinal: number;
  /** The class: the scalar label, or the first of the label vector. A float32; whole in all known datasets. */
  label: number;
  /** IRHeader.id. MXNet's tools write the key there, or the number in the list that the set was made from. */
  id: bigint;
  /** The encoded image, usually JPEG. Empty in record 0 and in identity records. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** What a {@linkcode Dataset} is made of. */
interface DatasetParts {
  source: RecordFile;
  index: DatasetIndex;
  layout: Layout;
  property: string | undefined;
  engine: EngineName;
  scanners: Engine;
  chunkBytes: number;
}

/** A RecordIO dataset that lies open: `train.rec`, its index, and what they say of its layout. */
export class Dataset implements Disposable {
  /** The record file. */
  readonly path: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** Which key's record begins where. */
  readonly index: DatasetIndex;
  /** Which records are images, in which order. */
  readonly layout: Layout;
  /** The `property` file's first line, if there is one: classes, height, width. */
  readonly property: string | undefined;
  /** Which scanners read it. */
  readonly engine: EngineName;
  /** How many bytes are read at once. */
  readonly chunkBytes: number;
  readonly #source: RecordFile;
  readonly #scanners: Engine;

  /** Use {@linkcode openDataset}. */
  constructor(parts: DatasetParts) {
    this.path = parts.source.path;
    this.bytes = parts.source.bytes;
    this.index = parts.index;
    this.layout = parts.layout;
    this.property = parts.property;
    this.engine = parts.engine;
    this.chunkBytes = parts.chunkBytes;
    this.#source = parts.source;
    this.#scanners = parts.scanners;
  }

  /** About how many bytes of the file a task of {@linkcode imageTasks} reads. */
  get taskBytes(): number {
    return CHUNKS_A_TASK * this.chunkBytes;
  }

  /**
   * Cuts the images into tasks of neighbouring bytes.
   *
   * @param firstOrdinal The ordinal of the first image.
   * @returns The tasks, made when they are asked for.
   */
  *imageTasks(firstOrdinal = 0): Generator<ReadTask> {
    const { ordinals } = this.layout;
    for (const task of this.#cutImages()) {
      if (ordinals === undefined) yield { ...task, firstOrdinal: task.firstOrdinal + firstOrdinal };
      else {
        const places = task.ordinals ?? task.offsets.map((_, i) => i);
        const at = (place: number) => ordinals.at(task.firstOrdinal + place);
        yield { ...task, firstOrdinal, ordinals: places.map(at) };
      }
    }
  }

  /**
   * Reads all images, each once for every identity that names it, in the order of the file: their `ordinal` tells the
   * reading order, which is the same in nearly every dataset.
   *
   * @example
   * ```ts ignore
   * import { openDataset } from "@unrec/unrec";
   *
   * using dataset = await openDataset("faces_glint360k");
   * for (const image of dataset.images()) console.log(image.label, image.bytes.length);
   * ```
   *
   * @returns The images, with bytes of their own.
   * @throws {UnrecError} At the first record that cannot be read.
   */
  *images(): Generator<ImageRecord> {
    const { order, ordinals } = this.layout;
    const scanner = this.#scanners.createRecordScanner(this.chunkBytes);
    try {
      for (const task of this.#cutImages()) {
        const images: ImageRecord[] = [];
        const reading = readRecords(this.#source, task, scanner, (scanner, row, place) => {
          images.push(imageAt(scanner, row, this.index.keys.at(order.at(place)), ordinals?.at(place) ?? place));
        });
        for (let done = false; !done;) {
          let failure: unknown;
          try {
            done = reading.next().done === true;
          } catch (error) {
            failure = this.explain(error);
          }
          // What was read in front of a damaged record is handed on before its error is thrown.
          yield* images.splice(0);
          if (failure !== undefined) throw failure;
        }
      }
    } finally {
      scanner.close();
    }
  }

  /**
   * Reads one record without reading the rest.
   *
   * @example
   * ```ts ignore
   * import { openDataset } from "@unrec/unrec";
   *
   * using dataset = await openDataset("faces_glint360k");
   * const image = dataset.get(1);
   * if (image) Deno.writeFileSync("first.jpg", image.bytes);
   * ```
   *
   * @param key A key of the index.
   * @returns The record, or undefined if the index does not have the key. `ordinal` is the row in the index.
   * @throws {UnrecError} If the record cannot be read.
   */
  get(key: number): ImageRecord | undefined {
    const row = this.index.rowOf(key);
    if (row < 0) return undefined;
    const order = new Runs();
    order.append(row, 1);
    const [task] = cutTasks(this.index, order, { fileBytes: this.bytes, taskBytes: 1, maxGap: 0, firstOrdinal: row });
    // One record is no hot path, and this scanner is memory that goes when it is done with.
    const scanner = this.#scanners.createRecordScanner(GET_CHUNK_BYTES);
    let image: ImageRecord | undefined;
    try {
      const reading = readRecords(this.#source, task, scanner, (_, at) => image = imageAt(scanner, at, key, row));
      for (const _ of reading);
    } catch (error) {
      throw this.explain(error);
    } finally {
      scanner.close();
    }
    return image;
  }

  /**
   * Turns a record's error into a sentence that names file and key.
   *
   * @param error What reading threw.
   * @returns An {@linkcode UnrecError}, or what was given if it is no record's error.
   */
  explain(error: unknown): unknown {
    return error instanceof RecordError ? explainRecord(error, this.path, this.bytes, this.index) : error;
  }

  /** The tasks with places in `layout.order` in place of ordinals. */
  #cutImages(): Generator<ReadTask> {
    return cutTasks(this.index, this.layout.order, {
      fileBytes: this.bytes,
      taskBytes: this.taskBytes,
      maxGap: this.chunkBytes,
      firstOrdinal: 0,
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#source.file.close();
  }
}

/** Enough that handing out tasks costs nothing, few enough that the last ones end together. */
const CHUNKS_A_TASK = 4;

const GET_CHUNK_BYTES = 64 * 2 ** 10;

/**
 * Opens a dataset and reads its index and its layout.
 *
 * @example
 * ```ts ignore
 * import { openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("faces_glint360k");
 * console.log(dataset.layout.kind, dataset.layout.order.length, "images");
 * ```
 *
 * @param path A directory with `train.rec` and `train.idx`, or a `.rec` file whose `.idx` lies beside it.
 * @param options Which engine.
 * @returns The dataset; dispose of it when done.
 * @throws {UnrecError} If a file is missing or damaged, with what to do about it.
 */
export async function openDataset(path: string, options: OpenOptions = {}): Promise<Dataset> {
  const { engine = "wasm", chunkBytes = RECORD_CHUNK_BYTES, onError = "stop" } = options;
  const place = locateDataset(path);
  const scanners = await loadEngine(engine);
  const indexScanner = scanners.createIndexScanner(Math.max(INDEX_CHUNK_LEAST, Math.min(chunkBytes, 2 ** 20)));
  let index: DatasetIndex;
  try {
    index = readIndex(place.index, indexScanner);
  } finally {
    indexScanner.close();
  }
  const source = openRecordFile(place.records);
  const scanner = scanners.createRecordScanner(chunkBytes);
  try {
    const layout = readLayout(
      source.path,
      index,
      (rows, visit, onError) => readHeaders(source, index, scanner, rows, visit, onError),
      onError,
    );
    return new Dataset({ source, index, layout, property: place.property, engine, scanners, chunkBytes });
  } catch (error) {
    source.file.close();
    throw error instanceof RecordError ? explainRecord(error, source.path, source.bytes, index) : error;
  } finally {
    scanner.close();
  }
}

/** Room for the beginning of a line and the shape of another. */
const INDEX_CHUNK_LEAST = 256;

/**
 * Opens a record file for reading.
 *
 * @param path The file.
 * @throws {UnrecError} If it cannot be opened.
 */
export function openRecordFile(path: string): RecordFile {
  try {
    const file = Deno.openSync(path);
    return { path, file, bytes: file.statSync().size };
  } catch (error) {
    throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
  }
}

/**
 * Says in a sentence which record cannot be read, why, and what to do.
 *
 * @param error What reading threw.
 * @param path The record file.
 * @param bytes Its size.
 * @param index Its index.
 */
export function explainRecord(error: RecordError, path: string, bytes: number, index: DatasetIndex): UnrecError {
  const { kind, offset } = error.problem;
  const key = index.keyOfOffset(offset);
  const advice = kind === "truncated" || kind === "outside"
    ? `the download of ${path} (${bytes} bytes) is not complete, or the index belongs to another file; ` +
      `download it again, or index the records that are there with ${rebuildCommand(path)} --on-error=skip`
    : kind === "label"
    ? "the record is damaged, or the set has labels that are no classes"
    : "the file is damaged, or the index belongs to another file; " +
      "compare the md5 sums of both with the published ones, or look for all damage with unrec verify";
  return new UnrecError(
    `Cannot read the record${key === undefined ? "" : ` of key ${key}`} at byte ${offset} of ${path}: ` +
      `${error.message}; ${advice}`,
  );
}

function imageAt(scanner: RecordScanner, row: number, key: number, ordinal: number): ImageRecord {
  const { table, labels, chunk } = scanner;
  const start = table[row + ROW.IMAGE];
  return {
    key,
    ordinal,
    label: labels[row + ROW.LABEL],
    id: (BigInt(table[row + ROW.ID + 1]) << 32n) | BigInt(table[row + ROW.ID]),
    bytes: chunk.slice(start, start + table[row + ROW.LENGTH]),
  };
}
