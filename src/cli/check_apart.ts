import { basename, dirname, join, relative, resolve } from "node:path";
import { STANDARD_INPUT } from "../source/archive/find_parts.ts";
import { isRemote } from "../source/dataset_at_url.ts";
import { UsageError } from "./usage_error.ts";

/** What is written: a folder or a file for the images, and a list of them. */
const WRITTEN = {
  output: { noun: "the output", is: "folder", advice: "give the output a folder of its own" },
  list: { noun: "the list", is: "file", advice: "put the list elsewhere" },
};

/**
 * Makes sure that what is written is no part of a dataset's folder, nor the reverse: it must never mix with what is read.
 *
 * @param include Folders, files, or the standard input.
 * @param written A folder or a file, which need not exist.
 * @param option What it is given with.
 * @throws {UsageError} If one lies in the other, links followed.
 */
export function checkApart(
  include: readonly string[],
  written: string,
  option: keyof typeof WRITTEN = "output",
): void {
  const { noun, is, advice } = WRITTEN[option];
  for (const path of include) {
    if (path === STANDARD_INPUT || isRemote(path)) continue;
    const overlap = overlapOf(written, path);
    if (overlap === undefined) continue;
    const reason = overlap === "same"
      ? `are the same ${is}`
      : overlap === "inside"
      ? `overlap: ${noun} is inside the dataset`
      : `overlap: the dataset is inside ${noun}`;
    throw new UsageError(`--include=${path} and --${option}=${written} ${reason}; ${advice}`);
  }
}

/**
 * How two paths lie to each other, links followed.
 *
 * @param path A path; there need be nothing.
 * @param other Another one.
 * @returns Whether the first one lies inside the other or around it, or they are the same; undefined if they are apart.
 */
export function overlapOf(path: string, other: string): "same" | "inside" | "around" | undefined {
  const [one, two] = [realPath(path), realPath(other)];
  return one === two ? "same" : isInside(one, two) ? "inside" : isInside(two, one) ? "around" : undefined;
}

function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== "" && way.split(/[\\/]/, 1)[0] !== ".." && resolve(directory, way) === path;
}

/** The path with all links followed, as far as it exists. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    const absolute = resolve(path);
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}
