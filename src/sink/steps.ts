/**
 * Small steps with files. Threads take them too, so nothing of Node's is imported here: that takes memory in each.
 *
 * @module
 */
import { systemReason } from "../errors.ts";
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
