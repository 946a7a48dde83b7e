import { basename, dirname, join } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";

/**
 * Puts a file in its place as a whole: it is written under another name in the same folder, which begins with a dot, and
 * then renamed. A link of that name is replaced and not followed, and a file that is there is not written into: what else
 * it is called elsewhere stays as it is.
 *
 * @param path Where it belongs.
 * @param write Writes it.
 * @returns The file, open for reading and appending.
 * @throws {Error} What the system says; nothing is changed then.
 */
export function putAnew(path: string, write: (file: Deno.FsFile) => void): Deno.FsFile {
  const part = join(dirname(path), `.${basename(path).replace(/^\./, "")}.part`);
  // One that is there is of a run that was killed.
  removeIfThere(part);
  const file = Deno.openSync(part, { read: true, append: true, createNew: true });
  try {
    write(file);
    Deno.renameSync(part, path);
    return file;
  } catch (error) {
    file.close();
    removeIfThere(part);
    throw error;
  }
}

/**
 * Writes all of some bytes.
 *
 * @param file An open file.
 * @param bytes The bytes.
 */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/**
 * Puts a text in its place as a whole, as {@linkcode putAnew} does.
 *
 * @param path Where it belongs.
 * @param text The text.
 * @throws {UnrecError} If it cannot be written; nothing is changed then.
 */
export function putTextAnew(path: string, text: string): void {
  try {
    using _ = putAnew(path, (file) => writeAll(file, new TextEncoder().encode(text)));
  } catch (error) {
    throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
  }
}

/**
 * Removes a file.
 *
 * @param path The file; there need be none.
 * @throws {Error} What the system says.
 */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
