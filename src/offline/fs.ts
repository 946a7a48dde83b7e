/** Stands in for `@std/fs`: the synchronous functions of `exists`, `ensure-dir`, `walk` and `expand-glob`. */
import { basename, join, normalize, parse, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const SEPARATOR = Deno.build.os === "windows" ? /[\\/]+/ : /\/+/;

/** What there must be for `existsSync`. */
export interface ExistsOptions {
  /** A directory, or a link to one. */
  isDirectory?: boolean;
  /** A file, or a link to one. */
  isFile?: boolean;
}

/** A file, a directory or a link that was found. */
export interface WalkEntry extends Deno.DirEntry {
  /** Where it is. */
  path: string;
}

/** What `walkSync` yields. */
export interface WalkOptions {
  /** How deep below the root; 0 is the root itself. */
  maxDepth?: number;
  /** Whether files are yielded. */
  includeFiles?: boolean;
  /** Whether directories are yielded, the root among them. */
  includeDirs?: boolean;
  /** Whether links are yielded. They are not followed. */
  includeSymlinks?: boolean;
}

/** How `expandGlobSync` reads a pattern, and what it yields. */
export interface ExpandGlobOptions {
  /** To be given: parentheses mean nothing here, where JSR's module reads `+(a|b)` as a pattern if it is not. */
  extended?: false;
  /** Where a relative pattern begins: by default, in the working directory. */
  root?: string;
  /** Whether directories are yielded. */
  includeDirs?: boolean;
}

/**
 * Tells whether there is something at a path.
 *
 * @param path The path; links are followed.
 * @param options What it must be.
 */
export function existsSync(path: string | URL, { isDirectory, isFile }: ExistsOptions = {}): boolean {
  try {
    const stat = Deno.statSync(path);
    return !(isDirectory && !stat.isDirectory || isFile && !stat.isFile);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // Not to be looked at, so it is there.
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}

/**
 * Makes a directory, with those above it, unless it is there.
 *
 * @param dir Its path.
 * @throws {Error} If something else is there.
 */
export function ensureDirSync(dir: string | URL): void {
  try {
    if (Deno.statSync(dir).isDirectory) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Deno.mkdirSync(dir, { recursive: true });
    throw error;
  }
  throw new Error("Failed to ensure directory exists: expected 'dir', got 'file'");
}

/**
 * Walks over a directory and what is in it.
 *
 * @param root The directory.
 * @param options What is yielded.
 */
export function* walkSync(root: string | URL, options: WalkOptions = {}): IterableIterator<WalkEntry> {
  const { maxDepth = Infinity, includeFiles = true, includeDirs = true, includeSymlinks = true } = options;
  if (maxDepth < 0) return;
  const top = entryAt(root);
  if (includeDirs) yield top;
  if (maxDepth < 1) return;
  for (const entry of Deno.readDirSync(top.path)) {
    const path = join(top.path, entry.name);
    if (entry.isDirectory) yield* walkSync(path, { ...options, maxDepth: maxDepth - 1 });
    else if (entry.isSymlink ? includeSymlinks : includeFiles) yield { path, ...entry };
  }
}

/**
 * Finds what a pattern of `*`, `?`, `[ab]`, `{a,b}` and `**` matches, in the order of the paths. Files whose names begin
 * with a dot are matched too. Links are matched, but not followed.
 *
 * @param glob The pattern.
 * @param options How it is read, and what is yielded.
 */
export function* expandGlobSync(glob: string, options: ExpandGlobOptions = {}): IterableIterator<WalkEntry> {
  const { root = Deno.cwd(), includeDirs = true } = options;
  const start = parse(glob).root;
  const segments = glob.slice(start.length).split(SEPARATOR);
  const onlyDirs = segments.at(-1) === "";
  if (onlyDirs) segments.pop();
  let from = start || resolve(root);
  while (segments.length > 0 && !isPattern(segments[0])) from = join(from, unescaped(segments.shift() as string));
  if (!existsSync(from)) return;
  let found = [entryAt(from)];
  for (const segment of segments) {
    const next = found.filter(({ isDirectory }) => isDirectory).flatMap(({ path }) => step(path, segment));
    found = [...new Map(next.map((entry) => [entry.path, entry])).values()];
    found.sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  }
  yield* found.filter(({ isDirectory }) => isDirectory ? includeDirs : !onlyDirs);
}

/** What a part of a pattern matches in a directory. */
function step(directory: string, segment: string): WalkEntry[] {
  if (segment === "..") return [entryAt(join(directory, ".."))];
  if (segment === "**") return [...walkSync(directory)];
  const pattern = patternOf(segment);
  return Array.from(Deno.readDirSync(directory), (entry) => ({ path: join(directory, entry.name), ...entry }))
    .filter(({ name }) => pattern.test(name));
}

function patternOf(segment: string): RegExp {
  let depth = 0;
  let broken = false;
  const source = segment.replace(/\\(.?)|\[([!^]?)((?:\\.|[^\]\\])*)\]|\*+|[^\w\s]/gs, (token, escaped, not, range) => {
    if (range !== undefined) return `[${not === "" ? "" : not === "!" ? "^" : "\\^"}${range}]`;
    if (token.startsWith("*")) return "[^/]*";
    if (token === "?") return ".";
    if (token === "{" && depth++ >= 0) return "(?:";
    if (token === "}" && depth > 0 && depth-- > 0) return ")";
    if (token === "," && depth > 0) return "|";
    broken ||= token === "[" || token === "\\";
    return RegExp.escape(escaped ?? token);
  });
  return broken || depth > 0 ? new RegExp(`^${RegExp.escape(segment)}$`) : new RegExp(`^${source}$`);
}

function entryAt(place: string | URL): WalkEntry {
  const path = normalize(place instanceof URL ? fileURLToPath(place) : place);
  const { isFile, isDirectory, isSymlink } = Deno.statSync(path);
  return { path, name: basename(path), isFile, isDirectory, isSymlink };
}

function isPattern(segment: string): boolean {
  return /[*?]|^!|\[[^[\\\]]+\]|\{[^{\\}]+\}|@\([^)]+\)|\([^(|]+\|[^\\)]+\)/.test(segment);
}

function unescaped(segment: string): string {
  return segment.replace(/\\([*?{}[\]()|+@!])/g, "$1");
}
