import { Buffer } from "node:buffer";
import { basename, dirname, join } from "node:path";
import { FileSource } from "../bytes/file_source.ts";
import { systemReason, UnrecError } from "../errors.ts";

/** What {@linkcode replaceFile} did. */
export interface Replacement {
  /** Whether the file was there already, with these very bytes; then it was left alone. */
  unchanged: boolean;
  /** Where the file that was there before is kept, if one was. */
  backup: string | undefined;
}

/** Writes a text: hands on its bytes, piece by piece. It is called again for the same text. */
export type TextSource = (take: (bytes: Uint8Array<ArrayBuffer>) => void) => void;

/**
 * Puts a file in its place as a whole: it is written under another name in the same directory, made durable and then
 * renamed, so that everybody who opens the path finds the old file or the new one and never a part. The old one is kept
 * beside it as `.bak`, or if there is one, as `.bak2`, `.bak3` and so on. Where the very file is there already, nothing
 * is written at all. What a process that was killed has left of it is removed.
 *
 * @param path Where it belongs.
 * @param write Writes it.
 * @returns What became of the old one.
 * @throws {UnrecError} If it cannot be written; then nothing is changed.
 */
export function replaceFile(path: string, write: TextSource): Replacement {
  let temporary: string | undefined;
  try {
    if (isOtherThanFile(path)) throw new UnrecError(`Cannot write ${path}: what is there is not a regular file`);
    if (isTaken(path) && holds(path, write)) return { unchanged: true, backup: undefined };
    removeLeftOver(path);
    temporary = `${temporaryStem(path)}${crypto.randomUUID()}${TEMPORARY_ENDING}`;
    {
      using file = Deno.openSync(temporary, { write: true, createNew: true });
      lock(file);
      write((bytes) => writeAll(file, bytes));
      file.syncSync();
    }
    const backup = keep(path);
    Deno.renameSync(temporary, path);
    temporary = undefined;
    return { unchanged: false, backup };
  } catch (error) {
    if (error instanceof UnrecError) throw error;
    throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
  } finally {
    if (temporary !== undefined) remove(temporary);
  }
}

const TEMPORARY_ENDING = ".tmp";

/** What the temporary names of a file begin with. */
function temporaryStem(path: string): string {
  return join(dirname(path), `.${basename(path)}.`);
}

/** Removes temporary files of processes that were killed: nobody has them locked. */
function removeLeftOver(path: string): void {
  const stem = basename(temporaryStem(path));
  for (const { name, isFile } of Deno.readDirSync(dirname(path))) {
    const isTemporary = isFile && name.startsWith(stem) && name.endsWith(TEMPORARY_ENDING) &&
      /^[0-9a-f-]{36}$/.test(name.slice(stem.length, -TEMPORARY_ENDING.length));
    if (!isTemporary) continue;
    const left = join(dirname(path), name);
    try {
      using file = Deno.openSync(left);
      if (lock(file)) Deno.removeSync(left);
    } catch {
      // Who may not open it may not remove it either, and it does no harm.
    }
  }
}

/** Whether this process has the file for itself; the system forgets it with the process, however that ends. */
function lock(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    // Some network file systems know no locks: there nothing tells that nobody is at it.
    return false;
  }
}

/** A file has other bytes than a text. */
class Different extends Error {}

/** Whether a file has just the bytes of a text. */
function holds(path: string, write: TextSource): boolean {
  using file = new FileSource(path);
  let offset = 0;
  let there = new Uint8Array();
  try {
    write((bytes) => {
      if (there.length < bytes.length) there = new Uint8Array(bytes.length);
      const read = file.read(offset, there.subarray(0, bytes.length));
      if (Buffer.compare(bytes, there.subarray(0, read)) !== 0) throw new Different();
      offset += read;
    });
  } catch (error) {
    if (error instanceof Different) return false;
    throw error;
  }
  return offset === file.size;
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

/** Gives a file a second name, under which it stays; undefined if there is no file. */
function keep(path: string): string | undefined {
  for (let number = 1;; number++) {
    const backup = `${path}.bak${number === 1 ? "" : number}`;
    try {
      // A link fails if the name is taken, and the path itself is never without a file.
      Deno.linkSync(path, backup);
      return backup;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.AlreadyExists) continue;
      // A file system without hard links.
      if (isTaken(backup)) continue;
      Deno.renameSync(path, backup);
      return backup;
    }
  }
}

/**
 * Whether a name is taken: by a file, a folder or a link, wherever that leads.
 *
 * @param path The name.
 */
export function isTaken(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether two files have the same bytes.
 *
 * @param one A file.
 * @param other Another file.
 */
export function isSameFile(one: string, other: string): boolean {
  using a = new FileSource(one);
  using b = new FileSource(other);
  if (a.size !== b.size) return false;
  const left = new Uint8Array(2 ** 16);
  const right = new Uint8Array(2 ** 16);
  for (let offset = 0;; offset += left.length) {
    const read = a.read(offset, left);
    if (Buffer.compare(left.subarray(0, read), right.subarray(0, b.read(offset, right))) !== 0) return false;
    if (read === 0) return true;
  }
}

function isOtherThanFile(path: string): boolean {
  try {
    return !Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was not made, or cannot be removed: the error that is on its way says why.
  }
}
