import { LabelSet } from "../dataset/label_set.ts";
import { codeOf, RefusedError, systemReason, UnrecError } from "../errors.ts";
import { askedBy, checkNames } from "./check_names.ts";
import { FolderSink, type FolderSpec } from "./folder_sink.ts";
import { NameTemplate, REFERENCE_NAMES } from "./name_template.ts";
import { TreePaths } from "./image_paths.ts";
import { entriesOf, makeOutput, requireFolder } from "./output_folder.ts";
import type {
  AskedField,
  ClearOptions,
  ImagePaths,
  Receipt,
  Sink,
  SinkStore,
  SourceFacts,
  SpaceNeeded,
  WorkLeft,
} from "./sink.ts";
import { isFileOf } from "./steps.ts";

/** After so many entries signals and displays have their turn. */
const PAUSE_EVERY = 4096;

/** Where it is, nobody reads the folders beside it. */
const RECORDS = "train.rec";

/** What journals call the template. */
const FORM_NAMES = "name template";

/** How a tree is written. */
export interface FolderTreeOptions {
  /**
   * How files are named: text with fields in braces.
   *
   * @default {"id_{label}/{label}_{number}.jpg"}
   */
  names?: string;
  /**
   * Whether images are made durable, task by task.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/**
 * A tree in a folder: each image a file, named as the reference tree has it or by a template.
 *
 * @example
 * ```ts
 * import { decode, folderTree, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * await decode([dataset], folderTree("images"));
 * console.log((await Deno.stat("images/id_0/0_0.jpg")).size, "bytes"); // 3908 bytes
 *
 * await decode([dataset], folderTree("padded", { names: "{label:06}/{number}.{ext}" }));
 * console.log((await Deno.stat("padded/000000/0.jpg")).size, "bytes"); // 3908 bytes
 * ```
 *
 * @param output The folder; made if need be.
 * @param options How it is written.
 * @throws {UnrecError} If files cannot be named so.
 */
export function folderTree(
  output: string,
  { names = REFERENCE_NAMES, fsync = false }: FolderTreeOptions = {},
): SinkStore {
  return new FolderStore({ format: "folder", output, names, fsync });
}

/**
 * How the files of a tree are named that a run has written.
 *
 * @param form What the journal of that run says of it.
 * @returns A template's text; undefined if it does not say.
 */
export function namesOfForm(form: SinkStore["form"]): string | undefined {
  return form[FORM_NAMES];
}

/** A tree as the main thread sees it. */
export class FolderStore implements SinkStore {
  readonly format = "folder";
  readonly output: string;
  readonly spec: FolderSpec;
  readonly form: Readonly<Record<string, string>>;
  readonly asks: readonly AskedField[];
  readonly tellsNumbers: boolean;
  readonly cut = undefined;
  readonly #names: NameTemplate;
  /** Labels whose folders are there. Read once a run: it is asked for every finished task. */
  #folders: LabelSet | undefined;

  /** @param spec Where it is written, and how. */
  constructor(spec: FolderSpec) {
    this.spec = spec;
    this.output = spec.output;
    const names = this.#names = new NameTemplate(spec.names);
    this.form = { [FORM_NAMES]: names.text };
    this.asks = askedBy(names);
    this.tellsNumbers = names.tellsNumber;
  }

  open(): Sink {
    return new FolderSink(this.spec);
  }

  check(sources: readonly SourceFacts[]): void {
    checkNames(this.#names, sources);
  }

  requirePlace(): void {
    requireFolder(this.output);
    if (!entriesOf(this.output).some(({ name }) => name === RECORDS)) return;
    throw new RefusedError(
      `Cannot write folders to ${this.output}: it holds ${RECORDS}, which trainers read in place of them`,
      { kind: "other-output" },
    );
  }

  prepare(): void {
    this.#folders = undefined;
    makeOutput(this.output);
    const { longest, text } = this.#names;
    for (const path of [...longest, longest.join("/")]) {
      if (!isTooLong(`${this.output}/${path}`)) continue;
      throw new RefusedError(
        `Cannot name files by ${text} in ${this.output}: a name there could have ${path.length} characters, more than ` +
          "the file system takes",
        { kind: "other-output" },
      );
    }
  }

  entries(): string[] {
    return entriesOf(this.output).map(({ name }) => name);
  }

  holds(labels: Iterable<number>, [receipt]: readonly Receipt[]): boolean {
    if (receipt === undefined) return false;
    const { path, bytes } = receipt;
    // Anybody can write a journal: what is looked at is a file of the tree, wherever its path seems to lead.
    if (typeof path !== "string" || !this.#isFile(path)) return false;
    if (this.#names.labelDepth > 0) {
      const folders = this.#folders ??= this.#labelsWithFolder();
      for (const label of labels) if (!folders.has(label)) return false;
    }
    return isFileOf(`${this.output}/${path}`, bytes);
  }

  async clear(from: number, { form = this.form, ...options }: ClearOptions = {}): Promise<void> {
    this.#folders = undefined;
    const names = new NameTemplate(namesOfForm(form) ?? this.#names.text);
    await new Clearing(this.output, names, from, options).clear("");
  }

  paths(): ImagePaths {
    return new TreePaths(this.#names);
  }

  space({ imageBytes, labels }: WorkLeft, blockBytes: number): SpaceNeeded {
    let images = 0;
    let bytes = 0;
    for (const length of imageBytes) {
      images++;
      bytes += Math.max(0, Math.ceil(length / blockBytes)) * blockBytes;
    }
    const { folders, most, level } = this.#names.folderCounts(labels, images);
    return {
      images,
      bytes,
      inodes: images + Math.max(0, folders - entriesOf(this.output).length),
      subfolders: most,
      otherNames: most > 0 ? this.#names.spread(level) : undefined,
    };
  }

  /** Whether a path within the tree is one of an image. */
  #isFile(path: string): boolean {
    return path.split("/").length === this.#names.depth + 1 && this.#names.read(path) !== undefined;
  }

  #labelsWithFolder(): LabelSet {
    const labels = new LabelSet();
    const look = (path: string, level: number) => {
      for (const { name, isDirectory } of entriesOf(`${this.output}/${path}`)) {
        const facts = isDirectory ? this.#names.read(path + name) : undefined;
        if (facts === undefined) continue;
        if (level + 1 < this.#names.labelDepth) look(`${path}${name}/`, level + 1);
        else if (facts.label !== undefined) labels.add(facts.label);
      }
    };
    look("", 0);
    return labels;
  }
}

/** Removes images of a tree from a number on, and the folders that are empty then. Nothing else, and no link is followed. */
class Clearing {
  readonly #output: string;
  readonly #names: NameTemplate;
  readonly #from: number;
  readonly #onRemoved: (images: number) => void;
  readonly #signal: AbortSignal | undefined;
  #entries = 0;
  #removed = 0;

  constructor(output: string, names: NameTemplate, from: number, { signal, onRemoved = () => {} }: ClearOptions) {
    this.#output = output;
    this.#names = names;
    this.#from = names.tellsNumber ? from : 0;
    this.#onRemoved = onRemoved;
    this.#signal = signal;
  }

  /**
   * Clears the tree, or a folder of it.
   *
   * @param folder The folder's path within the tree, with a slash at its end; empty for all of it.
   * @param level How many folders it is in.
   * @returns Whether nothing is left in the folder. False if all was ended.
   */
  async clear(folder: string, level = 0): Promise<boolean> {
    let others = 0;
    for await (const { name, isFile, isDirectory } of this.#entriesOf(folder)) {
      const path = folder + name;
      const isOwn = level === this.#names.depth ? isFile && this.#isToGo(path) : isDirectory && this.#isFolder(path);
      if (!isOwn) others++;
      else if (isFile) this.#removeFile(path);
      else if (await this.clear(`${path}/`, level + 1)) this.#remove(path);
      else others++;
      if (++this.#entries % PAUSE_EVERY === 0) await this.#pause();
      if (this.#signal?.aborted) return false;
    }
    if (level === 0) this.#tell();
    return others === 0;
  }

  #isFolder(path: string): boolean {
    return this.#names.read(path) !== undefined;
  }

  #isToGo(path: string): boolean {
    const facts = this.#names.read(path);
    return facts !== undefined && (facts.number ?? 0) >= this.#from;
  }

  #removeFile(path: string): void {
    this.#remove(path);
    this.#removed++;
  }

  #remove(path: string): void {
    try {
      Deno.removeSync(`${this.#output}/${path}`);
    } catch (error) {
      throw new UnrecError(`Cannot remove ${this.#output}/${path}: ${systemReason(error)}`);
    }
  }

  async *#entriesOf(folder: string): AsyncGenerator<Deno.DirEntry> {
    try {
      // Not all at once in this thread: a folder of a million files takes seconds.
      yield* Deno.readDir(`${this.#output}/${folder}`);
    } catch (error) {
      if (folder === "" && ["ENOENT", "ENOTDIR"].includes(codeOf(error))) return;
      throw new UnrecError(`Cannot read the folder ${this.#output}/${folder}: ${systemReason(error)}`);
    }
  }

  async #pause(): Promise<void> {
    this.#tell();
    await new Promise((resolve) => setTimeout(resolve));
  }

  #tell(): void {
    if (this.#removed > 0) this.#onRemoved(this.#removed);
    this.#removed = 0;
  }
}

/** Whether the file system takes no path that long; it need not be there. */
function isTooLong(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return codeOf(error) === "ENAMETOOLONG";
  }
}
