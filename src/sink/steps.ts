/**
 * Small steps with files. Threads take them too, so nothing of Node's is imported here: that takes memory in each.
 *
 * @module
 */
import { systemReason, UnrecError } from "../errors.ts";
import { LINK } from "./image_file.ts";

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

/**
 * Removes a file, if it is there.
 *
 * @param path The file.
 * @throws {UnrecError} If it cannot be removed.
 */
export function removeFile(path: string): void {
  try {
    removeIfThere(path);
  } catch (error) {
    throw new UnrecError(`Cannot remove ${path}: ${systemReason(error)}`);
  }
}

/**
 * How many bytes a file has.
 *
 * @param path The file; a link is not followed.
 * @returns undefined if there is none, or something else.
 */
export function lengthOf(path: string): number | undefined {
  try {
    const { isFile, size } = Deno.lstatSync(path);
    return isFile ? size : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether there is a file of so many bytes.
 *
 * @param path The file; a link is not followed.
 * @param bytes What a receipt says, which anybody can write.
 */
export function isFileOf(path: string, bytes: unknown): boolean {
  const length = lengthOf(path);
  return length !== undefined && length === bytes;
}

/**
 * Why what is there will not do for a folder within an output.
 *
 * @param folder Its path.
 * @returns The reason; empty if it is a folder.
 */
export function whyNoFolder(folder: string): string {
  try {
    const { isDirectory, isSymlink } = Deno.lstatSync(folder);
    return isDirectory ? "" : isSymlink ? LINK : "it exists already, and is no folder";
  } catch (error) {
    return systemReason(error);
  }
}
