import { systemReason, UnrecError } from "../errors.ts";
import { labelName } from "../sink/label_name.ts";
import { addFinding, type Findings } from "./findings.ts";

/**
 * Finds what a tree holds beside the images of its datasets. Files in the tree's own folder whose names begin with a dot
 * belong to no image and are left out of this.
 *
 * @param tree The folder that holds the folders `id_<label>`.
 * @param labels The label of each image, by ordinal; NaN where it cannot be read: nobody knows then
 * where its file belongs.
 * @param findings Takes what is found.
 * @yields After each folder.
 * @throws {UnrecError} If a folder cannot be read.
 */
export function* findSurplusFiles(tree: string, labels: Float64Array, findings: Findings): Generator<void> {
  for (const { name, isDirectory } of entriesOf(tree)) {
    const label = isDirectory ? labelOf(/^id_(-?\d+)$/.exec(name)?.[1]) : undefined;
    if (label === undefined) {
      if (!name.startsWith(".")) addFinding(findings, "surplus-file", [{ path: name }]);
      continue;
    }
    for (const file of entriesOf(`${tree}/${name}`)) {
      // What stands at an image's path and is no file was found when that image was looked at.
      const [, label2, ordinal] = /^(-?\d+)_(0|[1-9]\d*)\.jpg$/.exec(file.name) ?? [];
      const expected = labels[Number(ordinal)];
      if (labelOf(label2) !== label || expected !== label && !Number.isNaN(expected)) {
        addFinding(findings, "surplus-file", [{ path: `${name}/${file.name}` }]);
      }
    }
    yield;
  }
}

/** The label that digits write; undefined if they write it in another way than decoding does. */
function labelOf(digits: string | undefined): number | undefined {
  if (digits === undefined) return undefined;
  const label = Number(digits);
  return Number.isFinite(label) && labelName(label) === digits ? label : undefined;
}

function entriesOf(folder: string): Iterable<Deno.DirEntry> {
  try {
    return Deno.readDirSync(folder);
  } catch (error) {
    throw new UnrecError(`Cannot list the files of ${folder}: ${systemReason(error)}`);
  }
}
