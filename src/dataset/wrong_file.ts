import type { ByteSource } from "../bytes/reading.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import {
  CFLAG,
  FRAME_HEADER_BYTES,
  frameBytes,
  IR_HEADER_BYTES,
  LENGTH_BITS,
  MAGIC,
  MAX_RECORD_BYTES,
} from "../recordio/constants.ts";
import { type FileKind, fileKind, HEAD_BYTES, OTHER_RECORDS, TAR_GZ } from "./file_kind.ts";

/** So many records in a row whose headers make no sense are no damage. */
const MOST_ODD_RECORDS = 8;

/** How many places of a file that begins with zeros are looked at: it may go on with something else. */
const PLACES = 64;

/**
 * Makes sure that a file may hold the records of images. It costs a small read, and more only where something is odd.
 * What is damaged is not told here: those who read on know more of it.
 *
 * @param records The file.
 * @param openIndex Opens the file that should hold its index, if there is one: the two may have each other's names.
 * @throws {UnrecError} If it is something else, with what that is and what to do about it.
 */
export async function expectRecords(
  records: ByteSource,
  openIndex: () => ByteSource | undefined = () => undefined,
): Promise<void> {
  const kind = await otherThanRecords(records);
  if (kind === undefined) return;
  const cannot = `Cannot read records: ${records.name} is ${kind.what}`;
  using index = kind.name === "index" ? openIndex() : undefined;
  if (index !== undefined && fileKind(await readAt(index, 0, HEAD_BYTES))?.name === "records") {
    throw new UnrecError(`${cannot}, and ${index.name} holds the records`, {
      kind: "swap-names",
      paths: [records.name, index.name],
    });
  }
  throw new UnrecError(cannot, ...remediesFor(kind, records.name));
}

/**
 * What to do about a file that is something else than it should be.
 *
 * @param kind What it is.
 * @param path The file.
 * @returns The best first.
 */
export function remediesFor({ name, ending, inflater, foreignArchive, reader }: FileKind, path: string): Remedy[] {
  // Where it was not cloned with git, there is no repository to ask.
  if (name === "git-lfs") return [{ kind: "fetch-with-lfs", path }, { kind: "download-again", path }];
  if (name === "pickle") return [{ kind: "see-pairs", path }];
  if (foreignArchive) return [{ kind: "unpack-with-7z", path }];
  if (inflater !== undefined) return [{ kind: "inflate", path, ending: ending!, inflater }];
  if (ending !== undefined) return [{ kind: "rename", path, to: withEnding(path, ending) }];
  if (reader === undefined) return [{ kind: "download-again", path }];
  return [{ kind: "text", text: `that is for ${reader}; unrec reads image records, as MXNet's tools write them` }];
}

/** A path whose name ends so, in place of how it ends: `train.rec.part` may be `train.rec`, and that `train.zip`. */
function withEnding(path: string, ending: string): string {
  const begin = path.replace(/\.\w+$/, "");
  return begin.endsWith(ending) ? begin : begin + ending;
}

/** What a file is that should hold records; undefined if it may. */
async function otherThanRecords(file: ByteSource): Promise<FileKind | undefined> {
  const head = await readAt(file, 0, HEAD_BYTES);
  const kind = fileKind(head);
  switch (kind?.name) {
    case "records":
      return hasImageHeader(head) || !(await areOtherRecords(file)) ? undefined : OTHER_RECORDS;
    case "zeros":
      return await isAllZeros(file) ? kind : undefined;
    case "gzip":
      return fileKind(await inflateBeginning(head))?.name === "tar" ? TAR_GZ : kind;
    default:
      return kind;
  }
}

/** The frame that bytes begin with, or undefined if it is none or they are too few. */
function frameOf(bytes: Uint8Array<ArrayBuffer>): { cflag: number; length: number } | undefined {
  if (bytes.length < FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const lrec = view.getUint32(4, true);
  return view.getUint32(0, true) === MAGIC
    ? { cflag: lrec >>> LENGTH_BITS, length: lrec & MAX_RECORD_BYTES }
    : undefined;
}

/** Whether a frame begins a record that may be an image: with room for its header, and for the labels that announces. */
function hasImageHeader(bytes: Uint8Array<ArrayBuffer>): boolean {
  const frame = frameOf(bytes);
  // Of a record in several parts the header need not be in the first one.
  if (frame === undefined || frame.cflag !== CFLAG.WHOLE) return true;
  if (frame.length < IR_HEADER_BYTES || bytes.length < FRAME_HEADER_BYTES + IR_HEADER_BYTES) return false;
  const labels = new DataView(bytes.buffer, bytes.byteOffset).getUint32(FRAME_HEADER_BYTES, true);
  return 4 * labels <= frame.length - IR_HEADER_BYTES;
}

/** Whether one frame follows the other in a file, and none of the first few has the header of an image. */
async function areOtherRecords(file: ByteSource): Promise<boolean> {
  let at = 0;
  for (let i = 0; i < MOST_ODD_RECORDS && at < file.size; i++) {
    const head = await readAt(file, at, FRAME_HEADER_BYTES + IR_HEADER_BYTES);
    const frame = frameOf(head);
    if (frame === undefined || hasImageHeader(head)) return false;
    at += frameBytes(frame.length);
  }
  return at <= file.size;
}

/** Whether a file has zeros in all places that are looked at, from its beginning to its end. */
async function isAllZeros(file: ByteSource): Promise<boolean> {
  for (let place = 1; place <= PLACES; place++) {
    const at = Math.floor(Math.max(0, file.size - HEAD_BYTES) * place / PLACES);
    if ((await readAt(file, at, HEAD_BYTES)).some((byte) => byte !== 0)) return false;
  }
  return true;
}

/**
 * Inflates the beginning of gzip data.
 *
 * @param head Their first bytes.
 * @returns The first bytes that these inflate to, at most {@linkcode HEAD_BYTES}; none if they are damaged.
 */
export async function inflateBeginning(head: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const inflater = new DecompressionStream("gzip");
  const writer = inflater.writable.getWriter();
  // That the data end too early is no news.
  writer.write(head).catch(() => {});
  writer.close().catch(() => {});
  try {
    const { value } = await inflater.readable.getReader().read();
    return value?.subarray(0, HEAD_BYTES) ?? new Uint8Array();
  } catch {
    return new Uint8Array();
  }
}

/** Reads from a place on, up to a length or the end of the file. */
async function readAt(file: ByteSource, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, file.size - offset)));
  let filled = 0;
  while (filled < bytes.length) {
    const count = await file.read(offset + filled, bytes.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
