import { dirname } from "node:path";
import { fileFacts } from "./file_facts.ts";
import { listsBeside } from "./label_lists.ts";
import type { Source } from "./source.ts";
import { beginsAsSet, setsIn } from "./verification_files.ts";

/** A file beside a dataset. Plain data. */
export interface FileBeside {
  /** Its path. */
  path: string;
  /** Its size in bytes; null if that cannot be known. */
  bytes: number | null;
}

/** What lies beside a dataset and belongs to it. Plain data. */
export interface Beside {
  /** Verification sets, such as `lfw.bin`, as names and first bytes tell. */
  verificationSets: FileBeside[];
  /** Lists with a label for each of its images. */
  labelLists: FileBeside[];
}

/**
 * Looks what lies beside a dataset.
 *
 * @param source The dataset.
 * @returns undefined if there is nowhere to look: it is no dataset in files.
 */
export async function lookBeside(source: Source): Promise<Beside | undefined> {
  if (source.found.kind !== "dataset") return undefined;
  const lists: string[] = [];
  for await (const list of listsBeside(source)) lists.push(list.facts.path);
  const sets = verificationSetsIn(dirname(source.found.path));
  return { verificationSets: sets.map(fileBeside), labelLists: lists.map(fileBeside) };
}

function verificationSetsIn(folder: string): string[] {
  try {
    return setsIn(folder).filter(beginsAsSet);
  } catch {
    // Who may read the dataset need not be allowed to list its folder.
    return [];
  }
}

function fileBeside(path: string): FileBeside {
  return { path, bytes: fileFacts("file", path).size };
}
