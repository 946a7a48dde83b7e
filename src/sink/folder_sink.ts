import { LabelSet } from "../dataset/label_set.ts";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import type { RecordView } from "../recordio/record_view.ts";
import type { Finished, Sink, SinkSpec } from "./sink.ts";
import { syncFile, syncFolder } from "./sync_file.ts";
import { folderName, imageName, labelName } from "./tree_path.ts";

/** What a folder tree needs to know. Plain data. */
export interface FolderSpec extends SinkSpec {
  format: "folder";
  /** The folder to write to; it must exist. */
  output: string;
  /** Whether files and folders are made durable at the end of each task. */
  fsync: boolean;
}

/** A file of the name, or a link of it wherever it leads, is not opened but an error: one system call all the same. */
const CREATE_NEW = { createNew: true };

/** What the system says when it did not open a file at all, so that no part of it can be there. */
const NOT_BEGUN = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOENT",
  "ENOTDIR",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EMFILE",
  "ENFILE",
]);

/** When this many files wait to be made durable, they are: their paths take memory. */
const MOST_UNSYNCED = 8192;

/**
 * Writes the reference tree: `id_<label>/<label>_<number>.jpg`, a folder a label. Files that are there are overwritten.
 * Symbolic links are not followed: they end the writing.
 */
export class FolderSink implements Sink {
  readonly #output: string;
  readonly #fsync: boolean;
  /** Folders this sink has made sure of: a system call less for each image. */
  readonly #made = new LabelSet();
  #label = NaN;
  /** The digits of that label, and its folder. Images of a label mostly come together. */
  #digits = "";
  #folder = "";
  /** The last image of the task. */
  readonly #last = { label: NaN, number: NaN, bytes: NaN };
  /** Files, and folders, that were written and are not durable yet. */
  readonly #unsynced: string[] = [];
  readonly #unsyncedFolders = new Set<string>();
  #syncSeconds = 0;

  /** @param spec Where it writes, and how. */
  constructor({ output, fsync }: FolderSpec) {
    this.#output = output;
    this.#fsync = fsync;
  }

  begin(): void {
    this.#last.label = NaN;
    this.#syncSeconds = 0;
  }

  write(record: RecordView): void {
    const { label, number, bytes } = record;
    if (label !== this.#label) this.#enter(label);
    const path = `${this.#folder}/${imageName(this.#digits, number)}`;
    try {
      Deno.writeFileSync(path, bytes, CREATE_NEW);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw refusal(path, error);
      overwrite(path, bytes);
    }
    const last = this.#last;
    last.label = label;
    last.number = number;
    last.bytes = bytes.length;
    if (this.#fsync) {
      this.#unsynced.push(path);
      if (this.#unsynced.length === MOST_UNSYNCED) this.#sync();
    }
  }

  finish(): Finished {
    if (this.#fsync) this.#sync();
    return {
      ...Number.isNaN(this.#last.label) ? {} : { receipt: { ...this.#last } },
      ...this.#fsync ? { syncSeconds: this.#syncSeconds } : {},
    };
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
    this.#unsyncedFolders.add(this.#folder);
    this.#syncSeconds += (performance.now() - begin) / 1000;
  }

  #enter(label: number): void {
    const folder = `${this.#output}/${folderName(label)}`;
    if (!this.#made.has(label)) {
      makeFolder(folder);
      this.#made.add(label);
    }
    if (this.#fsync) this.#unsyncedFolders.add(folder);
    this.#label = label;
    this.#digits = labelName(label);
    this.#folder = folder;
  }
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
  if (NOT_BEGUN.has(codeOf(error))) return "";
  try {
    Deno.removeSync(path);
  } catch (removal) {
    if (!(removal instanceof Deno.errors.NotFound)) return "; a part of that file is left and is not whole";
  }
  return "";
}
