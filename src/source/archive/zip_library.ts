/**
 * What reads the tables of ZIP archives and inflates their entries: yauzl, from npm. Only those who read a ZIP archive load
 * this module.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- what deno.json names is downloaded before anything runs, needed or not
import library from "npm:yauzl@3.4.0";

/** What is used of yauzl, which comes without types. */
export interface Yauzl {
  /** Opens an archive. */
  openPromise(path: string, options: { decodeStrings: false; autoClose: false }): Promise<YauzlFile>;
  /** The name of an entry as text. */
  getFileNameLowLevel(flags: number, name: Uint8Array, extraFields: unknown, strictFileNames: false): string;
  /** An entry. */
  Entry: new () => YauzlEntry;
}

/** An open archive. */
export interface YauzlFile {
  /** Its entries, in the order of its table. */
  eachEntry(): AsyncIterableIterator<YauzlEntry>;
  /** What an entry inflates to. */
  openReadStreamPromise(entry: YauzlEntry): Promise<AsyncIterable<Uint8Array>>;
}

/** An entry, with the fields of the central directory (APPNOTE.TXT, 4.3.12). */
export interface YauzlEntry {
  versionMadeBy: number;
  externalFileAttributes: number;
  generalPurposeBitFlag: number;
  compressionMethod: number;
  compressedSize: number;
  uncompressedSize: number;
  relativeOffsetOfLocalHeader: number;
  crc32: number;
  fileName: Uint8Array;
  extraFields: unknown;
  isEncrypted(): boolean;
}

/** The library. */
export const yauzl: Yauzl = library as Yauzl;
