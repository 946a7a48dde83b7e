import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { PROJECT } from "./run_unrec.ts";

/** The sample datasets. */
export const DATA = join(PROJECT, "tests/data");

/** The files below a folder in the form of `sha256sum`, sorted by path. */
export function treeOf(folder: string): string[] {
  const lines: string[] = [];
  const walk = (directory: string) => {
    for (const entry of Deno.readDirSync(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory) walk(path);
      else {lines.push(
          `${createHash("sha256").update(Deno.readFileSync(path)).digest("hex")}  ${relative(folder, path)}`,
        );}
    }
  };
  walk(folder);
  return byPath(lines);
}

/** The same without the journal that a run leaves which did not come to its end. */
export function treeSoFar(folder: string): string[] {
  return treeOf(folder).filter((line) => !line.endsWith("  .unrec-journal"));
}

/** The tree that is expected of a sample dataset, sorted by path. */
export function expectedTree(name: string): string[] {
  return byPath(Deno.readTextFileSync(join(DATA, "expected", `${name}.sha256`)).trimEnd().split("\n"));
}

/** Names of all expected trees: datasets, joined by `+` where several make one tree. */
export const EXPECTED = [...Deno.readDirSync(join(DATA, "expected"))]
  .map(({ name }) => name.replace(/\.sha256$/, ""))
  .sort();

/** The directories of the datasets that make an expected tree. */
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
