import { codeOf, systemReason, UnrecError } from "../errors.ts";

/** A file of the name, or a link of it wherever it leads, is not opened but an error: one system call all the same. */
const CREATE_NEW = { createNew: true };

/** What is said where no file was opened, and so none made: it is there already, or too many are open. */
const NOT_OPENED = new Set(["EEXIST", "EMFILE", "ENFILE"]);

/** Why a link is in the way. */
export const LINK = "it is a symbolic link, and links in the output are not followed; remove it";

/**
 * Writes an image as a file. What is there of the same name is replaced, and never written into: it may have other names
 * elsewhere. Symbolic links are not followed.
 *
 * @param path The file; its folder must exist.
 * @param bytes The image.
 * @throws {UnrecError} If it cannot be written; then nothing of it is left, or that is said.
 */
export function writeImage(path: string, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    Deno.writeFileSync(path, bytes, CREATE_NEW);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw refusal(path, error);
    replace(path, bytes);
  }
}

/** Writes a file in the place of one. That one is not written into: what else it is called elsewhere stays as it is. */
function replace(path: string, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    const { isFile, isSymlink, isDirectory } = Deno.lstatSync(path);
    if (!isFile) {
      const what = isSymlink
        ? LINK
        : isDirectory
        ? "it is a directory"
        : "it is there, and is no regular file; remove it";
      throw new UnrecError(`Cannot write ${path}: ${what}`);
    }
    Deno.removeSync(path);
  } catch (error) {
    throw error instanceof UnrecError ? error : new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
  }
  try {
    Deno.writeFileSync(path, bytes, CREATE_NEW);
  } catch (error) {
    throw refusal(path, error);
  }
}

/** Says why a file could not be written, and removes what is there of it. */
function refusal(path: string, error: unknown): UnrecError {
  return new UnrecError(`Cannot write ${path}: ${systemReason(error)}${removePart(path, codeOf(error))}`);
}

/** Removes what was made of a file that could not be finished; says so if that fails too. */
function removePart(path: string, code: string): string {
  // All else can come of writing too, of a network drive at least.
  if (NOT_OPENED.has(code)) return "";
  try {
    Deno.removeSync(path);
  } catch {
    if (isThere(path)) return "; a part of that file is left and is not whole";
  }
  return "";
}

/**
 * Whether something is there: a file, a folder or a link, wherever that leads.
 *
 * @param path Where.
 */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
