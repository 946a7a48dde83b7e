import type { Hash } from "node:crypto";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import type { Receipt } from "./sink.ts";
import type { ShardFile } from "./shard_writer.ts";
import { removeIfThere, writeAll } from "./steps.ts";
import { syncFolder } from "./sync_file.ts";

/** Bytes that are gathered before the system is asked to write them. */
const BUFFER_BYTES = 2 ** 20;

/** Buffers of files that are closed: a new one for each file would be memory that V8 takes long to collect. */
const spareBuffers: Uint8Array<ArrayBuffer>[] = [];

/** Begins an md5 sum. */
export type NewMd5 = () => Hash;

/** What is done with a file besides writing it. */
export interface WholeFileOptions {
  /** Whether it is durable when it is whole. */
  fsync: boolean;
  /** Sums up what its receipt is to have the md5 sum of; undefined if it is to have none. */
  newMd5?: NewMd5;
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
 * The name of a file that is not whole.
 *
 * @param part What it is called meanwhile.
 * @returns The name that it will have; undefined if nothing is called so that is not whole.
 */
export function nameOfPart(part: string): string | undefined {
  return /^\.(.*)\.part$/s.exec(part)?.[1];
}

/**
 * A file that is written under another name, which begins with a dot, and gets its own when it is whole. What is there of
 * its name is replaced then, and never written into; a link of that name is replaced, and not followed.
 */
export class WholeFile implements ShardFile {
  readonly name: string;
  readonly #output: string;
  readonly #path: string;
  /** Where it lies: the output, or a folder within that. */
  readonly #folder: string;
  readonly #part: string;
  readonly #options: WholeFileOptions;
  readonly #file: Deno.FsFile;
  readonly #buffer = spareBuffers.pop() ?? new Uint8Array(BUFFER_BYTES);
  readonly #md5: Hash | undefined;
  readonly #beside: WholeFile[] = [];
  #filled = 0;
  #written = 0;
  #isOpen = true;
  #isWhole = false;

  /**
   * Makes a file.
   *
   * @param output The output.
   * @param path Its path within that, with slashes; the folder that it is in must exist.
   * @param options What is done with it.
   * @throws {UnrecError} If it cannot be made.
   */
  constructor(output: string, path: string, options: WholeFileOptions) {
    const name = path.lastIndexOf("/") + 1;
    this.#output = output;
    this.#path = path;
    this.name = path.slice(name);
    this.#folder = `${output}/${path.slice(0, name)}`;
    this.#part = this.#folder + partName(this.name);
    this.#options = options;
    this.#md5 = options.newMd5?.();
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
    const file = new WholeFile(this.#output, this.#path.slice(0, -this.name.length) + name, {
      fsync: this.#options.fsync,
    });
    this.#beside.push(file);
    return file;
  }

  /**
   * Gives the file its name, and those beside it theirs.
   *
   * @param onWritten Called when all is written and nothing is left but to give this file its name.
   * @returns What was written: path, bytes and, if asked for, md5 sum. That of this file is the first.
   * @throws {UnrecError} If something cannot be done; {@linkcode abandon} removes what is left then.
   */
  finish(onWritten?: () => void): Receipt[] {
    // Those beside it first: who finds this one finds all.
    const others = this.#beside.flatMap((file) => file.finish());
    this.#flush();
    try {
      if (this.#options.fsync) this.#file.syncSync();
      this.#close();
      onWritten?.();
      Deno.renameSync(this.#part, this.#whole);
      this.#isWhole = true;
    } catch (error) {
      throw error instanceof UnrecError ? error : this.#refusal(error);
    }
    if (this.#options.fsync) syncFolder(this.#folder);
    const md5 = this.#md5?.digest("hex");
    return [{ path: this.#path, bytes: this.#written, ...md5 === undefined ? {} : { md5 } }, ...others];
  }

  /** Where it is when it is whole. */
  get #whole(): string {
    return `${this.#output}/${this.#path}`;
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
    if (!this.#isOpen) return;
    this.#isOpen = false;
    spareBuffers.push(this.#buffer);
    this.#file.close();
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
