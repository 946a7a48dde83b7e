import { basename, dirname, join } from "node:path";
import type { Selection } from "../dataset/selection/selection.ts";
import { remediesFor } from "../dataset/wrong_file.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { ArchivePlace } from "./archive/archive_source.ts";
import { containerOfFile } from "./archive/containers.ts";
import { partsOf, STANDARD_INPUT } from "./archive/find_parts.ts";
import { findAtUrl, isRemote, type UrlAccess } from "./dataset_at_url.ts";
import { DatasetPlace } from "./dataset_source.ts";
import { kindOfFile } from "./file_facts.ts";
import {
  byNumber,
  insteadOf,
  isFile,
  isFolder,
  namesIn,
  type Notice,
  recordsIn,
  someOf,
  tellOfGaps,
} from "./in_folder.ts";
import { openFound, withSelection } from "./open_found.ts";
import { isImageName } from "./images/image_groups.ts";
import { hasImageFolders } from "./images/folder_images.ts";
import { ImagesPlace } from "./images/images_source.ts";
import { isListName } from "./images/listed_images.ts";
import { isPattern, pathsOf } from "./pattern.ts";
import type { Source, SourceOptions } from "./source.ts";

/** The kinds of text that a list of images can be. */
const LISTS = ["list", "text"];

/** What a path means. */
export type Found = DatasetPlace | ArchivePlace | ImagesPlace;

/**
 * Finds what paths mean: a folder with `train.rec` or with other `.rec` files, a folder of such folders, a `.rec` file, a
 * tar archive by any of its parts, a folder of parts, a pattern for any of these, or `-` for an archive on the standard
 * input; the URL of a `.rec` file or of its folder; and where there is none of these, a folder with a folder of images for
 * each person, or a list of images. An archive is known by its first bytes.
 *
 * @param paths As they were given, in order.
 * @param notice Told, in a sentence, of what lies there too and is not read, and of numbers that are missing.
 * @param access What opens URLs.
 * @returns What they mean, in order; at least one thing for each path, except that an archive which was found by one of
 * its parts is not taken again for another.
 * @throws {UnrecError} If a path means nothing that can be read, with what is there instead.
 */
export async function findSources(
  paths: readonly string[],
  notice: Notice = () => {},
  access: UrlAccess = {},
): Promise<Found[]> {
  const found: Found[] = [];
  /** Parts of archives that were found, and the path that each was found by. */
  const taken = new Map<string, string>();
  for (const path of paths) {
    for (const source of await findSource(path, notice, access)) {
      const known = source.kind === "archive" ? source.paths.find((part) => taken.has(part)) : undefined;
      if (known !== undefined && taken.get(known) !== path) continue;
      if (source.kind === "archive") { for (const part of source.paths) taken.set(part, path); }
      found.push(source);
    }
  }
  return found;
}

/**
 * Opens what paths mean: folders with `train.rec` or other `.rec` files, `.rec` files, tar archives, patterns for these.
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
 * @param options How to read it; with `select` only some images, of each dataset by itself.
 * @returns The sources; dispose of them when done.
 * @throws {UnrecError} If a path means nothing that can be read, or it is damaged, or something is not there that is
 * asked for.
 */
export async function openSources(
  paths: readonly string[],
  { select, ...options }: SourceOptions & { select?: Selection } = {},
): Promise<Source[]> {
  return await openFound(withSelection(await findSources(paths), select), () => options);
}

/**
 * Finds datasets in files: what {@linkcode findSources} finds, without archives.
 *
 * @param paths As they were given, in order.
 * @param notice Told what {@linkcode findSources} tells.
 * @throws {UnrecError} If a path means something else.
 */
export async function findDatasets(
  paths: readonly string[],
  notice?: Notice,
  access?: UrlAccess,
): Promise<DatasetPlace[]> {
  return (await findSources(paths, notice, access)).map((source) => {
    if (source.kind === "dataset") return source;
    if (source.kind === "archive") {
      throw new UnrecError(`Cannot read ${source.path} for this: it is an archive`, source.unpacking);
    }
    throw new UnrecError(`Cannot read ${source.path} for this: its images are files, and not records`);
  });
}

async function findSource(path: string, notice: Notice, access: UrlAccess): Promise<Found[]> {
  if (path === STANDARD_INPUT) return [new ArchivePlace([STANDARD_INPUT])];
  if (isRemote(path)) return [await findAtUrl(path, access, notice)];
  let stat: Deno.FileInfo;
  try {
    stat = Deno.statSync(path);
  } catch (error) {
    if (isPattern(path)) return await findByPattern(path, notice);
    throw new UnrecError(`Cannot open the dataset ${path}: ${systemReason(error)}`);
  }
  if (stat.isDirectory) return findInFolder(path, notice);
  if (stat.isFile) return [findFile(path)];
  throw new UnrecError(`Cannot open the dataset ${path}: it is no regular file`, {
    kind: "text",
    text: "an archive that comes through a pipe is read from standard input, which is named -",
  });
}

function findFile(path: string): Found {
  if (path.endsWith(".rec")) return new DatasetPlace(path);
  const isList = isListName(path) && LISTS.includes(kindOfFile(path)?.name ?? "");
  if (isList && recordsBeside(path) === undefined) return new ImagesPlace(path, "list");
  const parts = partsOf(path, namesIn(dirname(path)));
  if (containerOfFile(parts[0]) !== undefined) return new ArchivePlace(parts);
  if (parts.length > 1) throw noBeginning(parts);
  throw noSource(path);
}

async function findByPattern(pattern: string, notice: Notice): Promise<Found[]> {
  const named = await pathsOf(pattern);
  if (named.length === 0) throw new UnrecError(`Cannot open ${pattern}: no file matches the pattern`);
  const found: Found[] = [];
  const taken = new Set<string>();
  for (const path of named) {
    if (taken.has(path)) continue;
    if (isFolder(path)) {
      // Among what a pattern matches there may be folders of something else; one that has nothing is one of them.
      found.push(...sourcesIn(path, namesIn(path), notice));
      continue;
    }
    if (path.endsWith(".rec")) {
      found.push(new DatasetPlace(path));
      continue;
    }
    // An index is read with its record file.
    if (path.endsWith(".idx") && named.includes(path.replace(/idx$/, "rec"))) continue;
    // An archive is read by all of its parts, whichever of them match.
    const parts = partsOf(path, namesIn(dirname(path)));
    if (containerOfFile(parts[0]) !== undefined) found.push(new ArchivePlace(parts));
    else if (parts.length > 1) throw noBeginning(parts);
    else throw new UnrecError(`Cannot open ${pattern}: ${path} is neither a dataset nor an archive`);
    for (const part of parts) taken.add(part);
  }
  if (found.length === 0) {
    throw new UnrecError(`Cannot open ${pattern}: none of the ${named.length} folders that it matches has a train.rec`);
  }
  tellOfGaps(named.filter((path) => path.endsWith(".rec")), notice);
  return found;
}

function findInFolder(path: string, notice: Notice): Found[] {
  const names = namesIn(path);
  const found = sourcesIn(path, names, notice);
  if (found.length > 0) return found;
  if (hasImageFolders(path)) return [new ImagesPlace(path, "folder")];
  throw nothingIn(path, names);
}

/** What can be read of a folder: its record files and those in its folders, or archives. */
function sourcesIn(folder: string, names: readonly string[], notice: Notice): Found[] {
  const records = recordsIn(folder, names, notice);
  if (names.includes("train.rec") && records.length > 0) return records;
  const paths = names.map((name) => join(folder, name)).sort(byNumber);
  const { archives, broken } = archivesIn(paths, names);
  const below = paths.filter(isFolder).flatMap((path) => recordsIn(path, namesInside(path), notice));
  // What lies beside an archive may be what was unpacked from it.
  if (records.length === 0 && archives.length > 0) {
    if (below.length > 0) notice(notRead(archives, below));
    return archives;
  }
  if (archives.length > 0) notice(notRead(records, archives));
  const found = [...records, ...below].sort((a, b) => byNumber(a.path, b.path));
  if (found.length === 0 && broken !== undefined) throw broken;
  return found;
}

/** The archives among the files of a folder. */
function archivesIn(paths: readonly string[], names: readonly string[]) {
  const archives: ArchivePlace[] = [];
  const taken = new Set<string>();
  /** What is told if there is nothing else: parts without a beginning, or with a gap. */
  let broken: UnrecError | undefined;
  // Opening a pipe would wait for somebody who writes to it.
  for (const file of paths.filter((path) => isFile(path) && !path.endsWith(".rec"))) {
    if (taken.has(file)) continue;
    let parts: string[];
    try {
      parts = partsOf(file, [...names]);
    } catch (error) {
      if (!(error instanceof UnrecError) || containerOfFile(file) !== undefined) throw error;
      broken ??= error;
      continue;
    }
    for (const part of parts) taken.add(part);
    if (containerOfFile(parts[0]) !== undefined) archives.push(new ArchivePlace(parts));
    else if (parts.length > 1) broken ??= noBeginning(parts);
  }
  return { archives, broken };
}

function notRead(read: readonly Found[], left: readonly Found[]): string {
  const paths = (found: readonly Found[]) => someOf(found.map(({ path }) => path));
  const is = read.length === 1 ? "is" : "are";
  return `${paths(read)} ${is} read, and not ${paths(left)} beside, which can be given by name`;
}

/** Names of what is in a folder; none if nobody may look into it. */
function namesInside(folder: string): string[] {
  try {
    return namesIn(folder);
  } catch {
    return [];
  }
}

function nothingIn(folder: string, names: readonly string[]): UnrecError {
  const cannot = `Cannot open the dataset ${folder}:`;
  if (names.length === 0) {
    return new UnrecError(`${cannot} the folder is empty; it should hold train.rec and train.idx`);
  }
  const special = names.find((name) => name.endsWith(".rec"));
  if (special !== undefined) return new UnrecError(`${cannot} ${join(folder, special)} is no regular file`);
  const instead = insteadOf("train.rec", folder, names, `${cannot} it has no train.rec`);
  if (instead !== undefined) return instead;
  if (names.some(isImageName)) {
    return new UnrecError(`${cannot} its images are in no folder of a person, so nothing tells whose they are`, {
      kind: "text",
      text: "put those of each person into a folder of their own, or give a list of path and label",
    });
  }
  return new UnrecError(`${cannot} it has neither train.rec nor train.idx`, {
    kind: "text",
    text: "give the folder that the archive was unpacked to",
  });
}

/** Says what a file is that is neither records nor an archive. */
function noSource(path: string): UnrecError {
  const kind = kindOfFile(path);
  const message = kind === undefined
    ? `Cannot open the dataset ${path}: it is neither a folder, nor a .rec file, nor an archive`
    : `Cannot open a dataset: ${path} is ${kind.what}`;
  const include = recordsBeside(path);
  if (include === undefined || kind?.reader !== undefined) {
    return new UnrecError(message, ...kind ? remediesFor(kind, path) : []);
  }
  return new UnrecError(message, { kind: "include", path: include });
}

/** The dataset that a file belongs to, which is none itself; undefined if there is none beside it. */
function recordsBeside(path: string): string | undefined {
  const records = path.replace(/\.(idx|lst)$/, ".rec");
  if (records !== path && isFile(records) && basename(records) !== "train.rec") return records;
  return isFile(join(dirname(path), "train.rec")) ? dirname(path) : undefined;
}

function noBeginning([first]: string[]): UnrecError {
  return new UnrecError(
    `Cannot read the parts from ${first} on: it does not begin as a tar archive does, compressed or not; is a part ` +
      "before it missing?",
  );
}
