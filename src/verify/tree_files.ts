import { Buffer } from "node:buffer";
import { systemReason, UnrecError } from "../errors.ts";
import { labelOfFolder, numberOfImage } from "../sink/tree_path.ts";
import { addFinding, type FindingKind, type Findings } from "./findings.ts";

/**
 * Compares an image with the file that decoding made of it.
 *
 * @param path The file.
 * @param bytes The image.
 * @param deep Whether bytes are compared, not only sizes.
 * @returns What is wrong with the file, undefined if nothing is.
 * @throws {UnrecError} If the system does not let it be looked at.
 */
export function compareFile(path: string, bytes: Uint8Array<ArrayBuffer>, deep: boolean): FindingKind | undefined {
  try {
    const stat = Deno.lstatSync(path);
    if (!stat.isFile) return "missing-file";
    if (stat.size !== bytes.length) return "file-size";
    if (deep && Buffer.compare(Deno.readFileSync(path), bytes) !== 0) return "file-bytes";
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "missing-file";
    throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
  }
}

/**
 * Finds what a tree holds beside the images of its datasets. Files in the tree's own folder whose names begin with a dot
 * belong to no image and are left out of this.
 *
 * @param tree The folder that holds the folders `id_<label>`.
 * @param labels The label of each image, by number; NaN where it cannot be read: nobody knows then where its file belongs.
 * @param findings Takes what is found.
 * @yields After each folder.
 * @throws {UnrecError} If a folder cannot be read.
 */
export function* findSurplusFiles(tree: string, labels: Float64Array, findings: Findings): Generator<void> {
  for (const { name, isDirectory } of entriesOf(tree)) {
    const label = isDirectory ? labelOfFolder(name) : undefined;
    if (label === undefined) {
      if (!name.startsWith(".")) addFinding(findings, "surplus-file", [{ path: name }]);
      continue;
    }
    for (const file of entriesOf(`${tree}/${name}`)) {
      // What stands at an image's path and is no file was found when that image was looked at.
      const number = numberOfImage(file.name, label);
      const expected = number === undefined ? undefined : labels[number];
      if (expected === undefined || expected !== label && !Number.isNaN(expected)) {
        addFinding(findings, "surplus-file", [{ path: `${name}/${file.name}` }]);
      }
    }
    yield;
  }
}

function entriesOf(folder: string): Iterable<Deno.DirEntry> {
  try {
    return Deno.readDirSync(folder);
  } catch (error) {
    throw new UnrecError(`Cannot list the files of ${folder}: ${systemReason(error)}`);
  }
}
