import { posix } from "node:path";
import { UnrecError } from "../../errors.ts";
import { describeProblem, RecordError } from "../../recordio/problem.ts";
import type { ArchiveEntries } from "./archive_entries.ts";
import { checksumFor } from "./checksum.ts";
import { EntriesReader } from "./entries_reader.ts";
import { leadsOut } from "./entry.ts";
import { PartsReader } from "./parts_reader.ts";
import { untilAborted } from "./until_aborted.ts";
import { ZipThread } from "./zip_thread.ts";
import type { ZipEntry } from "./zip_worker.ts";

/** Entries of interest are few; an archive that has more of them is made to do harm. */
const MOST_ENTRIES = 100_000;

/** Compression methods that can be inflated (APPNOTE.TXT, 4.4.5). */
const STORED = 0;
const DEFLATED = 8;
/** The names of the others that are met. */
const METHODS: Record<number, string> = {
  1: "Shrink",
  6: "Implode",
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "zstd",
  95: "xz",
  98: "PPMd",
  99: "AES encryption",
};

/** Reads the datasets of a ZIP archive, one file: of each dataset, what tells of its records before the records. */
export class ZipReader extends EntriesReader {
  protected override async *readEntries(entries: ArchiveEntries): AsyncGenerator<void, void> {
    yield* this.#takeSum();
    using zip = new ZipThread(this.spec.path);
    for (const entry of await this.#wanted(zip, entries)) {
      const handler = entries.enter(entry);
      const before = this.read;
      let inflated = 0;
      for await (const bytes of untilAborted(zip.read(entry), this.context.signal)) {
        handler?.push(bytes);
        inflated += bytes.length;
        this.read = before + Math.round(entry.packedBytes * Math.min(1, inflated / entry.bytes));
        yield;
      }
      this.requireGoesOn();
      handler?.end();
    }
  }

  /** Takes the sum of the file, if it is known: not all of its bytes are read below. */
  async *#takeSum(): AsyncGenerator<void, void> {
    const { parts, checksums } = this.spec;
    if (!parts.some((part) => checksumFor(checksums, part) !== undefined)) return;
    for await (
      const _ of untilAborted(new PartsReader(parts, checksums)[Symbol.asyncIterator](), this.context.signal)
    ) {
      yield;
    }
    this.requireGoesOn();
  }

  /** What is read, in the order in which it is. Warns of what is passed over. */
  async #wanted(zip: ZipThread, entries: ArchiveEntries): Promise<ZipEntry[]> {
    const wanted: ZipEntry[] = [];
    for await (const entry of untilAborted(zip.entries(), this.context.signal)) {
      const odd = leadsOut(entry.path) ?? entry.odd;
      if (entry.path.endsWith("/")) continue;
      else if (odd !== undefined) entries.passOver(entry.path, odd);
      else if (entries.wants(entry)) {
        this.#requireReadable(entry);
        if (wanted.push(entry) > MOST_ENTRIES) {
          throw new UnrecError(`Cannot read ${this.spec.path}: more than ${MOST_ENTRIES} files in it are of datasets`);
        }
      }
    }
    this.requireGoesOn();
    this.#requireApart(wanted);
    return inReadingOrder(wanted);
  }

  #requireReadable({ path: inArchive, method, encrypted }: ZipEntry): void {
    if (!encrypted && (method === STORED || method === DEFLATED)) return;
    const how = encrypted ? "is encrypted" : `is compressed with ${METHODS[method] ?? `method ${method}`}`;
    const { path } = this.spec;
    throw new UnrecError(`Cannot read ${inArchive} in ${path}: it ${how}`, { kind: "unpack-with-7z", path });
  }

  /** Makes sure that no two entries share bytes: so a small archive could hold as much as it likes. */
  #requireApart(entries: readonly ZipEntry[]): void {
    const sorted = entries.toSorted((a, b) => a.offset - b.offset);
    for (const [i, { path, offset }] of sorted.entries()) {
      const before = sorted[i - 1];
      if (before === undefined || before.offset + before.packedBytes <= offset) continue;
      throw new UnrecError(`Cannot read ${this.spec.path}: it is damaged, ${before.path} and ${path} in it overlap`, {
        kind: "download-again",
        path: this.spec.path,
      });
    }
  }

  protected override explain(error: unknown, entries: ArchiveEntries): unknown {
    const { path } = this.spec;
    if (error instanceof RecordError) {
      const { problem } = error;
      return new UnrecError(
        `Cannot read the record at byte ${problem.offset} of ${entries.current}: ${describeProblem(problem)}`,
        { kind: "download-again", path },
      );
    }
    if (error instanceof UnrecError && error.remedies.some(({ kind }) => ["unpack", "rebuild-index"].includes(kind))) {
      return new UnrecError(error.message, { kind: "unzip", path });
    }
    return error;
  }
}

/**
 * Datasets in the order of their records; of each, what tells of its records before these. Then all else.
 */
function inReadingOrder(entries: readonly ZipEntry[]): ZipEntry[] {
  const folders = new Map<string, ZipEntry[]>();
  for (const entry of entries) {
    if (posix.basename(entry.path) === "train.rec") folders.set(posix.dirname(entry.path), []);
  }
  const others: ZipEntry[] = [];
  for (const entry of entries) (folders.get(posix.dirname(entry.path)) ?? others).push(entry);
  const isRecords = ({ path }: ZipEntry) => +(posix.basename(path) === "train.rec");
  return [...folders.values(), others].flatMap((files) => files.toSorted((a, b) => isRecords(a) - isRecords(b)));
}
