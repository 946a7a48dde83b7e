import { Buffer } from "node:buffer";
import { Parser, type ReadEntry } from "tar";
import { isGzip } from "./find_archive.ts";

/** An archive that cannot be read on, with the reason as part of a sentence. */
export class TarError extends Error {
  override name = "TarError";
}

/** A file in an archive. */
export interface TarEntry {
  /** Its path in the archive, as it stands there: data, not to be written to. */
  path: string;
  /** Its size in bytes, as the archive claims. */
  bytes: number;
}

/** What is done with a file of an archive. */
export interface EntryHandler {
  /** Takes bytes of the file; they are overwritten after the call. */
  push(bytes: Uint8Array): void;
  /** Called at the end of the file. */
  end(): void;
}

/** Told of each entry; gives what is to be done with it, or undefined to pass it over. */
export type EntryVisitor = (entry: TarEntry) => EntryHandler | undefined;

/** Everything in a tar archive begins at a multiple of this many bytes. */
const BLOCK = 512;

/** Finds the files in a tar archive that comes in pieces. No bytes of files are kept or copied. */
export class TarEntries {
  readonly #parser: Parser;
  #problem: string | undefined;
  /** The file that the last piece ended in. */
  #open: { path: string; bytes: number; pushed: number; push(bytes: Uint8Array): void } | undefined;
  #entries = 0;
  /** The beginning of a block whose rest has not come yet. */
  readonly #block = new Uint8Array(BLOCK);
  #filled = 0;

  /**
   * @param visit Told of each regular file.
   * @param onOdd Told of each entry that is something else, or that has a path which leads out of the archive.
   */
  constructor(visit: EntryVisitor, onOdd: (path: string, what: string) => void) {
    this.#parser = new Parser({
      onwarn: (code, message) => {
        // Only what makes the rest unreadable; others are about entries that are passed over.
        if (code === "TAR_BAD_ARCHIVE" || code === "TAR_ENTRY_INVALID" || code === "TAR_ABORT") {
          this.#problem ??= String(message).split("\n")[0];
        }
      },
      onReadEntry: (entry) => this.#enter(entry, visit, onOdd),
    });
    this.#parser.on("ignoredEntry", (entry: ReadEntry) => onOdd(entry.path, "neither a file nor a folder"));
  }

  /**
   * Reads on.
   *
   * @param bytes The next bytes of the archive.
   * @throws {TarError} If they are not those of an archive.
   */
  push(bytes: Uint8Array): void {
    // The parser gets whole blocks: it would keep a piece of one, and these bytes are overwritten after the call.
    let from = 0;
    if (this.#filled > 0) {
      from = Math.min(BLOCK - this.#filled, bytes.length);
      this.#block.set(bytes.subarray(0, from), this.#filled);
      this.#filled += from;
      if (this.#filled < BLOCK) return;
      this.#filled = 0;
      this.#parse(this.#block);
    }
    const to = from + Math.floor((bytes.length - from) / BLOCK) * BLOCK;
    if (to > from) this.#parse(bytes.subarray(from, to));
    this.#filled = bytes.length - to;
    this.#block.set(bytes.subarray(to));
  }

  /**
   * Ends the archive.
   *
   * @throws {TarError} If it ends within a file, or holds nothing at all.
   */
  end(): void {
    if (this.#open !== undefined) {
      // The parser hands out whole blocks only; these bytes may be the end of a record.
      this.#open.push(this.#block.subarray(0, this.#filled));
      const { path, bytes, pushed } = this.#open;
      throw new TarError(`it ends within ${path}, ${bytes - pushed} bytes of that are missing`);
    }
    if (this.#entries === 0) throw new TarError("it is no tar archive, or an empty one");
  }

  #parse(blocks: Uint8Array): void {
    if (this.#entries === 0 && isGzip(blocks)) throw new TarError("it is compressed twice; inflate it once before");
    this.#parser.write(Buffer.from(blocks.buffer, blocks.byteOffset, blocks.byteLength));
    if (this.#problem === undefined) return;
    throw new TarError(
      `${this.#entries === 0 ? "it is no tar archive" : "the archive is damaged"} (${this.#problem})`,
    );
  }

  #enter(entry: ReadEntry, visit: EntryVisitor, onOdd: (path: string, what: string) => void): void {
    this.#entries++;
    const { path, type } = entry;
    const isFile = type === "File" || type === "OldFile" || type === "ContiguousFile";
    const leadsOut = path.startsWith("/") || path.split("/").includes("..");
    if (type !== "Directory" && !isFile) onOdd(path, type);
    if (leadsOut) onOdd(path, "a path out of the archive");
    const handler = isFile && !leadsOut ? visit({ path, bytes: entry.size }) : undefined;
    const open = this.#open = {
      path,
      bytes: entry.size,
      pushed: 0,
      push(bytes: Uint8Array) {
        open.pushed += bytes.length;
        handler?.push(bytes);
      },
    };
    entry.on("data", open.push);
    entry.on("end", () => {
      this.#open = undefined;
      handler?.end();
    });
  }
}
