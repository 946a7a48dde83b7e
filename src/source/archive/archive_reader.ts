import type { ReadTask } from "../../dataset/plan.ts";
import { UnrecError } from "../../errors.ts";
import { type Steps, Stopped } from "../../pool/work.ts";
import { describeProblem, RecordError } from "../../recordio/problem.ts";
import type { ReaderContext, RecordTaker, SourceReader, StreamEnd } from "../source.ts";
import { ArchiveEntries, type ArchiveSpec } from "./archive_entries.ts";
import { isGzip } from "./find_parts.ts";
import { gunzip, GunzipError } from "./gunzip.ts";
import { gunzipInThread } from "./gunzip_thread.ts";
import { PartsReader } from "./parts_reader.ts";
import { TarError, TarReader } from "./tar_reader.ts";

/** Reads the datasets of an archive, once and from front to back. */
export class ArchiveReader implements SourceReader {
  read = 0;
  readonly #spec: ArchiveSpec;
  readonly #context: ReaderContext;
  #entries: ArchiveEntries | undefined;

  /**
   * @param spec What to read.
   * @param context What it shares with other readers.
   */
  constructor(spec: ArchiveSpec, context: ReaderContext) {
    this.#spec = spec;
    this.#context = context;
  }

  get labelShift(): number {
    return this.#entries?.labelShift ?? 0;
  }

  async *run(task: ReadTask, taker: RecordTaker): Steps<StreamEnd> {
    const { parts, checksums } = this.#spec;
    const reader = new PartsReader(parts, checksums);
    using entries = this.#entries = new ArchiveEntries(this.#spec, this.#context, task.numbers.first, taker);
    const tar = new TarReader((entry) => entries.enter(entry), (path, what) => entries.passOver(path, what));
    let first = true;
    try {
      const { parallel, signal } = this.#context;
      for await (const bytes of untilAborted(inflated(reader, parallel), signal)) {
        if (first && isGzip(bytes)) throw new TarError("it is compressed twice");
        first = false;
        tar.push(bytes);
        this.read = reader.bytes;
        yield;
      }
      if (signal?.aborted) throw new Stopped();
      tar.end();
      return entries.end();
    } catch (error) {
      throw explain(error, this.#spec.path, reader, entries);
    } finally {
      this.read = reader.bytes;
    }
  }

  [Symbol.dispose](): void {}
}

async function* inflated(reader: PartsReader, parallel: boolean): AsyncGenerator<Uint8Array, void> {
  const pieces = reader[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return;
  async function* all() {
    yield first.value as Uint8Array<ArrayBuffer>;
    yield* pieces;
  }
  if (!isGzip(first.value)) yield* all();
  else yield* parallel ? gunzipInThread(all()) : gunzip(all());
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

function explain(error: unknown, path: string, reader: PartsReader, entries: ArchiveEntries): unknown {
  if (error instanceof GunzipError) {
    const why = /unexpected end/.test(error.message)
      ? "the compressed data end too early, so a part is cut short or missing at the end"
      : /data check|length check/.test(error.message)
      ? "gzip's own checksum differs, so some part is damaged"
      : `the compressed data are damaged (${error.message})`;
    return new UnrecError(`Cannot inflate the archive at ${reader.placeOf(error.position)}: ${why}`, {
      kind: "compare-sums",
    });
  }
  if (error instanceof TarError) {
    return new UnrecError(`Cannot read the archive ${path} near ${reader.placeOf(reader.bytes)}: ${error.message}`);
  }
  if (error instanceof RecordError) {
    return new UnrecError(
      `Cannot read the record at byte ${error.problem.offset} of ${entries.current}: ` +
        `${describeProblem(error.problem)}; read so far: ${reader.placeOf(reader.bytes)}`,
      { kind: "compare-sums" },
    );
  }
  if (error instanceof UnrecError && error.remedies.some(({ kind }) => kind === "rebuild-index")) {
    return new UnrecError(error.message, { kind: "unpack", path });
  }
  return error;
}
