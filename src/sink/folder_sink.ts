import { LabelSet } from "../dataset/label_set.ts";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { writeImage } from "./image_file.ts";
import { NameTemplate } from "./name_template.ts";
import { Namer } from "./namer.ts";
import type { Finished, Sink, SinkSpec } from "./sink.ts";
import { whyNoFolder } from "./steps.ts";
import { syncFile, syncFolder } from "./sync_file.ts";

/** What a folder tree needs to know. Plain data. */
export interface FolderSpec extends SinkSpec {
  format: "folder";
  /** The folder to write to; it must exist. */
  output: string;
  /** How files are named: the text of a {@linkcode NameTemplate}. */
  names: string;
  /** Whether files and folders are made durable at the end of each task. */
  fsync: boolean;
}

/** When this many files wait to be made durable, they are: their paths take memory. */
const MOST_UNSYNCED = 8192;

/**
 * Writes a tree: each image a file, named by a template. What is there of the same name is replaced, and never written
 * into: it may have other names elsewhere. Symbolic links are not followed: they end the writing.
 */
export class FolderSink implements Sink {
  readonly #output: string;
  readonly #namer: Namer;
  readonly #fsync: boolean;
  readonly #made: MadeFolders;
  /** What stands before the names of files, those of the folder that images go to. */
  #before = "";
  /** The last image of the task: its path, and its bytes. */
  #lastPath = "";
  #lastBytes = 0;
  /** Files, and folders, that were written and are not durable yet. */
  readonly #unsynced: string[] = [];
  readonly #unsyncedFolders = new Set<string>();
  #syncSeconds = 0;

  /** @param spec Where it writes, and how. */
  constructor({ output, names, fsync }: FolderSpec) {
    this.#output = output;
    const template = new NameTemplate(names);
    this.#namer = new Namer(template);
    this.#fsync = fsync;
    this.#made = new MadeFolders(output, template);
  }

  begin(): void {
    this.#lastPath = "";
    this.#syncSeconds = 0;
  }

  write(record: RecordView): void {
    if (this.#namer.goTo(record)) this.#enter(this.#namer.folder, record.label);
    const { bytes } = record;
    const path = this.#before + this.#namer.fileOf(record);
    writeImage(path, bytes);
    this.#lastPath = path;
    this.#lastBytes = bytes.length;
    if (this.#fsync) {
      this.#unsynced.push(path);
      if (this.#unsynced.length === MOST_UNSYNCED) this.#sync();
    }
  }

  finish(): Finished {
    if (this.#fsync) this.#sync();
    const path = this.#lastPath.slice(this.#output.length + 1);
    return {
      ...path === "" ? {} : { receipts: [{ path, bytes: this.#lastBytes }] },
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
    // The next images may be of the same folder, which is not entered again then.
    this.#addUnsynced(this.#namer.folder);
    this.#syncSeconds += (performance.now() - begin) / 1000;
  }

  #enter(folder: string, label: number): void {
    this.#made.ensure(folder, label);
    if (this.#fsync) this.#addUnsynced(folder);
    this.#before = folder === "" ? `${this.#output}/` : `${this.#output}/${folder}/`;
  }

  #addUnsynced(folder: string): void {
    for (const part of waysTo(folder)) this.#unsyncedFolders.add(`${this.#output}/${part}`);
  }
}

/** Folders that a sink has made sure of: a system call less for each image. */
class MadeFolders {
  readonly #output: string;
  readonly #names: NameTemplate;
  /** Where the label alone tells the folder of an image, the labels whose folders are made; they take a bit each. */
  readonly #labels: LabelSet | undefined;
  /** Paths of the other ones, within the tree. */
  readonly #paths = new Set<string>();

  constructor(output: string, names: NameTemplate) {
    this.#output = output;
    this.#names = names;
    if (names.depth > 0 && names.labelDepth === names.depth) this.#labels = new LabelSet();
  }

  /**
   * Makes the folder of an image, and those that it is in.
   *
   * @param folder Its path within the tree.
   * @param label The label of the image.
   * @throws {UnrecError} If it cannot be made.
   */
  ensure(folder: string, label: number): void {
    if (this.#labels?.has(label)) return;
    let level = 0;
    for (const path of waysTo(folder)) {
      const isOwn = path === folder && this.#labels !== undefined;
      if (isOwn || !this.#paths.has(path)) this.#make(path, level);
      if (!isOwn) this.#paths.add(path);
      level++;
    }
    this.#labels?.add(label);
  }

  /**
   * Makes a folder, or finds it made: by another worker or an earlier run. Not recursive, so that an output folder that
   * has vanished is noticed rather than made again without what was in it.
   */
  #make(path: string, level: number): void {
    const folder = `${this.#output}/${path}`;
    try {
      return Deno.mkdirSync(folder);
    } catch (error) {
      const code = codeOf(error);
      const reason = code === "EEXIST" ? whyNoFolder(folder) : systemReason(error);
      if (reason === "") return;
      const names = code === "EMLINK" ? this.#names.spread(level) : undefined;
      throw new UnrecError(
        `Cannot make the folder ${folder}: ${reason}`,
        ...names === undefined ? [] : [{ kind: "other-names" as const, names }],
      );
    }
  }
}

/** The folders on the way to one, from the first to itself. */
function* waysTo(folder: string): Generator<string> {
  for (let end = folder.indexOf("/"); end >= 0; end = folder.indexOf("/", end + 1)) yield folder.slice(0, end);
  if (folder !== "") yield folder;
}
