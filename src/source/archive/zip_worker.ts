import { crc32 } from "node:zlib";
import { type Remedy, UnrecError } from "../../errors.ts";
import { loadFromNpm } from "../../load_from_npm.ts";
import { INFLATED_BYTES } from "./gunzip.ts";
import { MessageQueue } from "./message_queue.ts";
import { NobodyTakes, Slots } from "./slots.ts";
import type { Yauzl, YauzlEntry, YauzlFile } from "./zip_library.ts";

/** An entry of a ZIP archive, by what its central directory says. Plain data. */
export interface ZipEntry {
  /** Its path in the archive, with `/` between its names. */
  path: string;
  /** Bytes that it inflates to. */
  bytes: number;
  /** Bytes that it takes in the archive. */
  packedBytes: number;
  /** Where it begins in the archive: its local header. */
  offset: number;
  /** The CRC-32 of what it inflates to. */
  crc32: number;
  /** How it is compressed (APPNOTE.TXT, 4.4.5): 0 not at all, 8 deflate. */
  method: number;
  /** Whether it is encrypted. */
  encrypted: boolean;
  /** What it is if it is no regular file. */
  odd: string | undefined;
}

/** What the worker is told. */
export type ToZipWorker =
  /** First of all: which archive, and where to put inflated bytes. */
  | { kind: "open"; path: string; slots: SharedArrayBuffer }
  /** To tell some more of its entries, in the order of the central directory. */
  | { kind: "list" }
  /** To inflate an entry. */
  | { kind: "read"; entry: ZipEntry }
  /** To end. */
  | { kind: "close" };

/** What the worker tells. */
export type FromZipWorker =
  /** Answers `list`: some entries; none are left after the last ones. */
  | { kind: "listed"; entries: ZipEntry[]; last: boolean }
  /** Bytes of the entry are in the next slot. */
  | { kind: "inflated"; bytes: number }
  /** Answers `read`: all bytes of the entry came, and their CRC-32 is this. */
  | { kind: "end"; crc32: number }
  /** The library that reads ZIP archives cannot be loaded. */
  | { kind: "no-library"; message: string; remedies: readonly Remedy[] }
  /** The archive cannot be read on. `code` is that of a system error. */
  | { kind: "failed"; message: string; code: string | undefined };

/** Entries told at a time: so few that an archive of millions takes no room. */
const LISTED = 1024;

/** What is used of a worker's scope. The types of `deno.worker` cannot be asked for: JSR takes no such directive. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToZipWorker>) => void;
  postMessage: (message: FromZipWorker) => void;
  close: () => void;
};

const requests = new MessageQueue<Exclude<ToZipWorker, { kind: "close" }>>();
scope.onmessage = ({ data }) => {
  if (data.kind === "close") scope.close();
  else requests.push(data);
};
serve();

async function serve(): Promise<void> {
  const first = await requests.next();
  if (first.kind !== "open") throw new Error("an archive is opened first");
  const { path } = first;
  const yauzl = await load(path);
  if (yauzl === undefined) return;
  try {
    const slots = new Slots(first.slots);
    // Names are decoded one by one, for yauzl refuses all of an archive with one that leads out of it.
    const file = await yauzl.openPromise(path, { decodeStrings: false, autoClose: false });
    const entries = file.eachEntry();
    for (;;) {
      const request = await requests.next();
      if (request.kind === "list") await list(yauzl, entries);
      else if (request.kind === "read") await read(yauzl, file, request.entry, slots);
    }
  } catch (error) {
    if (error instanceof NobodyTakes) return;
    const { message, code } = error as Error & { code?: unknown };
    tell({ kind: "failed", message, code: typeof code === "string" ? code : undefined });
  }
}

/** The library; undefined if it cannot be had, which is told. */
async function load(path: string): Promise<Yauzl | undefined> {
  try {
    const library = new URL("./zip_library.ts", import.meta.url);
    return (await loadFromNpm<{ yauzl: Yauzl }>(`read the ZIP archive ${path}`, library)).yauzl;
  } catch (error) {
    if (!(error instanceof UnrecError)) throw error;
    tell({ kind: "no-library", message: error.message, remedies: error.remedies });
    return undefined;
  }
}

async function list(yauzl: Yauzl, entries: AsyncIterableIterator<YauzlEntry>): Promise<void> {
  const listed: ZipEntry[] = [];
  let last = false;
  while (listed.length < LISTED && !last) {
    const { value, done } = await entries.next();
    if (done) last = true;
    else listed.push(factsOf(yauzl, value));
  }
  tell({ kind: "listed", entries: listed, last });
}

/** Unix, as the upper byte of "version made by" says it; the upper half of the attributes is the file's mode then. */
const MADE_BY_UNIX = 3;
const MODE_KIND = 0o170000;
const MODES: Record<number, string> = {
  0o120000: "a symbolic link",
  0o020000: "a character device",
  0o060000: "a block device",
  0o010000: "a pipe",
  0o140000: "a socket",
};

function factsOf(yauzl: Yauzl, entry: YauzlEntry): ZipEntry {
  const { generalPurposeBitFlag, versionMadeBy, externalFileAttributes } = entry;
  const mode = versionMadeBy >>> 8 === MADE_BY_UNIX ? externalFileAttributes >>> 16 : 0;
  return {
    path: yauzl.getFileNameLowLevel(generalPurposeBitFlag, entry.fileName, entry.extraFields, false),
    bytes: entry.uncompressedSize,
    packedBytes: entry.compressedSize,
    offset: entry.relativeOffsetOfLocalHeader,
    crc32: entry.crc32,
    method: entry.compressionMethod,
    encrypted: entry.isEncrypted(),
    odd: MODES[mode & MODE_KIND],
  };
}

async function read(yauzl: Yauzl, file: YauzlFile, entry: ZipEntry, slots: Slots): Promise<void> {
  const stream = await file.openReadStreamPromise(Object.assign(new yauzl.Entry(), {
    generalPurposeBitFlag: 0,
    compressionMethod: entry.method,
    compressedSize: entry.packedBytes,
    uncompressedSize: entry.bytes,
    relativeOffsetOfLocalHeader: entry.offset,
  }));
  // A message costs more than to put small pieces together.
  const gathered = new Uint8Array(INFLATED_BYTES);
  let filled = 0;
  const handOver = () => {
    slots.put(gathered.subarray(0, filled));
    tell({ kind: "inflated", bytes: filled });
    filled = 0;
  };
  let sum = 0;
  for await (const bytes of stream) {
    sum = crc32(bytes, sum);
    if (filled + bytes.length > gathered.length) handOver();
    gathered.set(bytes, filled);
    filled += bytes.length;
  }
  if (filled > 0) handOver();
  tell({ kind: "end", crc32: sum });
}

function tell(message: FromZipWorker): void {
  scope.postMessage(message);
}
