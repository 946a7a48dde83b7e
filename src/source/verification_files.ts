import { join } from "node:path";
import { FileSource, readHead } from "../bytes/file_source.ts";
import { type FileKind, fileKind, HEAD_BYTES } from "../dataset/file_kind.ts";
import { remediesFor } from "../dataset/wrong_file.ts";
import { type Remedy, systemReason, UnrecError } from "../errors.ts";
import { readVerificationSet, type VerificationSet } from "../pickle/verification_set.ts";
import { fileFacts, requireUnchanged } from "./file_facts.ts";
import { byNumber, isFile, isFolder, namesIn } from "./in_folder.ts";
import { isPattern, pathsOf } from "./pattern.ts";

/** What the names of verification sets end in. */
export const SET_ENDING = ".bin";

/** A set is held in memory as a whole. Those that are known have some 100 MB. */
const MOST_BYTES = 2 ** 31 - 1;

/** Bytes that are read before signals have their turn. */
const PIECE_BYTES = 2 ** 23;

/** What a pickle begins with that is all text, as Python 2 writes it: the opcode MARK, a parenthesis. */
const TEXT_BEGINS = 0x28;

/**
 * Finds verification sets: files, folders of `.bin` files, patterns for either.
 *
 * @param paths As they were given, in order.
 * @returns The files, in the order of the numbers in their names for each path; each once.
 * @throws {UnrecError} If a path means none.
 */
export async function findVerificationSets(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of paths) for (const file of await filesOf(path)) found.add(file);
  return [...found];
}

async function filesOf(path: string): Promise<string[]> {
  const cannot = `Cannot find verification sets at ${path}`;
  let isDirectory: boolean;
  try {
    ({ isDirectory } = Deno.statSync(path));
  } catch (error) {
    if (!isPattern(path)) throw new UnrecError(`${cannot}: ${systemReason(error)}`);
    const found = (await pathsOf(path)).flatMap((match) => isFolder(match) ? setsIn(match) : [match]);
    if (found.length > 0) return found;
    throw new UnrecError(`${cannot}: the pattern matches no file, and no folder with ${SET_ENDING} files`);
  }
  if (!isDirectory) return [path];
  const found = setsIn(path);
  if (found.length === 0) throw new UnrecError(`${cannot}: there is no ${SET_ENDING} file in this folder`);
  return found;
}

/**
 * The files of a folder that are verification sets by their names.
 *
 * @param folder The folder.
 * @returns Their paths, in the order of the numbers in their names.
 * @throws {UnrecError} If nobody may look into it.
 */
export function setsIn(folder: string): string[] {
  // macOS has hidden files that only belong to others: `._lfw.bin`.
  return namesIn(folder).filter((name) => name.endsWith(SET_ENDING) && !name.startsWith("."))
    .map((name) => join(folder, name)).filter(isFile).sort(byNumber);
}

/**
 * Whether a file begins as a verification set does. What else ends in `.bin`, such as the weights of a model, mostly begins
 * otherwise; only all of it tells for sure.
 *
 * @param path The file.
 * @returns false if it cannot be read.
 */
export function beginsAsSet(path: string): boolean {
  try {
    const head = readHead(path, HEAD_BYTES);
    return head[0] === TEXT_BEGINS || fileKind(head)?.name === "pickle";
  } catch {
    return false;
  }
}

/**
 * Opens a verification set, such as `lfw.bin`. It is read as data: what its pickle names is never looked up or run.
 *
 * @example
 * ```ts
 * import { openVerificationSet } from "@unrec/unrec";
 *
 * const set = await openVerificationSet("tests/data/pairs/pairs_p3.bin");
 * console.log(set.length, "pairs"); // 12 pairs
 *
 * let bytes = 0;
 * for (const { same, images: [one, other] } of set) if (same) bytes += one.bytes.length + other.bytes.length;
 * console.log(bytes, "bytes of the same people"); // 51094 bytes of the same people
 * ```
 *
 * @param path Where it is.
 * @throws {UnrecError} If it is no such set, or damaged, or larger than 2 GiB.
 */
export async function openVerificationSet(path: string): Promise<VerificationSet> {
  return (await openUnlessAborted(path))!;
}

/**
 * Opens a verification set, as {@linkcode openVerificationSet} does.
 *
 * @param path Where it is.
 * @param signal Ends the reading.
 * @returns undefined if that was ended.
 * @throws {UnrecError} If it is no such set, or damaged, or larger than 2 GiB.
 */
export async function openUnlessAborted(path: string, signal?: AbortSignal): Promise<VerificationSet | undefined> {
  const before = [fileFacts("pickle", path)];
  const bytes = await readFile(path, signal);
  if (bytes === undefined) return undefined;
  requireUnchanged(path, before, [fileFacts("pickle", path)]);
  const kind = fileKind(bytes.subarray(0, HEAD_BYTES));
  if (kind !== undefined && kind.name !== "pickle" && bytes[0] !== TEXT_BEGINS) {
    throw new UnrecError(`Cannot read a verification set: ${path} is ${kind.what}`, ...remediesOf(kind, path));
  }
  return readVerificationSet(bytes, path);
}

/** What to do about a file of another kind. */
function remediesOf(kind: FileKind, path: string): Remedy[] {
  switch (kind.name) {
    case "records":
      return [{ kind: "text", text: "it is decoded by unrec without the word pairs" }];
    case "zip":
      return [{ kind: "unzip", path }];
    case "tar":
      return [{ kind: "unpack", path }];
    default:
      return kind.reader === undefined ? remediesFor(kind, path) : [];
  }
}

/** Reads all of a file; undefined if that was ended. Signals have their turn between two pieces. */
async function readFile(path: string, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  using file = new FileSource(path);
  if (file.size > MOST_BYTES) {
    throw new UnrecError(
      `Cannot read ${path}: it has ${file.size} bytes, and verification sets have at most ${MOST_BYTES}`,
    );
  }
  const bytes = new Uint8Array(file.size);
  for (let at = 0; at < bytes.length;) {
    const read = file.read(at, bytes.subarray(at, at + PIECE_BYTES));
    // It has become shorter, which is told of later.
    if (read === 0) return bytes.subarray(0, at);
    at += read;
    await new Promise((resolve) => setTimeout(resolve));
    if (signal?.aborted) return undefined;
  }
  return bytes;
}
