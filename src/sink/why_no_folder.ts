import { systemReason } from "../errors.ts";
import { LINK } from "./image_file.ts";

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
