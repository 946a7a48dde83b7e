import { join } from "node:path";
import { RefusedError, systemReason, UnrecError } from "../errors.ts";
import { LabelSet } from "../label_set.ts";
import { imagePath } from "../sink/image_path.ts";
import { syncFolder } from "../sink/sync_file.ts";
import { differenceOf, type Fingerprint } from "./fingerprint.ts";
import type { TaskOutcome, Written } from "./image_writer.ts";
import { imagesWanted, type JournalContent, journalLine, parseJournal, type TaskLine } from "./journal_lines.ts";
import { labelRanges, labelsOfRanges } from "./label_ranges.ts";
import { entriesOf, holdsFiles, labelOf, removeImages } from "./output_folder.ts";
import type { DecodeTask } from "./task_runner.ts";

/** Options of the journal that `decode` keeps. */
export interface JournalOptions {
  /**
   * Do not go on where the journal ends, be it of this run or another, but begin anew. If the output folder was empty
   * before the run that wrote the journal, the images in it are removed first.
   *
   * @default {false}
   */
  restart?: boolean;
  /**
   * Leave the journal in the output folder when all images are written.
   *
   * @default {false}
   */
  keep?: boolean;
  /**
   * Make the images of a task durable before it counts as finished. Without that, the journal of a machine that lost
   * power may name tasks whose images are not all on the disk.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/** A task, as far as the journal tells it from others. */
export type TaskName = Pick<DecodeTask, "dataset" | "start" | "offsets">;

/**
 * Where a journal lies.
 *
 * @param output The output folder.
 */
export function journalPath(output: string): string {
  return `${output}/.unrec-journal`;
}

/**
 * Reads the journal in an output folder.
 *
 * @param output The folder.
 * @returns What it says; undefined if there is none, or one that says nothing.
 * @throws {UnrecError} If it cannot be read.
 */
export function readJournal(output: string): JournalContent | undefined {
  const path = journalPath(output);
  try {
    if (Deno.lstatSync(path).isFile) return parseJournal(Deno.readFileSync(path));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as { code?: string }).code ?? "")) return undefined;
    throw new UnrecError(`Cannot read the journal ${path}: ${systemReason(error)}`);
  }
  throw new UnrecError(`Cannot read the journal ${path}: it is no file; remove it`);
}

/**
 * The finished tasks of a run, kept in a file of the output folder: after a run that did not come to its end, another
 * one goes on where it ended.
 */
export class Journal implements Disposable {
  /** Whether all images in the output folder are of the run that began the journal. */
  readonly alone: boolean;
  /** What earlier runs finished. */
  readonly resumed: Written = { images: 0, bytes: 0 };
  readonly #output: string;
  readonly #path: string;
  readonly #plan: Fingerprint;
  readonly #options: JournalOptions;
  readonly #file: Deno.FsFile;
  readonly #inode: number | null;
  readonly #before: JournalContent | undefined;
  readonly #finished = new Map<string, TaskLine>();
  /** Bytes of whole lines. */
  #length: number;

  /**
   * Opens the journal of an output folder; what it said of finished tasks is known then.
   *
   * @param output The folder; it must exist.
   * @param plan The run's fingerprint.
   * @param options How.
   * @throws {RefusedError} If it is another run's, or if another process is at it.
   * @throws {UnrecError} If it cannot be opened.
   */
  constructor(output: string, plan: Fingerprint, options: JournalOptions = {}) {
    this.#output = output;
    this.#path = journalPath(output);
    this.#plan = plan;
    this.#options = options;
    // Before it is opened, for a link is not to be followed; and once more when it is locked.
    readJournal(output);
    this.#file = this.#open();
    try {
      this.#inode = this.#file.statSync().ino;
      const before = this.#before = readJournal(output);
      this.#length = before?.length ?? 0;
      this.alone = before?.header.alone ?? !holdsFiles(output);
      if (before === undefined || options.restart) return;
      const difference = differenceOf(before.header.plan, plan);
      if (difference !== undefined) throw new RefusedError(this.#refusal(before, difference));
      this.#recall(before.tasks);
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Whether there is a journal that is not to be gone on with. */
  get forgets(): boolean {
    return this.#before !== undefined && this.#options.restart === true;
  }

  /**
   * Forgets the tasks of the run before, and removes the images if they are all its own.
   *
   * @throws {UnrecError} If they cannot be removed.
   */
  forget(): void {
    // In this order, for it may be ended at any moment.
    this.#cut(journalLine(this.#before!.header).length);
    if (this.alone) removeImages(this.#output);
  }

  /**
   * Makes the journal ready for the tasks of this run.
   *
   * @throws {UnrecError} If it cannot be written.
   */
  begin(): void {
    if (this.#before !== undefined && !this.forgets) return this.#cut(this.#before.length);
    this.#cut(0);
    this.#append(journalLine({ plan: this.#plan, alone: this.alone }));
    if (!this.#options.fsync) return;
    syncFolder(this.#output);
    syncFolder(join(this.#output, ".."));
  }

  /** Whether a task was finished by an earlier run. */
  has(task: TaskName): boolean {
    return this.#finished.has(nameOf(task.dataset, task.start, task.offsets.length));
  }

  /** What came of the tasks of a dataset that earlier runs finished. */
  outcomesOf(dataset: number): TaskOutcome[] {
    return Array.from(this.#finished.values())
      .filter((line) => line.dataset === dataset)
      .map((line) => ({ ...line, labels: labelsOfRanges(line.labels) }));
  }

  /**
   * Notes that a task is finished.
   *
   * @param task The task; its dataset is counted over all that are decoded.
   * @param outcome What came of it.
   * @throws {UnrecError} If that cannot be written, or if the output folder is no more where it was.
   */
  add({ dataset, start }: TaskName, outcome: TaskOutcome): void {
    this.#checkPlace();
    const { images, bytes, emptyImages, multiPartImages, lost, last } = outcome;
    const labels = labelRanges(outcome.labels);
    this.#append(journalLine({ dataset, start, images, bytes, emptyImages, multiPartImages, labels, lost, last }));
  }

  /**
   * Notes that all is written: removes the journal or, if it is to be kept, says so in it.
   *
   * @param written What was written in all.
   * @throws {UnrecError} If that cannot be done.
   */
  finish({ images, labels }: { images: number; labels: number }): void {
    this.#checkPlace();
    if (this.#options.keep) return this.#append(journalLine({ complete: { images, labels } }));
    this.#try("remove", () => Deno.removeSync(this.#path));
  }

  /** Closes the file, and removes it if nothing was written to it. */
  [Symbol.dispose](): void {
    this.#file.close();
    if (this.#length > 0) return;
    try {
      Deno.removeSync(this.#path);
    } catch {
      // What made it stay empty is told already, and an empty one does no harm.
    }
  }

  #open(): Deno.FsFile {
    const file = this.#try("write", () => Deno.openSync(this.#path, { read: true, append: true, create: true }));
    if (lock(file)) return file;
    file.close();
    throw new RefusedError(`Cannot write to ${this.#output}: another unrec is writing there; wait for its end`);
  }

  #recall(tasks: TaskLine[]): void {
    const folders = new LabelSet();
    for (const entry of entriesOf(this.#output)) folders.add(Number(labelOf(entry)));
    for (const line of tasks) {
      if (!isThere(this.#output, line, folders)) continue;
      this.#finished.set(nameOf(line.dataset, line.start, imagesWanted(line)), line);
    }
    for (const { images, bytes } of this.#finished.values()) {
      this.resumed.images += images;
      this.resumed.bytes += bytes;
    }
  }

  #append(line: Uint8Array<ArrayBuffer>): void {
    this.#try("write", () => {
      try {
        for (let at = 0; at < line.length;) at += this.#file.writeSync(line.subarray(at));
      } catch (error) {
        this.#file.truncateSync(this.#length);
        throw error;
      }
      this.#length += line.length;
      if (this.#options.fsync) this.#file.syncSync();
    });
  }

  #cut(length: number): void {
    this.#length = length;
    this.#try("write", () => this.#file.truncateSync(length));
  }

  /** An output folder that was removed or unmounted takes its journal along. */
  #checkPlace(): void {
    let inode: number | null | undefined;
    try {
      inode = Deno.lstatSync(this.#path).ino;
    } catch {
      // Told below.
    }
    if (inode === this.#inode) return;
    throw new UnrecError(
      `Cannot go on in ${this.#output}: its journal is gone, so the folder was removed, replaced or unmounted meanwhile`,
    );
  }

  #refusal({ header, complete }: JournalContent, difference: string): string {
    const run = complete === undefined ? "a run that did not end" : "a finished run";
    const removes = header.alone ? "remove what that one wrote and begin anew" : "begin anew";
    return `Cannot write to ${this.#output}: its journal is of ${run} and differs: ${difference}; ` +
      `give another --output, or --restart to ${removes}`;
  }

  #try<T>(what: "write" | "remove", action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UnrecError(`Cannot ${what} the journal ${this.#path}: ${systemReason(error)}`);
    }
  }
}

function nameOf(dataset: number, start: number, images: number): string {
  return `${dataset} ${start} ${images}`;
}

/** Whether a finished task's folders are all there, and its last image is as it was written. */
function isThere(output: string, { labels, last }: TaskLine, folders: LabelSet): boolean {
  try {
    if (last === undefined || labelsOfRanges(labels).some((label) => !folders.has(label))) return false;
    const { isFile, size } = Deno.lstatSync(imagePath(output, last.label, last.ordinal));
    return isFile && size === last.bytes;
  } catch {
    return false;
  }
}

/** Whether this process has the file for itself; the system forgets it with the process, however that ends. */
function lock(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    // Some network file systems know no locks.
    return true;
  }
}
