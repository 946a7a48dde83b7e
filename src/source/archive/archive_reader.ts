import { fileKind, HEAD_BYTES } from "../../dataset/file_kind.ts";
import { UnrecError } from "../../errors.ts";
import { describeProblem, RecordError } from "../../recordio/problem.ts";
import type { ReaderContext } from "../source.ts";
import type { ArchiveEntries, ArchiveSpec } from "./archive_entries.ts";
import { containerOf, notReadHere } from "./containers.ts";
import { EntriesReader } from "./entries_reader.ts";
import { gunzip, GunzipError } from "./gunzip.ts";
import { gunzipInThread } from "./gunzip_thread.ts";
import { Beginning } from "./no_archive.ts";
import { PartsReader } from "./parts_reader.ts";
import { TarError, TarReader } from "./tar_reader.ts";
import { untilAborted } from "./until_aborted.ts";

/** Reads the datasets of a tar archive, once and from front to back. */
export class ArchiveReader extends EntriesReader {
  readonly #parts: PartsReader;
  readonly #beginning = new Beginning();

  /**
   * @param spec What to read.
   * @param context What it shares with other readers.
   */
  constructor(spec: ArchiveSpec, context: ReaderContext) {
    super(spec, context);
    this.#parts = new PartsReader(spec.parts, spec.checksums);
  }

  protected override async *readEntries(entries: ArchiveEntries): AsyncGenerator<void, void> {
    const tar = new TarReader((entry) => entries.enter(entry), (path, what) => entries.passOver(path, what));
    try {
      for await (const bytes of untilAborted(this.#inflated(), this.context.signal)) {
        this.#beginning.add(bytes);
        tar.push(bytes);
        this.read = this.#parts.bytes;
        yield;
      }
      this.requireGoesOn();
      tar.end();
    } finally {
      this.read = this.#parts.bytes;
    }
  }

  /** What the parts hold, inflated if it is compressed. */
  async *#inflated(): AsyncGenerator<Uint8Array, void> {
    const { path, parts } = this.spec;
    const pieces = this.#parts[Symbol.asyncIterator]();
    try {
      const first = await firstBytes(pieces);
      const container = containerOf(fileKind(first));
      if (container !== undefined && container.reader !== "tar") throw notReadHere(container, path, parts);
      const all = async function* () {
        if (first.length > 0) yield first;
        yield* pieces;
      };
      if (container?.kind.name !== "gzip") return yield* all();
      const onGarbage = (position: number) =>
        this.context.warn(
          `${path}: decompression OK, trailing garbage ignored: no gzip data begin at ${this.#parts.placeOf(position)}`,
        );
      yield* this.context.parallel ? gunzipInThread(all(), onGarbage) : gunzip(all(), onGarbage);
    } finally {
      await pieces.return();
    }
  }

  protected override explain(error: unknown, entries: ArchiveEntries): unknown {
    const { path, parts } = this.spec;
    const reader = this.#parts;
    if (error instanceof TarError) {
      const place = `near ${reader.placeOf(reader.bytes)}`;
      return this.#beginning.explain(path, parts) ??
        new UnrecError(`Cannot read the archive ${path} ${place}: ${error.message}`);
    }
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
