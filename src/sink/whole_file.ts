import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import type { Receipt } from "./sink.ts";
import type { ShardFile } from "./shard_writer.ts";
import { removeIfThere, writeAll } from "./put_anew.ts";
import { syncFolder } from "./sync_file.ts";

/** Bytes that are gathered before the system is asked to write them. */
const BUFFER_BYTES = 2 ** 20;

/** What is done with a file besides writing it. */
export interface WholeFileOptions {
  /** Whether it is durable when it is whole. */
  fsync: boolean;
  /** Whether its receipt has an md5 sum. */
  md5: boolean;
}

/**
 * The name that a file has until it is whole.
 *
 * @param name Its own, without its folder.
 */
export function partName(name: string): string {
  return `.${name}.part`;
}

/**
 * A file that is written under another name, which begins with a dot, and gets its own when it is whole. What is there of
 * its name is replaced then, and never written into; a link of that name is replaced, and not followed.
 */
export class WholeFile implements ShardFile {
  readonly name: string;
  readonly #folder: string;
  readonly #path: string;
  readonly #part: string;
  readonly #options: WholeFileOptions;
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #md5: ReturnType<typeof createHash> | undefined;
  readonly #beside: WholeFile[] = [];
  #filled = 0;
  #written = 0;
  #isOpen = true;
  #isWhole = false;

  /**
   * Makes a file.
   *
   * @param folder The output.
   * @param path Its path within that; the folder that it is in must exist.
   * @param options What is done with it.
   * @throws {UnrecError} If it cannot be made.
   */
  constructor(folder: string, path: string, options: WholeFileOptions) {
    this.#folder = folder;
    this.#path = path;
    this.name = basename(path);
    this.#part = join(folder, dirname(path), partName(this.name));
    this.#options = options;
    this.#md5 = options.md5 ? createHash("md5") : undefined;
    try {
      // One that is there is of a run that was killed.
      removeIfThere(this.#part);
      this.#file = Deno.openSync(this.#part, { write: true, createNew: true });
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  get position(): number {
    return this.#written + this.#filled;
  }

  write(bytes: Uint8Array): void {
    const buffer = this.#buffer;
    if (this.#filled + bytes.length > buffer.length) this.#flush();
    if (bytes.length > buffer.length) return this.#append(bytes);
    buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  beside(name: string): ShardFile {
    const file = new WholeFile(this.#folder, join(dirname(this.#path), name), { ...this.#options, md5: false });
    this.#beside.push(file);
    return file;
  }

  /**
   * Gives the file its name, and those beside it theirs.
   *
   * @returns What was written: path, bytes and, if asked for, md5 sum. That of this file is the first.
   * @throws {UnrecError} If something cannot be done; {@linkcode abandon} removes what is left then.
   */
  finish(): Receipt[] {
    // Those beside it first: who finds this one finds all.
    const others = this.#beside.flatMap((file) => file.finish());
    this.#flush();
    try {
      if (this.#options.fsync) this.#file.syncSync();
      this.#close();
      Deno.renameSync(this.#part, this.#whole);
      this.#isWhole = true;
    } catch (error) {
      throw this.#refusal(error);
    }
    if (this.#options.fsync) syncFolder(join(this.#folder, dirname(this.#path)));
    const md5 = this.#md5?.digest("hex");
    return [{ path: this.#path, bytes: this.#written, ...md5 === undefined ? {} : { md5 } }, ...others];
  }

  /** Where it is when it is whole. */
  get #whole(): string {
    return join(this.#folder, this.#path);
  }

  /** Removes what is there of the file and of those beside it, be they whole. */
  abandon(): void {
    for (const file of this.#beside) file.abandon();
    try {
      this.#close();
      removeIfThere(this.#isWhole ? this.#whole : this.#part);
    } catch {
      // The error that is on its way says why, and the next run removes it.
    }
  }

  #close(): void {
    if (this.#isOpen) this.#file.close();
    this.#isOpen = false;
  }

  #flush(): void {
    if (this.#filled > 0) this.#append(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #append(bytes: Uint8Array): void {
    try {
      writeAll(this.#file, bytes);
    } catch (error) {
      throw this.#refusal(error);
    }
    this.#md5?.update(bytes);
    this.#written += bytes.length;
  }

  #refusal(error: unknown): UnrecError {
    const reason = codeOf(error) === "EISDIR" ? "it is a directory" : systemReason(error);
    return new UnrecError(`Cannot write ${this.#whole}: ${reason}`);
  }
}
