import { basename, dirname, join } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";
import { removeIfThere, writeAll } from "./steps.ts";

/**
 * Puts a file in its place as a whole: it is written under another name in the same folder, which begins with a dot, and
 * then renamed. A link of that name is replaced and not followed, and a file that is there is not written into: what else
 * it is called elsewhere stays as it is.
 *
 * @param path Where it belongs.
 * @param write Writes it.
 * @param by Who does, where several put the same file in its place, each at any time.
 * @returns The file, open for reading and appending.
 * @throws {Error} What the system says; nothing is changed then.
 */
export function putAnew(path: string, write: (file: Deno.FsFile) => void, by?: string): Deno.FsFile {
  const own = by === undefined ? "" : `-${by}`;
  const part = join(dirname(path), `.${basename(path).replace(/^\./, "")}${own}.part`);
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
 * Puts a text in its place as a whole, as {@linkcode putAnew} does.
 *
 * @param path Where it belongs.
 * @param text The text.
 * @param by Who does, where several put the same file in its place, each at any time.
 * @throws {UnrecError} If it cannot be written; nothing is changed then.
 */
export function putTextAnew(path: string, text: string, by?: string): void {
  try {
    using _ = putAnew(path, (file) => writeAll(file, new TextEncoder().encode(text)), by);
  } catch (error) {
    throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
  }
}
