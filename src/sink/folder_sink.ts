import { systemReason, UnrecError } from "../errors.ts";
import { LabelSet } from "../label_set.ts";
import type { ImageSink } from "./image_sink.ts";
import { labelName } from "./label_name.ts";
import { syncFile, syncFolder } from "./sync_file.ts";

/** Codes of failures that come after a file was begun, and leave a part of it. */
const PARTLY_WRITTEN = new Set(["ENOSPC", "EDQUOT", "EIO", "EFBIG"]);

/** A file of the name, or a link of it wherever it leads, is not opened but an error: one system call all the same. */
const CREATE_NEW = { createNew: true };

/** So many files at most wait to be made durable: their paths take memory. */
const MOST_UNSYNCED = 8192;

/** Options of {@linkcode FolderSink}. */
export interface FolderSinkOptions {
  /**
   * Whether {@linkcode FolderSink.flush} makes files and folders durable.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/**
 * The reference tree: `id_<label>/<label>_<ordinal>.jpg`, a folder a label. Files that are there are overwritten.
 * Symbolic links are not followed: they end the writing.
 */
export class FolderSink implements ImageSink {
  readonly #output: string;
  readonly #fsync: boolean;
  /** Folders this sink has made sure of: a system call less for each image. */
  readonly #made = new LabelSet();
  #label = NaN;
  /** Path of an image up to its ordinal. Images of a label mostly come together. */
  #prefix = "";
  /** Files, and folders, that were written since the last flush. */
  readonly #unsynced: string[] = [];
  readonly #unsyncedFolders = new Set<string>();
  #syncSeconds = 0;

  /**
   * @param output The folder to write to; it must exist.
   * @param options Whether it is to be durable.
   */
  constructor(output: string, { fsync = false }: FolderSinkOptions = {}) {
    this.#output = output;
    this.#fsync = fsync;
  }

  write(label: number, ordinal: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (label !== this.#label) this.#enter(label);
    const path = `${this.#prefix}${ordinal}.jpg`;
    try {
      Deno.writeFileSync(path, bytes, CREATE_NEW);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw refusal(path, error);
      overwrite(path, bytes);
    }
    if (this.#fsync) {
      this.#unsynced.push(path);
      if (this.#unsynced.length === MOST_UNSYNCED) this.#sync();
    }
  }

  flush(): number {
    this.#sync();
    const seconds = this.#syncSeconds;
    this.#syncSeconds = 0;
    return seconds;
  }

  /** Files first, then the folders that name them, then the one that names those. */
  #sync(): void {
    if (this.#unsynced.length === 0) return;
    const begin = performance.now();
    for (const path of this.#unsynced) syncFile(path);
    for (const folder of this.#unsyncedFolders) syncFolder(folder);
    syncFolder(this.#output);
    this.#unsynced.length = 0;
    this.#unsyncedFolders.clear();
    // The next images may be of the same label, whose folder is not entered again then.
    this.#unsyncedFolders.add(folderOf(this.#output, labelName(this.#label)));
    this.#syncSeconds += (performance.now() - begin) / 1000;
  }

  #enter(label: number): void {
    const name = labelName(label);
    const folder = folderOf(this.#output, name);
    if (!this.#made.has(label)) {
      makeFolder(folder);
      this.#made.add(label);
    }
    if (this.#fsync) this.#unsyncedFolders.add(folder);
    this.#label = label;
    this.#prefix = `${folder}/${name}_`;
  }
}

function folderOf(output: string, name: string): string {
  return `${output}/id_${name}`;
}

/**
 * Makes a folder, or finds it made: by another worker or an earlier run. Not recursive, so that an output folder that
 * has vanished is noticed rather than made again without what was in it.
 */
function makeFolder(folder: string): void {
  let reason: string;
  try {
    Deno.mkdirSync(folder);
    return;
  } catch (error) {
    reason = codeOf(error) === "EEXIST" ? whyNot(folder) : systemReason(error);
  }
  if (reason !== "") throw new UnrecError(`Cannot make the folder ${folder}: ${reason}`);
}

/** Why what is there of that name will not do; empty if it is a folder. */
function whyNot(folder: string): string {
  try {
    const { isDirectory, isSymlink } = Deno.lstatSync(folder);
    return isDirectory ? "" : isSymlink ? LINK : "it exists already, and is no folder";
  } catch (error) {
    return systemReason(error);
  }
}

const LINK = "it is a symbolic link, and links in the output are not followed; remove it";

function overwrite(path: string, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    if (!Deno.lstatSync(path).isSymlink) return Deno.writeFileSync(path, bytes);
  } catch (error) {
    throw refusal(path, error);
  }
  throw new UnrecError(`Cannot write ${path}: ${LINK}`);
}

function refusal(path: string, error: unknown): UnrecError {
  return new UnrecError(`Cannot write ${path}: ${systemReason(error)}${removePart(path, error)}`);
}

/** Removes what is there of a file that could not be finished; says so if that fails too. */
function removePart(path: string, error: unknown): string {
  if (!PARTLY_WRITTEN.has(codeOf(error))) return "";
  try {
    Deno.removeSync(path);
  } catch (removal) {
    if (!(removal instanceof Deno.errors.NotFound)) return `; a part of that file is left and is not whole`;
  }
  return "";
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? "";
}
