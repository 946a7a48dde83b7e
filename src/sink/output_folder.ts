import { ensureDirSync } from "@std/fs/ensure-dir";
import { codeOf, systemReason, UnrecError } from "../errors.ts";

/** What a file system, or a desktop, puts into folders by itself. */
const NOT_COUNTED = /^\.|^lost\+found$/;

const NO_FOLDER = "it exists already, and is no folder";

/**
 * Makes an output folder, and those that it is in, if need be.
 *
 * @param output The folder, or a link to one.
 * @throws {UnrecError} If it cannot be made.
 */
export function makeOutput(output: string): void {
  try {
    ensureDirSync(output);
  } catch (error) {
    throw notMade(output, whyNotMade(output, error));
  }
}

/**
 * Makes sure that an output folder is one, if it is there.
 *
 * @param output The folder, or a link to one.
 * @throws {UnrecError} If something else is there.
 */
export function requireFolder(output: string): void {
  try {
    if (Deno.statSync(output).isDirectory) return;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw notMade(output, systemReason(error));
  }
  throw notMade(output, NO_FOLDER);
}

/**
 * The entries of a folder that somebody has put there; none if it does not exist.
 *
 * @param folder The folder.
 * @throws {UnrecError} If nobody may look into it.
 */
export function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return Array.from(Deno.readDirSync(folder)).filter(({ name }) => !NOT_COUNTED.test(name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return [];
    throw new UnrecError(`Cannot read the output folder ${folder}: ${systemReason(error)}`);
  }
}

function notMade(output: string, why: string): UnrecError {
  return new UnrecError(`Cannot make the output folder ${output}: ${why}`, { kind: "other-output" });
}

/** What stands in the way of a folder. */
function whyNotMade(path: string, error: unknown): string {
  try {
    if (!Deno.statSync(path).isDirectory) return NO_FOLDER;
  } catch {
    // The first error says more.
  }
  return systemReason(error);
}
