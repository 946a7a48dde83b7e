import { Buffer } from "node:buffer";
import { systemReason, UnrecError } from "../errors.ts";
import type { NameTemplate } from "../sink/name_template.ts";
import { addFinding, type FindingKind, type Findings } from "./findings.ts";

/** A tree to compare with. Plain data. */
export interface TreeSpec {
  /** Its folder. */
  folder: string;
  /** How its files are named: the text of a {@linkcode NameTemplate}. */
  names: string;
  /** Whether the bytes of its files are compared, not only sizes. */
  deep: boolean;
}

/**
 * Compares an image with the file that decoding made of it.
 *
 * @param path The file.
 * @param bytes The image.
 * @param deep Whether bytes are compared, not only sizes.
 * @returns What is wrong with the file, undefined if nothing is.
 * @throws {UnrecError} If the system does not let it be looked at.
 */
export function compareFile(path: string, bytes: Uint8Array<ArrayBuffer>, deep: boolean): FindingKind | undefined {
  try {
    const stat = Deno.lstatSync(path);
    if (!stat.isFile) return "missing-file";
    if (stat.size !== bytes.length) return "file-size";
    if (deep && Buffer.compare(Deno.readFileSync(path), bytes) !== 0) return "file-bytes";
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "missing-file";
    throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
  }
}

/**
 * A number by which a path is known again: 53 bits that depend on every character, mixed as MurmurHash3 does. A path that
 * is none of twenty million has the number of one of them once in 450 million times.
 *
 * @param path The path.
 */
export function pathHash(path: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (b & 0x1fffff) * 2 ** 32 + (a >>> 0);
}

/** The files that images should have in a tree. They are told as images are read; 8 bytes each are kept of them. */
export class ExpectedFiles {
  readonly #names: NameTemplate;
  /**
   * By the number of the image; NaN where its label cannot be read: nobody knows then where its file belongs. Infinity
   * where it has none.
   */
  #hashes = new Float64Array();
  #sorted: Float64Array<ArrayBuffer> | undefined;

  /** @param names How they are named. */
  constructor(names: NameTemplate) {
    this.#names = names;
  }

  /** How many there are, of those images that can be read. */
  get count(): number {
    return this.#hashes.reduce((count, hash) => count + (Number.isFinite(hash) ? 1 : 0), 0);
  }

  /**
   * Makes room for more images.
   *
   * @param images How many there are then.
   * @throws {RangeError} If there is no memory for so many.
   */
  grow(images: number): void {
    const larger = new Float64Array(images).fill(NaN, this.#hashes.length);
    larger.set(this.#hashes);
    this.#hashes = larger;
  }

  /**
   * Takes note that an image was not chosen, so that it has no file.
   *
   * @param number Its number.
   */
  leaveOut(number: number): void {
    this.#hashes[number] = Infinity;
  }

  /**
   * Takes in files.
   *
   * @param numbers The numbers of their images.
   * @param hashes Of their paths.
   */
  add(numbers: Float64Array, hashes: Float64Array): void {
    for (let i = 0; i < numbers.length; i++) this.#hashes[numbers[i]] = hashes[i];
  }

  /**
   * Whether a path is one of them, or may be one.
   *
   * @param path A path within the tree.
   */
  has(path: string): boolean {
    this.#sorted ??= this.#hashes.toSorted();
    if (isAmong(this.#sorted, pathHash(path))) return true;
    // Those that nobody knows stand last.
    if (!Number.isNaN(this.#sorted.at(-1))) return false;
    const facts = this.#names.read(path);
    return facts !== undefined && (facts.number === undefined || Number.isNaN(this.#hashes[facts.number]));
  }
}

function isAmong(sorted: Float64Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}

/** The walk through a tree pauses after so many entries at the latest. */
const ENTRIES_A_STEP = 4096;

/**
 * Finds what a tree holds beside the images of its datasets: files, and folders with nothing in them. Files in the
 * tree's own folder whose names begin with a dot, and `_SUCCESS`, belong to no image and are left out of this.
 *
 * @param tree Its folder.
 * @param names How its files are named.
 * @param expected The files of the images.
 * @param findings Takes what is found.
 * @yields Now and then.
 * @throws {UnrecError} If a folder cannot be read.
 */
export function* findSurplusFiles(
  tree: string,
  names: NameTemplate,
  expected: ExpectedFiles,
  findings: Findings,
): Generator<void> {
  let entries = 0;
  yield* look("", 0);

  function* look(folder: string, level: number): Generator<void> {
    const before = entries;
    for (const { name, isDirectory } of entriesOf(`${tree}/${folder}`)) {
      if (++entries % ENTRIES_A_STEP === 0) yield;
      const path = folder + name;
      if (level === 0 && /^\.|^_SUCCESS$/.test(name)) continue;
      if (level < names.depth && isDirectory && names.read(path) !== undefined) yield* look(`${path}/`, level + 1);
      // What stands at an image's path and is no file was found when that image was looked at.
      else if (level < names.depth || !expected.has(path)) addFinding(findings, "surplus-file", [{ path }]);
    }
    if (level > 0 && entries === before) addFinding(findings, "empty-folder", [{ path: folder.slice(0, -1) }]);
    yield;
  }
}

function entriesOf(folder: string): Iterable<Deno.DirEntry> {
  try {
    return Deno.readDirSync(folder);
  } catch (error) {
    throw new UnrecError(`Cannot list the files of ${folder}: ${systemReason(error)}`);
  }
}
