import { HEAD_BYTES } from "../../dataset/file_kind.ts";
import type { ReadTask } from "../../dataset/plan.ts";
import { UnrecError } from "../../errors.ts";
import { type Steps, Stopped } from "../../pool/work.ts";
import { describeProblem, RecordError } from "../../recordio/problem.ts";
import type { ReaderContext, RecordTaker, SourceReader, StreamEnd } from "../source.ts";
import { ArchiveEntries, type ArchiveSpec } from "./archive_entries.ts";
import { containerOf, notReadHere } from "./containers.ts";
import { gunzip, GunzipError } from "./gunzip.ts";
import { gunzipInThread } from "./gunzip_thread.ts";
import { Beginning } from "./no_archive.ts";
import { PartsReader } from "./parts_reader.ts";
import { TarError, TarReader } from "./tar_reader.ts";
import { untilAborted } from "./until_aborted.ts";

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
    const beginning = new Beginning();
    try {
      const { signal } = this.#context;
      for await (const bytes of untilAborted(this.#inflated(reader), signal)) {
        beginning.add(bytes);
        tar.push(bytes);
        this.read = reader.bytes;
        yield;
      }
      if (signal?.aborted) throw new Stopped();
      tar.end();
      return entries.end();
    } catch (error) {
      const other = error instanceof TarError ? beginning.explain(this.#spec.path, parts) : undefined;
      throw other ?? explain(error, this.#spec.path, reader, entries);
    } finally {
      this.read = reader.bytes;
    }
  }

  [Symbol.dispose](): void {}

  /** What the parts hold, inflated if it is compressed. */
  async *#inflated(reader: PartsReader): AsyncGenerator<Uint8Array, void> {
    const { path, parts } = this.#spec;
    const pieces = reader[Symbol.asyncIterator]();
    try {
      const first = await firstBytes(pieces);
      const container = containerOf(first);
      if (container !== undefined && container.reader !== "tar") throw notReadHere(container, path, parts);
      const all = async function* () {
        if (first.length > 0) yield first;
        yield* pieces;
      };
      if (container?.kind.name !== "gzip") return yield* all();
      const onGarbage = (position: number) =>
        this.#context.warn(
          `${path}: decompression OK, trailing garbage ignored: no gzip data begin at ${reader.placeOf(position)}`,
        );
      yield* this.#context.parallel ? gunzipInThread(all(), onGarbage) : gunzip(all(), onGarbage);
    } finally {
      await pieces.return();
    }
  }
}

/** So many bytes that they tell what comes, however small the pieces are in which a pipe hands them on. */
async function firstBytes(pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array();
  while (bytes.length < HEAD_BYTES) {
    const next = await pieces.next();
    if (next.done) break;
    const more = new Uint8Array(bytes.length + next.value.length);
    more.set(bytes);
    more.set(next.value, bytes.length);
    bytes = more;
  }
  return bytes;
}

function explain(error: unknown, path: string, reader: PartsReader, entries: ArchiveEntries): unknown {
  if (error instanceof GunzipError) {
    const part = reader.whichPart();
    const why = /unexpected end/.test(error.message)
      ? "the compressed data end too early, so a part is cut short or missing at the end"
      : /data check|length check/.test(error.message)
      ? `gzip's own checksum, which is of all before, differs${part}`
      : `the compressed data are damaged (${error.message})${part}`;
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
