import { dirname, join } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";
import { ArchivePlace } from "./archive/archive_source.ts";
import { isArchive, partsOf, STANDARD_INPUT } from "./archive/find_parts.ts";
import { DatasetPlace } from "./dataset_source.ts";
import type { Source, SourceOptions } from "./source.ts";

/** What a path means. */
export type Found = DatasetPlace | ArchivePlace;

/**
 * Finds what paths mean: a folder with `train.rec`, a folder of such folders, a `.rec` file, a tar archive by any of its
 * parts, a folder of parts, a pattern for any of these, or `-` for an archive on the standard input. An archive is
 * known by its first bytes.
 *
 * @param paths As they were given, in order.
 * @returns What they mean, in order; at least one thing for each path, except that an archive which was found by one of
 * its parts is not taken again for another.
 * @throws {UnrecError} If a path means nothing that can be read, with what is there instead.
 */
export async function findSources(paths: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  /** Parts of archives that were found, and the path that each was found by. */
  const taken = new Map<string, string>();
  for (const path of paths) {
    for (const source of await findSource(path)) {
      const known = source.kind === "archive" ? source.paths.find((part) => taken.has(part)) : undefined;
      if (known !== undefined && taken.get(known) !== path) continue;
      if (source.kind === "archive") { for (const part of source.paths) taken.set(part, path); }
      found.push(source);
    }
  }
  return found;
}

/**
 * Opens what paths mean: folders with `train.rec`, `.rec` files, tar archives, patterns for these.
 *
 * @example
 * ```ts
 * import { decode, folderTree, openSources } from "@unrec/unrec";
 *
 * const sources = await openSources(["tests/data/glint_mini", "tests/data/second_source"]);
 * const report = await decode(sources, folderTree("images"), { relabel: true });
 * console.log(report.images, "images of", report.labels, "people"); // 99 images of 30 people
 * for (const source of sources) source[Symbol.dispose]();
 * ```
 *
 * @param paths What is to be read, in order.
 * @param options How to read it.
 * @returns The sources; dispose of them when done.
 * @throws {UnrecError} If a path means nothing that can be read, or it is damaged.
 */
export async function openSources(paths: readonly string[], options: SourceOptions = {}): Promise<Source[]> {
  using opened = new DisposableStack();
  const sources: Source[] = [];
  for (const found of await findSources(paths)) sources.push(opened.use(await found.open(options)));
  opened.move();
  return sources;
}

/**
 * Finds datasets in files: what {@linkcode findSources} finds, without archives.
 *
 * @param paths As they were given, in order.
 * @throws {UnrecError} If a path means something else.
 */
export async function findDatasets(paths: readonly string[]): Promise<DatasetPlace[]> {
  return (await findSources(paths)).map((source) => {
    if (source.kind === "dataset") return source;
    throw new UnrecError(`Cannot read ${source.path} for this: it is an archive`, {
      kind: "unpack",
      path: source.path,
    });
  });
}

async function findSource(path: string): Promise<Found[]> {
  if (path === STANDARD_INPUT) return [new ArchivePlace([STANDARD_INPUT])];
  let stat: Deno.FileInfo;
  try {
    stat = Deno.statSync(path);
  } catch (error) {
    if (/[*?[{]/.test(path)) return await findByPattern(path);
    throw new UnrecError(`Cannot open the dataset ${path}: ${systemReason(error)}`);
  }
  if (stat.isDirectory) return findInFolder(path);
  if (stat.isFile) return [findFile(path)];
  throw new UnrecError(`Cannot open the dataset ${path}: it is no regular file`, {
    kind: "text",
    text: "an archive that comes through a pipe is read from standard input, which is named -",
  });
}

function findFile(path: string): Found {
  if (path.endsWith(".rec")) return new DatasetPlace(path);
  const parts = partsOf(path, namesIn(dirname(path)));
  if (isArchive(parts[0])) return new ArchivePlace(parts);
  if (parts.length > 1) throw noBeginning(parts);
  throw new UnrecError(
    `Cannot open the dataset ${path}: it is neither a folder, nor a .rec file, nor a tar archive`,
    ...isFile(join(dirname(path), "train.rec")) ? [{ kind: "include" as const, path: dirname(path) }] : [],
  );
}

async function findByPattern(pattern: string): Promise<Found[]> {
  // It takes a while to load, and few need it.
  const { expandGlobSync } = await import("@std/fs/expand-glob");
  const paths = Array.from(expandGlobSync(pattern, { includeDirs: true, extended: false }), (entry) => entry.path).sort(
    byNumber,
  );
  if (paths.length === 0) throw new UnrecError(`Cannot open ${pattern}: no file matches the pattern`);
  // Relative patterns stay relative in messages.
  const cwd = `${Deno.cwd()}/`;
  const named = paths.map((path) => pattern.startsWith("/") || !path.startsWith(cwd) ? path : path.slice(cwd.length));
  const found: Found[] = [];
  const taken = new Set<string>();
  for (const path of named) {
    if (taken.has(path)) continue;
    if (isFolder(path)) {
      // Among what a pattern matches there may be folders of something else; one that has nothing is one of them.
      found.push(...datasetsIn(path));
      continue;
    }
    if (path.endsWith(".rec")) {
      found.push(new DatasetPlace(path));
      continue;
    }
    // An archive is read by all of its parts, whichever of them match.
    const parts = partsOf(path, namesIn(dirname(path)));
    if (isArchive(parts[0])) found.push(new ArchivePlace(parts));
    else if (parts.length > 1) throw noBeginning(parts);
    else throw new UnrecError(`Cannot open ${pattern}: ${path} is neither a dataset nor a tar archive`);
    for (const part of parts) taken.add(part);
  }
  if (found.length > 0) return found;
  throw new UnrecError(`Cannot open ${pattern}: none of the ${paths.length} folders that it matches has a train.rec`);
}

function findInFolder(path: string): Found[] {
  const found = datasetsIn(path);
  if (found.length > 0) return found;
  throw nothingIn(path, namesIn(path));
}

/** The datasets and archives in a folder, or, if there are none, in its folders. */
function datasetsIn(path: string): Found[] {
  const names = namesIn(path);
  if (names.includes("train.rec")) return [new DatasetPlace(join(path, "train.rec"), path)];
  if (names.includes("train.idx")) return [];
  const archives: ArchivePlace[] = [];
  const taken = new Set<string>();
  /** What is told if there is nothing else: parts without a beginning, or with a gap. */
  let broken: UnrecError | undefined;
  const paths = names.map((name) => join(path, name)).sort(byNumber);
  // Opening a pipe would wait for somebody who writes to it.
  for (const file of paths.filter(isFile)) {
    if (taken.has(file)) continue;
    let parts: string[];
    try {
      parts = partsOf(file, names);
    } catch (error) {
      if (!(error instanceof UnrecError) || isArchive(file)) throw error;
      broken ??= error;
      continue;
    }
    for (const part of parts) taken.add(part);
    if (isArchive(parts[0])) archives.push(new ArchivePlace(parts));
    else if (parts.length > 1) broken ??= noBeginning(parts);
  }
  if (archives.length > 0) return archives;
  const below = paths.filter((folder) => isFile(join(folder, "train.rec")));
  if (below.length === 0 && broken !== undefined) throw broken;
  return below.map((folder) => new DatasetPlace(join(folder, "train.rec"), folder));
}

function nothingIn(folder: string, names: string[]): UnrecError {
  const cannot = `Cannot open the dataset ${folder}:`;
  if (names.length === 0) {
    return new UnrecError(`${cannot} the folder is empty; it should hold train.rec and train.idx`);
  }
  if (names.includes("train.idx")) {
    return new UnrecError(`${cannot} it has train.idx, but no train.rec, which holds the images`, {
      kind: "download-again",
      path: join(folder, "train.rec"),
    });
  }
  const other = names.filter((name) => name.endsWith(".rec")).sort()[0];
  if (other !== undefined) {
    return new UnrecError(`${cannot} it has no train.rec, but ${other}`, {
      kind: "include",
      path: join(folder, other),
    });
  }
  return new UnrecError(`${cannot} it has neither train.rec nor train.idx`, {
    kind: "text",
    text: "give the folder that the archive was unpacked to",
  });
}

function noBeginning([first]: string[]): UnrecError {
  return new UnrecError(
    `Cannot read the parts from ${first} on: it does not begin as a tar archive does, compressed or not; is a part ` +
      "before it missing?",
  );
}

/** Names by the numbers in them: 2 before 10. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory ?? false;
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile ?? false;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    // There is none, or it is a link that leads in a circle, or in a folder that nobody may look into.
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    throw new UnrecError(`Cannot list the files of ${folder}: ${systemReason(error)}`);
  }
}
