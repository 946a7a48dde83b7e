import { posix } from "node:path";
import { PushedReading } from "../../bytes/reading.ts";
import { propertyClasses } from "../../dataset/classes.ts";
import { Cursor } from "../../dataset/cursor.ts";
import type { DatasetFacts } from "../../dataset/dataset.ts";
import { readIndex } from "../../dataset/read_index.ts";
import type { Selection } from "../../dataset/selection/selection.ts";
import { readStream, StreamedDataset } from "../../dataset/stream.ts";
import { type Remedy, UnrecError } from "../../errors.ts";
import type { IndexScanner } from "../../recordio/types.ts";
import { firstLine } from "../file_facts.ts";
import type { ReaderContext, ReaderSpec, RecordTaker, StreamEnd } from "../source.ts";
import { checksumFor } from "./checksum.ts";
import type { Checksums } from "./checksums.ts";
import type { ArchiveEntry, EntryHandler } from "./entry.ts";
import { STANDARD_INPUT } from "./find_parts.ts";
import { KeptFiles } from "./kept_files.ts";

/** What a thread needs to read an archive. Plain data. */
export interface ArchiveSpec extends ReaderSpec {
  /** How it is packed. */
  kind: "tar" | "zip";
  /** Its name in messages. */
  path: string;
  /** The files it consists of, in order; `-` is the standard input. */
  parts: readonly string[];
  /** What sums its parts should have; undefined to take none. */
  checksums: Checksums | undefined;
  /** Whether somebody gave these sums to be compared; else they are those that are published. */
  sumsAreGiven: boolean;
  /** A folder for the datasets' own files. */
  keep: string | undefined;
  /** Which images are wanted, of each dataset by itself; undefined if all are. */
  select: Selection | undefined;
}

/** Warnings of one archive that are said one by one. */
const MOST_WARNINGS = 5;

/** Folders with a dataset that an archive may have: each takes some memory until the archive's end. */
const MOST_DATASETS = 10_000;

/** Bytes of memory that the indexes of an archive may take in all: enough for 30 million records. */
const INDEX_MEMORY = 256e6;

/** How the names of tar archives end, and of parts of one. */
const ARCHIVE_NAME = /\.(tar|tgz|tar\.\w+)$|[._-]\d{2,3}$/i;

/** Archives in an archive that are remembered. */
const MOST_ARCHIVES = 16;

/** Files of a dataset, by their base names. */
const RECORDS = "train.rec";
const INDEX = "train.idx";
const PROPERTY = "property";

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
  readonly #firstNumber: number;
  #nextNumber: number;
  #passedOver = 0;
  /** Whether the sum of a part or of a file in the archive was there to be compared. */
  #compares: boolean;
  #indexMemory = INDEX_MEMORY;
  /** Archives in the archive, in the order they came. */
  readonly #archives = new Set<string>();

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
    this.#firstNumber = this.#nextNumber = firstNumber;
    this.#compares = spec.parts.some((part) => checksumFor(spec.checksums, part) !== undefined);
    this.#kept = spec.keep === undefined ? undefined : new KeptFiles(spec.keep);
    this.#lines = context.engine.createIndexScanner();
  }

  /**
   * Whether anything is done with a file of the archive.
   *
   * @param entry The file.
   */
  wants({ path }: ArchiveEntry): boolean {
    const name = posix.basename(path);
    if (ARCHIVE_NAME.test(name) && this.#archives.size < MOST_ARCHIVES) this.#archives.add(path);
    return [RECORDS, INDEX, PROPERTY].includes(name) || this.#kept?.wants(name) === true ||
      this.#spec.checksums?.has(name) === true;
  }

  /**
   * Says what is to be done with a file of the archive.
   *
   * @param entry The file.
   */
  enter(entry: ArchiveEntry): EntryHandler | undefined {
    if (!this.wants(entry)) return undefined;
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
    if (this.#passedOver > MOST_WARNINGS) {
      this.#context.warn(`${this.#spec.path} holds ${this.#passedOver - MOST_WARNINGS} more of that kind`);
    }
    if (this.#spec.sumsAreGiven && !this.#compares) {
      this.#context.warn(
        `none of the sums that were given was compared: ${this.#spec.path} has no file of these names`,
      );
    }
    const begun = Array.from(this.#datasets.values()).filter((dataset) => dataset.begun);
    if (begun.length === 0) throw this.#noRecords();
    this.#leaveDataset();
    const datasets: DatasetFacts[] = begun.map((dataset) => dataset.check());
    const mixed = begun.map(({ mixedLabels }) => mixedLabels).filter((count) => count !== undefined);
    const kept = this.#kept?.finish();
    return {
      datasets,
      labelSpan: this.labelShift,
      numbers: this.#nextNumber - this.#firstNumber,
      ...kept === undefined ? {} : { kept },
      ...mixed.length === 0 ? {} : { mixedLabels: mixed },
    };
  }

  /** The way to read an archive in another order than that in which it comes. */
  #unpack(): Remedy {
    return { kind: this.#spec.kind === "zip" ? "unzip" : "unpack", path: this.#spec.path };
  }

  #noRecords(): UnrecError {
    const { kind, path, parts: [file, ...others] } = this.#spec;
    const cannot = `Cannot decode ${path}: there is no train.rec in it`;
    const [first] = this.#archives;
    if (first === undefined) return new UnrecError(cannot);
    const way: Remedy = others.length > 0 || file === STANDARD_INPUT ? this.#unpack() : {
      kind: "pipe",
      commands: [
        kind === "zip" ? ["unzip", "-p", file, ...this.#archives] : ["tar", "-xOf", file, ...this.#archives],
      ],
    };
    return new UnrecError(`${cannot}, but ${first}`, way);
  }

  [Symbol.dispose](): void {
    this.#kept?.[Symbol.dispose]();
    this.#lines.close();
  }

  #handlerFor({ path: inArchive, bytes }: ArchiveEntry, path: string): EntryHandler | undefined {
    const folder = posix.dirname(inArchive);
    const name = posix.basename(inArchive);
    if (name !== RECORDS && name !== INDEX && name !== PROPERTY) return undefined;
    let dataset = this.#datasets.get(folder);
    if (dataset === undefined) {
      if (this.#datasets.size === MOST_DATASETS) {
        throw new UnrecError(
          `Cannot decode ${this.#spec.path}: it has more than ${MOST_DATASETS} datasets`,
          this.#unpack(),
        );
      }
      dataset = new StreamedDataset(posix.join(folder, RECORDS), this.#spec.path, this.#spec.select);
      this.#datasets.set(folder, dataset);
    }
    if (name === RECORDS) return this.#readRecords(dataset);
    if (name === INDEX) return this.#readIndex(dataset, path, bytes);
    return readProperty(dataset);
  }

  #readRecords(dataset: StreamedDataset): EntryHandler {
    if (dataset.begun) throw new UnrecError(`Cannot decode ${this.#spec.path}: it holds ${dataset.path} twice`);
    this.#leaveDataset();
    this.#dataset = dataset;
    dataset.begun = true;
    dataset.firstNumber = this.#nextNumber;
    const taker = this.#taker;
    const cursor = new Cursor({ name: dataset.path, size: Infinity }, this.#context.scanner);
    return new PushedReading(readStream(cursor, (view) => {
      if (!dataset.take(view)) return;
      view.number = this.#nextNumber++;
      if (dataset.wants(view)) taker.record(view);
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
    const reading = new PushedReading(readIndex(path, bytes, this.#lines, this.#indexMemory, this.#unpack()));
    return {
      push: (bytes) => reading.push(bytes),
      end: () => {
        const index = dataset.index = reading.end();
        this.#indexMemory -= 8 * index.rows + 8 * index.keys.count;
      },
    };
  }

  #checksumFor({ path: inArchive }: ArchiveEntry, path: string): EntryHandler | undefined {
    const checksum = checksumFor(this.#spec.checksums, inArchive);
    this.#compares ||= checksum !== undefined;
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
