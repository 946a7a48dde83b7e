import { globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";

/** Standard input, as `--include` names it. */
export const STANDARD_INPUT = "-";

/**
 * Finds the archives that a path means: an archive, the first part of one that was split, a pattern, a directory with
 * parts, or standard input. What a file is, its first bytes tell.
 *
 * @param path As it was given.
 * @returns The parts of each archive, in order; undefined if the path means something else than an archive.
 * @throws {UnrecError} If parts are missing.
 */
export function findArchives(path: string): string[][] | undefined {
  if (path === STANDARD_INPUT) return [[STANDARD_INPUT]];
  const stat = statOf(path);
  if (stat === undefined) return /[*?[]/.test(path) ? archivesAmong(globSync(path), path) : undefined;
  if (!stat.isDirectory) {
    const parts = partsOf(path, namesIn(dirname(path)));
    if (isArchive(parts[0])) return [parts];
    if (parts.length > 1) throw noBeginning(parts);
    return undefined;
  }
  const names = namesIn(path);
  if (names.includes("train.rec") || names.includes("train.idx")) return undefined;
  const archives = archivesAmong(names.map((name) => join(path, name)));
  return archives.length > 0 ? archives : undefined;
}

/** The archives among some files. If a pattern matched them, all of them must be of one. */
function archivesAmong(paths: string[], pattern?: string): string[][] {
  if (pattern !== undefined && paths.length === 0) {
    throw new UnrecError(`Cannot open ${pattern}: no file matches the pattern`);
  }
  const archives: string[][] = [];
  const taken = new Set<string>();
  for (const path of paths.sort(byNumber)) {
    if (taken.has(path) || !statOf(path)?.isFile) continue;
    const parts = partsOf(
      path,
      paths.filter((other) => dirname(other) === dirname(path)).map((other) => basename(other)),
    );
    if (isArchive(parts[0])) archives.push(parts);
    else if (parts.length > 1) throw noBeginning(parts);
    else if (pattern !== undefined) {
      throw new UnrecError(`Cannot open ${pattern}: ${path} is no tar archive, compressed or not`);
    }
    for (const part of parts) taken.add(part);
  }
  return archives;
}

function noBeginning([first]: string[]): UnrecError {
  return new UnrecError(
    `Cannot read the parts from ${first} on: it does not begin as a tar archive does, compressed or not; is a part ` +
      "in front of it missing?",
  );
}

/** What numbers a part: the end of its name, digits or letters, behind what all parts have in common. */
interface PartName {
  stem: string;
  /** Digits, or letters as `split` gives them: aa, ab, ... */
  mark: string;
  number: number;
}

function partName(name: string): PartName | undefined {
  const [, stem, mark] = /^(.*?)(\d+)$/.exec(name) ?? /^(.*[._-])([a-z]{2,})$/.exec(name) ?? [];
  if (mark === undefined) return undefined;
  const number = /\d/.test(mark) ? Number(mark) : [...mark].reduce((sum, c) => sum * 26 + c.charCodeAt(0) - 97, 0);
  return { stem, mark, number };
}

/**
 * The parts that a file is one of, in the order of their numbers. A file that has no sibling is all there is.
 *
 * @param path Any of the parts.
 * @param names Names of the files beside it, its own among them.
 * @throws {UnrecError} If a part in between or the first one is missing.
 */
function partsOf(path: string, names: string[]): string[] {
  const own = partName(basename(path));
  if (own === undefined) return [path];
  const digits = /\d/.test(own.mark);
  const parts = names.map((name) => ({ name, part: partName(name)! })).filter(({ part }) =>
    part !== undefined && part.stem === own.stem && /\d/.test(part.mark) === digits &&
    (digits || part.mark.length === own.mark.length)
  ).sort((a, b) => a.part.number - b.part.number);
  // Letters number a part only where there is an "aa": they may be an extension as well.
  if (parts.length < 2 || !digits && parts[0].part.number !== 0) return [path];
  const { number: first } = parts[0].part;
  const expected = digits ? (first === 1 && !names.includes(nameOf(parts[0].part, 0)) ? 1 : 0) : 0;
  for (let i = 0; i < parts.length; i++) {
    if (parts[i].part.number === expected + i) continue;
    const missing = nameOf(parts[0].part, expected + i);
    throw new UnrecError(
      `Cannot read the parts ${join(dirname(path), `${own.stem}*`)}: ${missing} is missing, ${parts[i].name} comes ` +
        "in its place; download it",
    );
  }
  return parts.map(({ name }) => join(dirname(path), name));
}

/** The name of another part, with as many digits or letters. */
function nameOf({ stem, mark }: PartName, number: number): string {
  if (/\d/.test(mark)) return stem + String(number).padStart(mark.length, "0");
  let letters = "";
  for (let i = 0; i < mark.length; i++) {
    letters = String.fromCharCode(97 + number % 26) + letters;
    number = Math.floor(number / 26);
  }
  return stem + letters;
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Whether a file begins as gzip data or as a tar archive do. */
function isArchive(path: string): boolean {
  const head = new Uint8Array(TAR_BLOCK);
  let read: number | null;
  try {
    using file = Deno.openSync(path);
    read = file.readSync(head);
  } catch {
    // Whoever opens it next says why it cannot be read.
    return false;
  }
  return isGzip(head) || read === TAR_BLOCK && isTar(head);
}

const TAR_BLOCK = 512;

/** Whether bytes begin as gzip data do (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Whether a block is the header of a tar entry: POSIX and GNU tar write `ustar` at byte 257. */
function isTar(block: Uint8Array): boolean {
  return new TextDecoder().decode(block.subarray(257, 262)) === "ustar";
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): string[] {
  try {
    return Array.from(Deno.readDirSync(directory), ({ name }) => name);
  } catch (error) {
    throw new UnrecError(`Cannot list the directory ${directory}: ${systemReason(error)}`);
  }
}
