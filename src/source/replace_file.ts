import { basename, dirname, join } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";

/** What {@linkcode replaceFile} did. */
export interface Replacement {
  /** Whether the file was there already, with these very bytes; then it was left alone. */
  unchanged: boolean;
  /** Where the file that was there before is kept, if one was. */
  backup: string | undefined;
}

/**
 * Puts a file in its place as a whole: it is written under another name in the same directory, made durable and then
 * renamed, so that everybody who opens the path finds the old file or the new one and never a part. The old one is kept
 * beside it as `.bak`, or if there is one, as `.bak2`, `.bak3` and so on.
 *
 * @param path Where it belongs.
 * @param write Writes it.
 * @returns What became of the old one.
 * @throws {UnrecError} If it cannot be written; then nothing is changed.
 */
export function replaceFile(path: string, write: (file: Deno.FsFile) => void): Replacement {
  let temporary: string | undefined;
  try {
    if (isOtherThanFile(path)) throw new UnrecError(`Cannot write ${path}: what is there is not a regular file`);
    temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
    {
      using file = Deno.openSync(temporary, { write: true, createNew: true });
      write(file);
      file.syncSync();
    }
    if (isSame(temporary, path)) return { unchanged: true, backup: undefined };
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

/** Whether a name is taken: by a file, a folder or a link, wherever that leads. */
function isTaken(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function isSame(one: string, other: string): boolean {
  if (!isTaken(other)) return false;
  using a = Deno.openSync(one);
  using b = Deno.openSync(other);
  if (a.statSync().size !== b.statSync().size) return false;
  const left = new Uint8Array(2 ** 16);
  const right = new Uint8Array(2 ** 16);
  for (;;) {
    const read = fill(a, left);
    if (fill(b, right) !== read) return false;
    if (read === 0) return true;
    for (let i = 0; i < read; i++) if (left[i] !== right[i]) return false;
  }
}

function fill(file: Deno.FsFile, bytes: Uint8Array): number {
  let filled = 0;
  while (filled < bytes.length) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return filled;
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
