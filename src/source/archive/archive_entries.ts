import { posix } from "node:path";
import { PushedReading } from "../../bytes/reading.ts";
import { propertyClasses } from "../../dataset/classes.ts";
import { Cursor } from "../../dataset/cursor.ts";
import type { DatasetFacts } from "../../dataset/dataset.ts";
import { readIndex } from "../../dataset/read_index.ts";
import { readStream, StreamedDataset } from "../../dataset/stream.ts";
import { UnrecError } from "../../errors.ts";
import type { IndexScanner } from "../../recordio/types.ts";
import { firstLine } from "../file_facts.ts";
import type { ReaderContext, ReaderSpec, RecordTaker, StreamEnd } from "../source.ts";
import { checksumFor } from "./checksum.ts";
import type { Checksums } from "./checksums.ts";
import { KeptFiles } from "./kept_files.ts";
import type { EntryHandler, TarEntry } from "./tar_reader.ts";

/** What a thread needs to read an archive. Plain data. */
export interface ArchiveSpec extends ReaderSpec {
  kind: "archive";
  /** Its name in messages. */
  path: string;
  /** The files it consists of, in order; `-` is the standard input. */
  parts: readonly string[];
  /** What sums its parts should have; undefined to take none. */
  checksums: Checksums | undefined;
  /** A folder for the datasets' own files. */
  keep: string | undefined;
}

/** Warnings of one archive that are said one by one. */
const MOST_WARNINGS = 5;

/** More than the first line of a `property` file has. */
const PROPERTY_BYTES = 256;

/** What is done with the entries of an archive. */
export class ArchiveEntries implements Disposable {
  /** Name of the file that is being read. */
  current = "";
  /** What is added to the labels of the dataset that is being read. */
  labelShift = 0;
  readonly #spec: ArchiveSpec;
  readonly #context: ReaderContext;
  readonly #taker: RecordTaker;
  readonly #lines: IndexScanner;
  readonly #kept: KeptFiles | undefined;
  /** By their folders in the archive, in the order they came. */
  readonly #datasets = new Map<string, StreamedDataset>();
  /** The one whose records came last. */
  #dataset: StreamedDataset | undefined;
  #nextNumber: number;
  #passedOver = 0;

  /**
   * @param spec What is read.
   * @param context What it shares with other readers.
   * @param firstNumber The number of the first image.
   * @param taker Takes the images.
   * @throws {UnrecError} If files cannot be kept where they are to be.
   */
  constructor(spec: ArchiveSpec, context: ReaderContext, firstNumber: number, taker: RecordTaker) {
    this.#spec = spec;
    this.#context = context;
    this.#taker = taker;
    this.#nextNumber = firstNumber;
    this.#kept = spec.keep === undefined ? undefined : new KeptFiles(spec.keep);
    this.#lines = context.engine.createIndexScanner();
  }

  /**
   * Says what is to be done with a file of the archive.
   *
   * @param entry The file.
   */
  enter(entry: TarEntry): EntryHandler | undefined {
    const path = this.current = `${entry.path} in ${this.#spec.path}`;
    const handlers = [this.#handlerFor(entry, path), this.#checksumFor(entry, path), this.#kept?.handlerFor(entry)]
      .filter((handler) => handler !== undefined);
    return handlers.length === 0 ? undefined : {
      push: (bytes) => handlers.forEach((handler) => handler.push(bytes)),
      end: () => handlers.forEach((handler) => handler.end()),
    };
  }

  /**
   * Warns of an entry that is passed over.
   *
   * @param path Its path in the archive.
   * @param what What it is.
   */
  passOver(path: string, what: string): void {
    if (this.#passedOver++ < MOST_WARNINGS) {
      this.#context.warn(`${this.#spec.path} holds ${path}, ${what}; it is passed over`);
    }
  }

  /**
   * Checks the numbering of each dataset, when all of the archive was read.
   *
   * @returns What is known of them now.
   * @throws {UnrecError} If there is none, or the numbers are wrong.
   */
  end(): StreamEnd {
    this.#kept?.finish();
    if (this.#passedOver > MOST_WARNINGS) {
      this.#context.warn(`${this.#spec.path} holds ${this.#passedOver - MOST_WARNINGS} more of that kind`);
    }
    const begun = Array.from(this.#datasets.values()).filter((dataset) => dataset.begun);
    if (begun.length === 0) throw new UnrecError(`Cannot decode ${this.#spec.path}: there is no train.rec in it`);
    this.#leaveDataset();
    const datasets: DatasetFacts[] = begun.map((dataset) => dataset.check());
    return { datasets, labelSpan: this.labelShift };
  }

  [Symbol.dispose](): void {
    this.#kept?.[Symbol.dispose]();
    this.#lines.close();
  }

  #handlerFor({ path: inArchive, bytes }: TarEntry, path: string): EntryHandler | undefined {
    const folder = posix.dirname(inArchive);
    const name = posix.basename(inArchive);
    if (name !== "train.rec" && name !== "train.idx" && name !== "property") return undefined;
    let dataset = this.#datasets.get(folder);
    if (dataset === undefined) {
      dataset = new StreamedDataset(posix.join(folder, "train.rec"), this.#spec.path);
      this.#datasets.set(folder, dataset);
    }
    if (name === "train.rec") return this.#readRecords(dataset);
    if (name === "train.idx") return this.#readIndex(dataset, path, bytes);
    return readProperty(dataset);
  }

  #readRecords(dataset: StreamedDataset): EntryHandler {
    if (dataset.begun) throw new UnrecError(`Cannot decode ${this.#spec.path}: it holds ${dataset.path} twice`);
    this.#leaveDataset();
    this.#dataset = dataset;
    dataset.begun = true;
    const taker = this.#taker;
    const cursor = new Cursor({ name: dataset.path, size: Infinity }, this.#context.scanner);
    return new PushedReading(readStream(cursor, (view) => {
      if (!dataset.take(view)) return;
      view.number = this.#nextNumber++;
      taker.record(view);
    }));
  }

  /** Shifts the labels of the next dataset past those of the one before it, if labels are shifted. */
  #leaveDataset(): void {
    if (this.#dataset === undefined) return;
    const { property, highestLabel } = this.#dataset;
    if (this.#context.relabel) this.labelShift += propertyClasses(property) ?? highestLabel + 1;
    this.#dataset = undefined;
  }

  #readIndex(dataset: StreamedDataset, path: string, bytes: number): EntryHandler {
    const reading = new PushedReading(readIndex(path, bytes, this.#lines));
    return { push: (bytes) => reading.push(bytes), end: () => dataset.index = reading.end() };
  }

  #checksumFor({ path: inArchive }: TarEntry, path: string): EntryHandler | undefined {
    const checksum = checksumFor(this.#spec.checksums, inArchive);
    return checksum && { push: (bytes) => checksum.update(bytes), end: () => checksum.end(path) };
  }
}

function readProperty(dataset: StreamedDataset): EntryHandler {
  let text = "";
  const decoder = new TextDecoder();
  return {
    push: (bytes) => text += text.length < PROPERTY_BYTES ? decoder.decode(bytes.subarray(0, PROPERTY_BYTES)) : "",
    end: () => dataset.property = firstLine(text),
  };
}
