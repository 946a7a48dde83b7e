import type { OpenOptions } from "../dataset/dataset.ts";
import { type EngineName, RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import { type Checksums, PUBLISHED } from "./checksums.ts";
import { STANDARD_INPUT } from "./find_archive.ts";

/** Options of {@linkcode Archive}. */
export interface ArchiveOptions extends OpenOptions {
  /**
   * What sums the parts should have, by base name; false to take none.
   *
   * @default {those published of Glint360K}
   */
  checksums?: Checksums | false;
  /** A directory that the datasets' own files are stored in while they are read. */
  keep?: string;
}

/** A tar archive with datasets in it, compressed with gzip or not, in one file or in parts. It is read when decoded. */
export class Archive {
  /** The files it consists of, in order; `-` is the standard input. */
  readonly parts: readonly string[];
  /** Which scanners read it. */
  readonly engine: EngineName;
  /** How many bytes of records are scanned at once. */
  readonly chunkBytes: number;
  /** What sums the parts should have; undefined to take none. */
  readonly checksums: Checksums | undefined;
  /** A directory for the datasets' own files. */
  readonly keep: string | undefined;

  /**
   * Names an archive; nothing is read yet.
   *
   * @param parts Its files, in order; `-` alone for the standard input.
   * @param options How it is to be read.
   */
  constructor(parts: readonly string[], options: ArchiveOptions = {}) {
    this.parts = parts;
    this.engine = options.engine ?? "wasm";
    this.chunkBytes = options.chunkBytes ?? RECORD_CHUNK_BYTES;
    this.checksums = options.checksums === false ? undefined : options.checksums ?? PUBLISHED;
    this.keep = options.keep;
  }

  /** Its name in messages. */
  get path(): string {
    const [first] = this.parts;
    if (first === STANDARD_INPUT) return "the standard input";
    return this.parts.length === 1 ? first : `${first} and the ${this.parts.length - 1} parts behind it`;
  }

  /** The bytes of all parts together; undefined if that is not known before they are read. */
  get bytes(): number | undefined {
    try {
      return this.parts.reduce((sum, part) => {
        const { isFile, size } = Deno.statSync(part);
        return isFile ? sum + size : NaN;
      }, 0) || undefined;
    } catch {
      return undefined;
    }
  }
}
