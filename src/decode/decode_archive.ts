import { posix } from "node:path";
import type { Archive } from "../archive/archive.ts";
import { Checksum } from "../archive/checksum.ts";
import { isGzip } from "../archive/find_archive.ts";
import { gunzip, GunzipError } from "../archive/gunzip.ts";
import { gunzipInThread } from "../archive/gunzip_thread.ts";
import { KeptFiles } from "../archive/kept_files.ts";
import { PartsReader } from "../archive/parts_reader.ts";
import { StreamedDataset } from "../archive/streamed_dataset.ts";
import { type EntryHandler, TarEntries, type TarEntry, TarError } from "../archive/tar_entries.ts";
import { firstLine } from "../dataset/locate_dataset.ts";
import { IndexReader } from "../dataset/read_index.ts";
import { RecordStream } from "../dataset/record_stream.ts";
import { UnrecError } from "../errors.ts";
import { loadEngine } from "../recordio/engine.ts";
import { RecordError } from "../recordio/problem.ts";
import type { Engine, IndexScanner, RecordScanner } from "../recordio/types.ts";
import type { ImageSink } from "../sink/image_sink.ts";
import { ImageWriter, Stopped, type Written } from "./image_writer.ts";
import type { Tally } from "./tally.ts";
import { Increments, type ProgressListener, REPORT_EVERY } from "./task_host.ts";

/** What decoding an archive shares with what is decoded before and after it. */
export interface ArchiveRun {
  /** Takes the images. */
  sink: ImageSink;
  /** Counts what is done. */
  tally: Tally;
  /** Number of the archive's first dataset among all. */
  firstDataset: number;
  /** Ordinal of its first image. */
  firstOrdinal: number;
  /** Whether labels are shifted past those of earlier datasets. */
  relabel: boolean;
  /** With more than one, inflating has a thread of its own. */
  jobs: number;
  /** Not 0 when it should stop. */
  stop: Int32Array<SharedArrayBuffer>;
  /** Aborted when it should stop, for when it waits for bytes. */
  signal: AbortSignal | undefined;
  /** Told what was written, and what was read of the archive. */
  onProgress: ProgressListener;
  /** Told what in the archive is passed over. */
  onWarning: (message: string) => void;
}

/**
 * Decodes the datasets of an archive while it is read, once and from front to back.
 *
 * @param archive What to read.
 * @param run Where it goes.
 * @returns How many datasets it had.
 * @throws {UnrecError} If it cannot be read on, or if its images turn out not to be in reading order.
 */
export async function decodeArchive(archive: Archive, run: ArchiveRun): Promise<number> {
  const reader = new PartsReader(archive.parts, archive.checksums);
  using entries = new ArchiveEntries(archive, run, await loadEngine(archive.engine));
  const tar = new TarEntries((entry) => entries.enter(entry), (path, what) => entries.passOver(path, what));
  const increments = new Increments();
  let read = 0;
  const report = () => {
    run.onProgress({ ...increments.since(entries.written), read: reader.bytes - read });
    read = reader.bytes;
  };
  let reported = performance.now();
  try {
    for await (const bytes of untilAborted(inflated(reader, run.jobs), run.signal)) {
      tar.push(bytes);
      if (performance.now() - reported < REPORT_EVERY) continue;
      reported = performance.now();
      report();
    }
    if (Atomics.load(run.stop, 0) !== 0) return entries.count;
    tar.end();
    entries.check();
  } catch (error) {
    if (!(error instanceof Stopped)) throw explain(error, archive, reader, entries);
  } finally {
    report();
  }
  return entries.count;
}

async function* inflated(reader: PartsReader, jobs: number): AsyncGenerator<Uint8Array, void> {
  const pieces = reader[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return;
  async function* all() {
    yield first.value as Uint8Array<ArrayBuffer>;
    yield* pieces;
  }
  if (!isGzip(first.value)) yield* all();
  else yield* jobs > 1 ? gunzipInThread(all()) : gunzip(all());
}

/** Ends when the signal is aborted, also while the next bytes are waited for. */
async function* untilAborted(
  pieces: AsyncGenerator<Uint8Array, void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  // Not Promise.race with one promise for all: that would keep every piece until the signal comes.
  let stopWaiting = () => {};
  const onAbort = () => stopWaiting();
  signal?.addEventListener("abort", onAbort);
  try {
    while (!signal?.aborted) {
      const next = await new Promise<IteratorResult<Uint8Array, void> | undefined>((resolve, reject) => {
        stopWaiting = () => resolve(undefined);
        pieces.next().then(resolve, reject);
      });
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not waited for: a read of the standard input may never end.
    if (signal?.aborted) pieces.return();
    else await pieces.return();
  }
}

function explain(error: unknown, archive: Archive, reader: PartsReader, entries: ArchiveEntries): unknown {
  if (error instanceof GunzipError) {
    const why = /unexpected end/.test(error.message)
      ? "the compressed data end too early, so a part is cut short or missing at the end"
      : /data check|length check/.test(error.message)
      ? "gzip's own checksum differs, so some part is damaged"
      : `the compressed data are damaged (${error.message})`;
    return new UnrecError(
      `Cannot inflate the archive at ${reader.placeOf(error.position)}: ${why}; compare the md5 sums of the parts`,
    );
  }
  if (error instanceof TarError) {
    return new UnrecError(
      `Cannot read the archive ${archive.path} near ${reader.placeOf(reader.bytes)}: ${error.message}`,
    );
  }
  if (error instanceof RecordError) {
    return new UnrecError(
      `Cannot read the record at byte ${error.problem.offset} of ${entries.current}: ${error.message}; ` +
        `read so far: ${reader.placeOf(reader.bytes)}`,
    );
  }
  return error;
}

/** Warnings of one archive that are said one by one. */
const MOST_WARNINGS = 5;

/** What is done with the entries of an archive. */
class ArchiveEntries implements Disposable {
  /** Name of the file that is being read. */
  current = "";
  readonly #archive: Archive;
  readonly #run: ArchiveRun;
  readonly #records: RecordScanner;
  readonly #lines: IndexScanner;
  readonly #kept: KeptFiles | undefined;
  /** By their directories in the archive, in the order they came. */
  readonly #datasets = new Map<string, StreamedDataset>();
  /** Counts the images of the record file that is being read, or was read last. */
  #writer: ImageWriter | undefined;
  /** Images of the record files before it. */
  #before: Written = { images: 0, bytes: 0 };
  /** How many record files were begun. */
  #recordFiles = 0;
  #passedOver = 0;

  constructor(archive: Archive, run: ArchiveRun, scanners: Engine) {
    this.#archive = archive;
    this.#run = run;
    this.#records = scanners.createRecordScanner(archive.chunkBytes);
    this.#lines = scanners.createIndexScanner();
    this.#kept = archive.keep === undefined ? undefined : new KeptFiles(archive.keep);
  }

  /** How many record files have come. */
  get count(): number {
    return this.#recordFiles;
  }

  /** What was written of all of them. */
  get written(): Written {
    const { images, bytes } = this.#before;
    return { images: images + (this.#writer?.images ?? 0), bytes: bytes + (this.#writer?.bytes ?? 0) };
  }

  /** What is to be done with a file of the archive. */
  enter(entry: TarEntry): EntryHandler | undefined {
    const path = this.current = `${entry.path} in ${this.#archive.path}`;
    const handlers = [this.#handlerFor(entry, path), this.#checksumFor(entry, path), this.#kept?.handlerFor(entry)]
      .filter((handler) => handler !== undefined);
    return {
      push: (bytes) => handlers.forEach((handler) => handler.push(bytes)),
      end: () => handlers.forEach((handler) => handler.end()),
    };
  }

  /** Warns of an entry that is passed over. */
  passOver(path: string, what: string): void {
    if (this.#passedOver++ < MOST_WARNINGS) {
      this.#run.onWarning(`${this.#archive.path} holds ${path}, ${what}; it is passed over`);
    }
  }

  /** Checks the numbering of each dataset, when all of the archive was read. */
  check(): void {
    if (this.#passedOver > MOST_WARNINGS) {
      this.#run.onWarning(`${this.#archive.path} holds ${this.#passedOver - MOST_WARNINGS} more of that kind`);
    }
    if (this.#recordFiles === 0) {
      throw new UnrecError(`Cannot decode ${this.#archive.path}: there is no train.rec in it`);
    }
    for (const dataset of this.#datasets.values()) {
      if (!dataset.begun) continue;
      const layout = dataset.check();
      const { path, property, index } = dataset;
      this.#run.tally.datasets.push({ path, layout, property, records: index!.rows, duplicateKeys: index!.duplicates });
    }
  }

  [Symbol.dispose](): void {
    this.#count();
    this.#kept?.[Symbol.dispose]();
    this.#lines.close();
    this.#records.close();
  }

  #handlerFor({ path: inArchive, bytes }: TarEntry, path: string): EntryHandler | undefined {
    const directory = posix.dirname(inArchive);
    const name = posix.basename(inArchive);
    if (name !== "train.rec" && name !== "train.idx" && name !== "property") return undefined;
    let dataset = this.#datasets.get(directory);
    if (dataset === undefined) {
      dataset = new StreamedDataset(`${posix.join(directory, "train.rec")} in ${this.#archive.path}`);
      this.#datasets.set(directory, dataset);
    }
    if (name === "train.rec") return this.#readRecords(dataset);
    if (name === "train.idx") return this.#readIndex(dataset, path, bytes);
    return readProperty(dataset);
  }

  #readRecords(dataset: StreamedDataset): EntryHandler {
    if (dataset.begun) throw new UnrecError(`Cannot decode ${this.#archive.path}: it holds ${dataset.path} twice`);
    dataset.begun = true;
    this.#count();
    const { sink, relabel, tally, stop, firstOrdinal } = this.#run;
    const first = firstOrdinal + this.#before.images;
    const writer = this.#writer = new ImageWriter(sink, relabel ? tally.nextLabel : 0, stop);
    this.#recordFiles++;
    return new RecordStream(this.#records, (row, offset) => {
      if (dataset.take(this.#records, row, offset)) {
        writer.write(this.#records, row, first + dataset.images - 1, offset);
      }
    });
  }

  #readIndex(dataset: StreamedDataset, path: string, bytes: number): EntryHandler {
    const reader = new IndexReader(path, bytes, this.#lines);
    return {
      push(bytes) {
        for (let from = 0; from < bytes.length;) {
          const { space } = reader;
          const piece = bytes.subarray(from, from + space.length);
          space.set(piece);
          reader.advance(piece.length);
          from += piece.length;
        }
      },
      end: () => dataset.index = reader.end(),
    };
  }

  #checksumFor(entry: TarEntry, path: string): EntryHandler | undefined {
    const sums = this.#archive.checksums;
    if (!sums?.has(posix.basename(entry.path))) return undefined;
    const checksum = new Checksum(entry.path, sums);
    return { push: (bytes) => checksum.update(bytes), end: () => void checksum.end(path) };
  }

  /** Counts the record file that was read last. */
  #count(): void {
    if (this.#writer === undefined) return;
    this.#run.tally.add(this.#run.firstDataset + this.#recordFiles - 1, this.#writer.outcome());
    this.#before = this.written;
    this.#writer = undefined;
  }
}

/** More than the first line of a `property` file has. */
const PROPERTY_BYTES = 256;

function readProperty(dataset: StreamedDataset): EntryHandler {
  let text = "";
  const decoder = new TextDecoder();
  return {
    push: (bytes) => text += text.length < PROPERTY_BYTES ? decoder.decode(bytes.subarray(0, PROPERTY_BYTES)) : "",
    end: () => dataset.property = firstLine(text),
  };
}
