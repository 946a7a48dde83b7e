import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { PROJECT } from "./run_unrec.ts";

/** The sample datasets. */
export const DATA = join(PROJECT, "tests/data");

/** The name of the journal that every run leaves in its output. */
export const JOURNAL = ".unrec-journal";

/** What `unrec finish` leaves in an output. */
const SUCCESS = "_SUCCESS";

/**
 * The files below a folder in the form of `sha256sum`, sorted by path, without journals and `_SUCCESS`, which are in the
 * folder itself and in those of pieces.
 */
export function treeOf(folder: string): string[] {
  const lines: string[] = [];
  const walk = (within: string) => {
    const hasJournals = within === folder || within.endsWith(".parts");
    for (const entry of Deno.readDirSync(within)) {
      const path = join(within, entry.name);
      if (entry.isDirectory) walk(path);
      else if (!hasJournals || !entry.name.startsWith(JOURNAL) && entry.name !== SUCCESS) {
        const sum = createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
        lines.push(`${sum}  ${relative(folder, path)}`);
      }
    }
  };
  walk(folder);
  return byPath(lines);
}

/** The tree that is expected of a sample dataset, sorted by path. */
export function expectedTree(name: string): string[] {
  return byPath(Deno.readTextFileSync(join(DATA, "expected", `${name}.sha256`)).trimEnd().split("\n"));
}

/** Names of all expected trees: datasets, joined by `+` where several make one tree. */
export const EXPECTED = [...Deno.readDirSync(join(DATA, "expected"))]
  .map(({ name }) => name.replace(/\.sha256$/, ""))
  .sort();

/** The folders of the datasets that make an expected tree. */
export function includeOf(name: string): string {
  return name.split("+").map((dataset) => join(DATA, dataset)).join(",");
}

function byPath(lines: string[]): string[] {
  return lines.sort((a, b) => a.slice(66) < b.slice(66) ? -1 : 1);
}

/** Whether there is something of that name. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Copies a folder, and all in it, into another one, which is made if need be. */
export function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(join(from, name), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}
