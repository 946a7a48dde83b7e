import { ensureDirSync } from "@std/fs/ensure-dir";
import { LabelSet } from "../dataset/label_set.ts";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import { FolderSink, type FolderSpec } from "./folder_sink.ts";
import type { Receipt, Sink, SinkStore, SpaceNeeded, WorkLeft } from "./sink.ts";
import { imagePath, labelOfFolder, numberOfImage } from "./tree_path.ts";

/** What a file system, or a desktop, puts into folders by itself. */
const NOT_COUNTED = /^\.|^lost\+found$/;

/** Milliseconds between two pauses in which signals and displays have their turn. */
const PAUSE_EVERY = 100;

/**
 * The reference tree in a folder, `id_<label>/<label>_<number>.jpg`.
 *
 * @example
 * ```ts
 * import { decode, folderTree, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * await decode([dataset], folderTree("images"));
 * console.log((await Deno.stat("images/id_0/0_0.jpg")).size, "bytes"); // 3908 bytes
 * ```
 *
 * @param output The folder; made if need be.
 * @param options Whether images are made durable, task by task.
 */
export function folderTree(output: string, { fsync = false }: { fsync?: boolean } = {}): SinkStore {
  return new FolderStore({ format: "folder", output, fsync });
}

/** The reference tree as the main thread sees it. */
class FolderStore implements SinkStore {
  readonly format = "folder";
  readonly output: string;
  readonly spec: FolderSpec;
  /** Labels that have a folder. Read once a run: it is asked for every finished task. */
  #folders: LabelSet | undefined;

  constructor(spec: FolderSpec) {
    this.spec = spec;
    this.output = spec.output;
  }

  open(): Sink {
    return new FolderSink(this.spec);
  }

  prepare(): void {
    this.#folders = undefined;
    try {
      ensureDirSync(this.output);
    } catch (error) {
      throw new UnrecError(`Cannot make the output folder ${this.output}: ${whyNoFolder(this.output, error)}`);
    }
  }

  entries(): string[] {
    return listOf(this.output).map(({ name }) => name);
  }

  holds(labels: Iterable<number>, receipt: Receipt | undefined): boolean {
    if (receipt === undefined) return false;
    const folders = this.#folders ??= foldersOf(this.output);
    for (const label of labels) if (!folders.has(label)) return false;
    const { label, number, bytes } = receipt;
    if (typeof label !== "number" || typeof number !== "number") return false;
    try {
      const { isFile, size } = Deno.lstatSync(`${this.output}/${imagePath(label, number)}`);
      return isFile && size === bytes;
    } catch {
      return false;
    }
  }

  async clear(from: number, signal?: AbortSignal): Promise<void> {
    let paused = performance.now();
    for (const { name, isDirectory } of listOf(this.output)) {
      const label = isDirectory ? labelOfFolder(name) : undefined;
      if (label === undefined) continue;
      removeImages(`${this.output}/${name}`, label, from);
      if (performance.now() - paused < PAUSE_EVERY) continue;
      await new Promise((resolve) => setTimeout(resolve));
      if (signal?.aborted) return;
      paused = performance.now();
    }
    this.#folders = undefined;
  }

  space({ imageBytes, labels }: WorkLeft, blockBytes: number): SpaceNeeded {
    let images = 0;
    let bytes = 0;
    for (const length of imageBytes) {
      images++;
      bytes += Math.max(0, Math.ceil(length / blockBytes)) * blockBytes;
    }
    return { images, bytes, inodes: images + Math.max(0, labels - listOf(this.output).length) };
  }
}

/** The entries of a folder that somebody has put there; none if it does not exist. */
function listOf(folder: string): Deno.DirEntry[] {
  try {
    return Array.from(Deno.readDirSync(folder)).filter(({ name }) => !NOT_COUNTED.test(name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return [];
    throw new UnrecError(`Cannot read the output folder ${folder}: ${systemReason(error)}`);
  }
}

function foldersOf(output: string): LabelSet {
  const labels = new LabelSet();
  for (const { name, isDirectory } of listOf(output)) {
    const label = isDirectory ? labelOfFolder(name) : undefined;
    if (label !== undefined) labels.add(label);
  }
  return labels;
}

/** Removes images from a number on, and the folder if it is empty then. Nothing else is touched, no link followed. */
function removeImages(folder: string, label: number, from: number): void {
  let path = folder;
  try {
    let others = 0;
    for (const { name, isFile } of Array.from(Deno.readDirSync(folder))) {
      path = `${folder}/${name}`;
      const number = isFile ? numberOfImage(name, label) : undefined;
      if (number === undefined || number < from) others++;
      else Deno.removeSync(path);
    }
    path = folder;
    if (others === 0) Deno.removeSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot remove ${path}: ${systemReason(error)}`);
  }
}

/** What stands in the way of a folder. */
function whyNoFolder(path: string, error: unknown): string {
  try {
    if (!Deno.statSync(path).isDirectory) return "it exists already, and is no folder";
  } catch {
    // The first error says more.
  }
  return systemReason(error);
}
