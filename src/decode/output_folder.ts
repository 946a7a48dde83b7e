import { systemReason, UnrecError } from "../errors.ts";

/** What a file system, or a desktop, puts into folders by itself. */
const NOT_COUNTED = /^\.|^lost\+found$/;

const FOLDER = /^id_(-?\d+)$/;

/**
 * The entries of an output folder that somebody has put there: not hidden ones, nor `lost+found`.
 *
 * @param output The folder.
 * @returns Its entries; none if it does not exist.
 * @throws {UnrecError} If it cannot be read.
 */
export function entriesOf(output: string): Deno.DirEntry[] {
  try {
    return Array.from(Deno.readDirSync(output)).filter(({ name }) => !NOT_COUNTED.test(name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as { code?: string }).code ?? "")) return [];
    throw new UnrecError(`Cannot read the output folder ${output}: ${systemReason(error)}`);
  }
}

/** Whether there is anything in an output folder. */
export function holdsFiles(output: string): boolean {
  return entriesOf(output).length > 0;
}

/**
 * The label that an entry of the output folder is for, as its digits.
 *
 * @param entry An entry.
 * @returns The digits; undefined if it is no folder for a label.
 */
export function labelOf({ name, isDirectory }: Deno.DirEntry): string | undefined {
  return isDirectory ? FOLDER.exec(name)?.[1] : undefined;
}

/**
 * The number of an image, by the name of its file.
 *
 * @param entry An entry of a folder `id_<label>`.
 * @param label The label's digits.
 * @returns The number; undefined if it is no image of that label.
 */
export function ordinalOf({ name, isFile }: Deno.DirEntry, label: string): number | undefined {
  if (!isFile || !name.startsWith(`${label}_`) || !name.endsWith(".jpg")) return undefined;
  const digits = name.slice(label.length + 1, -".jpg".length);
  const ordinal = Number(digits);
  return String(ordinal) === digits && Number.isSafeInteger(ordinal) && ordinal >= 0 ? ordinal : undefined;
}

/**
 * Removes all images of an output folder, and the folders that are empty then. Nothing else is touched, and no link
 * followed.
 *
 * @param output The folder.
 * @throws {UnrecError} If something cannot be removed.
 */
export function removeImages(output: string): void {
  for (const entry of entriesOf(output)) {
    const label = labelOf(entry);
    if (label === undefined) continue;
    const folder = `${output}/${entry.name}`;
    let path = folder;
    try {
      let others = 0;
      for (const file of Deno.readDirSync(folder)) {
        path = `${folder}/${file.name}`;
        if (ordinalOf(file, label) === undefined) others++;
        else Deno.removeSync(path);
      }
      path = folder;
      if (others === 0) Deno.removeSync(path);
    } catch (error) {
      throw new UnrecError(`Cannot remove ${path}: ${systemReason(error)}`);
    }
  }
}
