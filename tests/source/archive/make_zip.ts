/** ZIP archives made by hand, as APPNOTE.TXT describes them: also such as no program would write. */
import { crc32, deflateRawSync } from "node:zlib";
import { DATA } from "../../tree.ts";

/** A file in an archive that is to be made. */
export interface ZippedFile {
  /** Its path in the archive. */
  path: string;
  /** What it holds. */
  bytes: Uint8Array;
  /** How it is compressed: 0 not at all, 8 deflate; others are only said to be. Default 8. */
  method?: number;
  /** Whether sizes and offsets stand in Zip64's field, as they must beyond 4 GiB. */
  zip64?: boolean;
  /** Whether sizes and sum follow the data, as programs do it that write into a pipe. */
  streamed?: boolean;
  /** More flags: 1 encrypted, 0x40 encrypted with more. */
  flags?: number;
  /** What is claimed of it in the central directory, in place of what is right. */
  claims?: { crc?: number; bytes?: number; packedBytes?: number; offset?: number };
  /** Its mode as Unix has it. */
  mode?: number;
}

/** An entry that was written. */
export interface Written {
  file: ZippedFile;
  crc: number;
  packedBytes: number;
  offset: number;
}

/** The files of sample datasets, each in its folder. */
export function filesOf(...names: string[]): ZippedFile[] {
  return names.flatMap((name) =>
    Array.from(Deno.readDirSync(`${DATA}/${name}`), ({ name: file }) => file).sort().map((file) => ({
      path: `${name}/${file}`,
      bytes: Deno.readFileSync(`${DATA}/${name}/${file}`),
    }))
  );
}

/** Packs files. */
export function makeZip(files: readonly ZippedFile[]): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const written: Written[] = [];
  let offset = 0;
  for (const file of files) {
    const packed = file.method === undefined || file.method === 8
      ? deflateRawSync(file.bytes, { level: 1 })
      : file.bytes;
    const entry = { file, crc: crc32(file.bytes), packedBytes: packed.length, offset };
    const own = [localHeader(entry), new Uint8Array(packed), ...file.streamed ? [descriptor(entry)] : []];
    pieces.push(...own);
    written.push(entry);
    offset += own.reduce((sum, { length }) => sum + length, 0);
  }
  return joined([...pieces, centralDirectory(written, offset)]);
}

/** What stands before the data of a file. */
export function localHeader({ file, crc, packedBytes }: Written): Uint8Array<ArrayBuffer> {
  const later = file.streamed ?? false;
  const { zip64 = false, bytes } = file;
  const extra = zip64 && !later ? words(u16(1), u16(16), u64(bytes.length), u64(packedBytes)) : new Uint8Array();
  return words(
    u32(0x04034b50),
    u16(zip64 ? 45 : 20),
    ...flagsAndMethod(file),
    u32(later ? 0 : crc),
    u32(later ? 0 : zip64 ? 0xffffffff : packedBytes),
    u32(later ? 0 : zip64 ? 0xffffffff : bytes.length),
    u16(nameOf(file).length),
    u16(extra.length),
    nameOf(file),
    extra,
  );
}

/** The table of contents, and what stands at the end of an archive. */
export function centralDirectory(written: readonly Written[], offset: number): Uint8Array<ArrayBuffer> {
  const entries = joined(written.map(centralEntry));
  const zip64 = written.some(({ file }) => file.zip64);
  const count = Math.min(written.length, zip64 ? 0xffff : Infinity);
  const counts = (word: (value: number) => Uint8Array<ArrayBuffer>) => [word(written.length), word(written.length)];
  const long = !zip64 ? [] : [
    ...[u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0)],
    ...[...counts(u64), u64(entries.length), u64(offset)],
    ...[u32(0x07064b50), u32(0), u64(offset + entries.length), u32(1)],
  ];
  return words(
    entries,
    ...long,
    ...[u32(0x06054b50), u16(0), u16(0), u16(count), u16(count)],
    ...[u32(zip64 ? 0xffffffff : entries.length), u32(zip64 ? 0xffffffff : offset), u16(0)],
  );
}

function centralEntry({ file, ...facts }: Written): Uint8Array<ArrayBuffer> {
  const { zip64 = false, mode = 0, claims = {} } = file;
  const { crc, bytes, packedBytes, offset } = { ...facts, bytes: file.bytes.length, ...claims };
  const extra = zip64 ? words(u16(1), u16(24), u64(bytes), u64(packedBytes), u64(offset)) : new Uint8Array();
  return words(
    ...[u32(0x02014b50), u16(mode === 0 ? 20 : 3 << 8 | 20), u16(zip64 ? 45 : 20), ...flagsAndMethod(file), u32(crc)],
    ...[packedBytes, bytes].map((size) => u32(zip64 ? 0xffffffff : size)),
    ...[u16(nameOf(file).length), u16(extra.length), u16(0), u16(0), u16(0), u32(mode << 16 >>> 0)],
    ...[u32(zip64 ? 0xffffffff : offset), nameOf(file), extra],
  );
}

/** Flags, method, time and date. */
function flagsAndMethod({ flags = 0, streamed = false, method = 8 }: ZippedFile): Uint8Array<ArrayBuffer>[] {
  return [u16(flags | (streamed ? 8 : 0) | 0x800), u16(method), u16(0), u16(0x21)];
}

function descriptor({ file, crc, packedBytes }: Written): Uint8Array<ArrayBuffer> {
  const size = file.zip64 ? u64 : u32;
  return words(u32(0x08074b50), u32(crc), size(packedBytes), size(file.bytes.length));
}

function nameOf({ path }: ZippedFile): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(path);
}

function words(...pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joined(pieces);
}

/** Bytes, one after the other. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function u16(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint16Array.of(value).buffer);
}

function u32(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function u64(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}
