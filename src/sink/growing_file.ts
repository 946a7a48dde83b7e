import { join } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";
import { lengthOf, removeFile, removeIfThere, writeAll } from "./steps.ts";
import { partName } from "./whole_file.ts";

/**
 * A file that is written from front to back, over several runs if need be: under another name, which begins with a dot,
 * until it is whole. What is appended is handed to the system at once, so that all of it is there whatever ends the run.
 */
export class GrowingFile {
  readonly #path: string;
  readonly #part: string;
  readonly #file: Deno.FsFile;

  /**
   * Goes on with a file.
   *
   * @param folder The folder that it is in.
   * @param name Its name.
   * @param length How many of its bytes stay; 0 to begin it anew.
   * @throws {UnrecError} If it cannot be opened.
   */
  constructor(folder: string, name: string, length: number) {
    this.#path = join(folder, name);
    this.#part = join(folder, partName(name));
    this.#file = this.#try(() => length === 0 ? this.#begin() : this.#goOn(length));
  }

  /**
   * Appends bytes.
   *
   * @param bytes The bytes.
   * @throws {UnrecError} If they cannot be written.
   */
  append(bytes: Uint8Array): void {
    this.#try(() => writeAll(this.#file, bytes));
  }

  /**
   * Writes over the first bytes.
   *
   * @param bytes What is to stand there.
   * @throws {UnrecError} If that cannot be done.
   */
  replaceBegin(bytes: Uint8Array): void {
    this.#try(() => {
      using file = Deno.openSync(this.#part, { write: true });
      writeAll(file, bytes);
    });
  }

  /**
   * Makes what is written durable.
   *
   * @throws {UnrecError} If that cannot be done.
   */
  sync(): void {
    this.#try(() => this.#file.syncSync());
  }

  /**
   * Gives the file its name: it is whole.
   *
   * @throws {UnrecError} If that cannot be done.
   */
  finish(): void {
    this.close();
    this.#try(() => Deno.renameSync(this.#part, this.#path));
  }

  /** Closes it. */
  close(): void {
    try {
      this.#file.close();
    } catch {
      // It is closed already.
    }
  }

  #begin(): Deno.FsFile {
    removeIfThere(this.#part);
    return Deno.openSync(this.#part, { append: true, createNew: true });
  }

  #goOn(length: number): Deno.FsFile {
    // A run that was ended while it gave its files their names may have left one with its own.
    if (lengthOf(this.#part) === undefined) Deno.renameSync(this.#path, this.#part);
    const { isFile, nlink } = Deno.lstatSync(this.#part);
    if (!isFile) throw new Error("it is no regular file");
    // One that has another name too, in a copy made of links, is not written to: it would be changed there.
    if ((nlink ?? 1) > 1) {
      const copy = `${this.#part}.copy`;
      Deno.copyFileSync(this.#part, copy);
      Deno.renameSync(copy, this.#part);
    }
    const file = Deno.openSync(this.#part, { append: true });
    file.truncateSync(length);
    return file;
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UnrecError(`Cannot write ${this.#path}: ${systemReason(error)}`);
    }
  }
}

/**
 * How many bytes there are of a file, be it whole or not.
 *
 * @param folder The folder that it is in.
 * @param name Its name.
 * @returns 0 if there is none, or something else.
 */
export function grownLength(folder: string, name: string): number {
  return lengthOf(join(folder, partName(name))) ?? lengthOf(join(folder, name)) ?? 0;
}

/**
 * Whether a file is whole.
 *
 * @param folder The folder that it is in.
 * @param name Its name.
 */
export function isWhole(folder: string, name: string): boolean {
  return lengthOf(join(folder, partName(name))) === undefined && lengthOf(join(folder, name)) !== undefined;
}

/**
 * Removes a file, whole or not, if it is there.
 *
 * @param folder The folder that it is in.
 * @param name Its name.
 * @throws {UnrecError} If it cannot be removed.
 */
export function removeGrown(folder: string, name: string): void {
  for (const path of [join(folder, partName(name)), join(folder, name)]) removeFile(path);
}
