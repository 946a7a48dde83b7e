import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf, RefusedError } from "../errors.ts";
import { fileSystemType } from "./file_system.ts";
import type { SinkStore, WorkLeft } from "./sink.ts";

/** Blocks of files are no larger than this, whatever a network file system likes to be read in. */
const MOST_BLOCK_BYTES = 4096;

/**
 * How many folders fit into one: 65,000 names lead to it at most, two of which are its own. This is `EXT4_LINK_MAX` of
 * Linux's `fs/ext4/ext4.h`, whose driver reads the older file systems too. Whether an ext4 was made with `dir_nlink` and
 * knows no such bound, nothing says that everybody may read.
 */
const MOST_SUBFOLDERS: Readonly<Record<string, number>> = { ext2: 64_998, ext3: 64_998 };

const REMEDIES = [{ kind: "make-room" }, { kind: "no-space-check" }] as const;

/**
 * What of `statfs` matters: bytes of a block, free blocks for everybody and for the superuser, inodes in all and free; and
 * the name of the file system, where that is known.
 */
export interface FileSystemFacts {
  type?: string;
  bsize: number;
  bavail: number;
  bfree: number;
  files: number;
  ffree: number;
}

/**
 * Makes sure that the file system of an output folder has room for what is left to write.
 *
 * @param store Where it is written; the folder must exist.
 * @param left What is left.
 * @param facts What the file system says; asked for if it is not given.
 * @throws {RefusedError} If there are too few bytes, or too few inodes, or a folder does not take so many.
 */
export function checkSpace(
  store: SinkStore,
  left: WorkLeft,
  facts: FileSystemFacts | undefined = factsOf(store.output),
): void {
  // A system that does not tell does not forbid it either.
  if (facts === undefined) return;
  // What is called the block size is on network file systems the size of a good read, 1 MiB and more.
  const needed = store.space(left, Math.min(facts.bsize, MOST_BLOCK_BYTES));
  if (needed.images === 0) return;
  const what = `Cannot write ${grouped(needed.images)} images to ${store.output}: they need about`;
  requireBytes(what, needed.bytes, facts);
  // Some file systems make inodes as they are needed, and say 0.
  if (facts.files > 0 && needed.inodes > facts.ffree) {
    throw new RefusedError(
      `${what} ${grouped(needed.inodes)} inodes, one a file or folder, and ${grouped(facts.ffree)} are free there`,
      ...REMEDIES,
    );
  }
  const { type = "" } = facts;
  if (needed.subfolders > (MOST_SUBFOLDERS[type] ?? Infinity)) {
    const { otherNames } = needed;
    throw new RefusedError(
      `${what} ${grouped(needed.subfolders)} folders in one, and the file system there, ${type}, takes ` +
        grouped(MOST_SUBFOLDERS[type]),
      ...otherNames === undefined ? [] : [{ kind: "other-names" as const, names: otherNames }],
      { kind: "no-space-check" },
    );
  }
}

/**
 * Makes sure that the file system of a folder has room for some bytes.
 *
 * @param what What takes them, such as `Cannot join them: they need about`.
 * @param folder The folder.
 * @param bytes How many.
 * @throws {RefusedError} If there are too few.
 */
export function requireRoom(what: string, folder: string, bytes: number): void {
  const facts = factsOf(folder);
  if (facts !== undefined) requireBytes(what, bytes, facts);
}

function requireBytes(what: string, bytes: number, { bavail, bfree, bsize }: FileSystemFacts): void {
  // Some blocks are kept for the superuser. With fewer permissions it is not known who this is: then they count as free.
  const free = Math.max(bavail, isSuperuser() ? bfree : 0) * bsize;
  if (bytes <= free) return;
  throw new RefusedError(
    `${what} ${megabytes(bytes, Math.ceil)}, and ${megabytes(free, Math.floor)} are free there`,
    ...REMEDIES,
  );
}

/** What is known of the file system that a folder is in, or will be in. */
function factsOf(output: string | undefined): FileSystemFacts | undefined {
  // It must not end in a question about permissions.
  if (output === undefined || !isGranted("statfs")) return undefined;
  try {
    const { bsize, bavail, bfree, files, ffree } = statfsSync(output);
    return { bsize, bavail, bfree, files, ffree, type: fileSystemType(output) };
  } catch (error) {
    const parent = dirname(output);
    return codeOf(error) === "ENOENT" && parent !== output ? factsOf(parent) : undefined;
  }
}

/** Whether the user may use the blocks that are kept; where that is not known, yes. */
function isSuperuser(): boolean {
  return Deno.build.os !== "windows" && (!isGranted("uid") || Deno.uid() === 0);
}

function isGranted(kind: "statfs" | "uid"): boolean {
  return Deno.permissions.querySync({ name: "sys", kind }).state === "granted";
}

/** To a tenth, rounded so that what is too little also looks like it. */
function megabytes(bytes: number, round: (tenths: number) => number): string {
  return `${(round(bytes / 1e5) / 10).toLocaleString("en-US", { minimumFractionDigits: 1 })} MB`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
