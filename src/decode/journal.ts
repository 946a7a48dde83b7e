import { basename, relative, resolve } from "node:path";
import type { OnError } from "../dataset/layout.ts";
import { RefusedError, systemReason, UnrecError } from "../errors.ts";
import type { ClearOptions, SinkSpec, SinkStore } from "../sink/sink.ts";
import { putAnew } from "../sink/put_anew.ts";
import { writeAll } from "../sink/steps.ts";
import { syncFolder } from "../sink/sync_file.ts";
import type { TaskOutcome } from "./decode_work.ts";
import { headerLine, type JournalLine, journalLine, type TaskLine } from "./journal_lines.ts";
import { labelRanges } from "./label_ranges.ts";
import { inodeOf, lockFile } from "./lock_file.ts";
import { type JournalOptions, journalPath, type OutputState, surveyOutput } from "./output_state.ts";
import type { RunPlan } from "./run_plan.ts";

/**
 * The finished tasks of a run, kept in a file of the output folder: after a run that did not come to its end, another
 * one goes on where it ended.
 */
export class Journal implements Disposable {
  /** What was in the folder. */
  readonly state: OutputState;
  /** About how many bytes a task reads. */
  readonly taskBytes: number;
  readonly #store: SinkStore;
  readonly #path: string;
  readonly #plan: RunPlan;
  readonly #fsync: boolean;
  /** What its share is written with, which `unrec finish` needs to know. */
  readonly #spec: SinkSpec | undefined;
  /** What the same shares write besides. */
  readonly #beside: string | undefined;
  readonly #file: Deno.FsFile;
  readonly #inode: number | null;
  /** Bytes of whole lines. */
  #length: number;
  /** Bytes of the line that this run began with; 0 if an earlier one did. */
  #begun = 0;

  /**
   * Opens the journal of an output folder; what it said of finished tasks is known then. Nothing is written yet.
   *
   * @param store The folder; it must exist.
   * @param plan What is to be written.
   * @param options How to deal with what is there.
   * @param onError Whether tasks count that have lost something.
   * @param taskBytes About how many bytes a task is to read, if no journal says so.
   * @throws {RefusedError} If what is there must not be mixed with this run's, or if another process is at it.
   * @throws {UnrecError} If it cannot be opened.
   */
  constructor(store: SinkStore, plan: RunPlan, options: JournalOptions, onError: OnError, taskBytes: number) {
    const output = store.output!;
    this.#store = store;
    this.#path = journalPath(output, options.share);
    this.#plan = plan;
    this.#fsync = options.fsync ?? false;
    this.#beside = options.beside === undefined ? undefined : pathFrom(output, options.beside);
    this.#spec = options.share === undefined ? undefined : store.spec;
    // Before it is opened, because a link is not to be followed, and nothing made in a folder of others; once more when
    // it is locked.
    surveyOutput(store, plan, options, onError);
    this.#file = this.#open();
    try {
      this.#inode = this.#file.statSync().ino;
      const state = this.state = surveyOutput(store, plan, options, onError);
      this.taskBytes = state.taskBytes ?? taskBytes;
      this.#length = state.length;
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /**
   * Makes the journal ready for the tasks of this run: removes what does not count any more.
   *
   * @param firstNumber The number of a source's first image.
   * @param options How the removing is ended, and who is told of it.
   * @returns Whether it is ready; false if it was aborted.
   * @throws {UnrecError} If it cannot be written, or something cannot be removed.
   */
  async begin(
    firstNumber: (source: number) => number,
    options: Pick<ClearOptions, "signal" | "onRemoved"> = {},
  ): Promise<boolean> {
    const { forget, removeFrom, alone, form, plan, length } = this.state;
    // The end of a line that was being written when the run before was killed.
    this.#cut(length);
    if (length > 0 && (forget !== undefined || removeFrom !== undefined)) {
      const from = Math.min(removeFrom ?? Infinity, forget === undefined ? Infinity : firstNumber(forget));
      // In this order, because it may be ended at any moment.
      if (forget !== undefined) this.#append({ forget, from });
      if (alone) await this.#store.clear(from, { form, ...options });
      if (options.signal?.aborted) return false;
      if (plan !== undefined) this.#append({ cleared: this.#plan });
    }
    if (plan !== undefined) {
      this.#noteBeside();
      return true;
    }
    this.#cut(0);
    this.#append(headerLine(this.#plan, alone, this.taskBytes, this.#spec));
    this.#noteBeside();
    this.#begun = this.#length;
    if (this.#fsync) {
      syncFolder(this.#store.output!);
      syncFolder(resolve(this.#store.output!, ".."));
    }
    return true;
  }

  /**
   * Notes that a task is finished.
   *
   * @param task The task.
   * @param goesOn Whether the last file that it wrote to is not whole yet.
   * @param outcome What came of it.
   * @param unindexed Places that each of its parts met and that the index lacks.
   * @throws {UnrecError} If that cannot be written, or if the output folder is no more where it was.
   */
  add(
    { first }: Pick<TaskLine, "first">,
    goesOn: boolean,
    { parts, receipts = [] }: TaskOutcome,
    unindexed: readonly number[][],
  ): void {
    this.#checkPlace();
    this.#append({
      first,
      parts: parts.map(({ source, images, bytes, kinds, multiPartImages, labels, lost, stream }, i) => ({
        ...{ source, images, bytes, kinds, multiPartImages, labels: labelRanges(labels), lost, stream },
        ...unindexed[i].length > 0 ? { unindexed: unindexed[i] } : {},
      })),
      receipts,
      ...goesOn ? { goesOn } : {},
    });
  }

  /**
   * Notes that all is written.
   *
   * @throws {UnrecError} If that cannot be done.
   */
  finish(): void {
    this.#checkPlace();
    if (!this.state.complete) this.#append({ complete: true });
  }

  /** Closes the file, and removes it if nothing was written to it, or nothing else that another run could go on with. */
  [Symbol.dispose](): void {
    this.#file.close();
    if (this.#length > this.#begun || this.#length > 0 && !this.#isAlone()) return;
    try {
      Deno.removeSync(this.#path);
    } catch {
      // What made it stay empty is told already, and an empty one does no harm.
    }
  }

  /** Whether there is nothing else in the folder. */
  #isAlone(): boolean {
    try {
      return this.#store.entries().every((name) => name === basename(this.#path));
    } catch {
      // It is gone, or nobody may look into it any more.
      return false;
    }
  }

  #open(): Deno.FsFile {
    const file = this.#try(() => Deno.openSync(this.#path, { read: true, append: true, create: true }));
    // One that has another name too, in a copy made of links, is not written to: it would be changed there.
    if (lockFile(file)) return (file.statSync().nlink ?? 1) > 1 ? this.#copied(file) : file;
    file.close();
    throw new RefusedError(`Cannot write to ${this.#store.output}: another unrec is writing there`, {
      kind: "text",
      text: "wait for its end",
    });
  }

  #copied(file: Deno.FsFile): Deno.FsFile {
    try {
      return this.#try(() =>
        putAnew(this.#path, (own) => {
          lockFile(own);
          writeAll(own, Deno.readFileSync(this.#path));
        })
      );
    } finally {
      file.close();
    }
  }

  #noteBeside(): void {
    if (this.#beside !== undefined && this.#beside !== this.state.beside) this.#append({ beside: this.#beside });
  }

  #append(line: JournalLine): void {
    const bytes = journalLine(line);
    this.#try(() => {
      try {
        writeAll(this.#file, bytes);
      } catch (error) {
        this.#file.truncateSync(this.#length);
        throw error;
      }
      this.#length += bytes.length;
      if (this.#fsync) this.#file.syncSync();
    });
  }

  #cut(length: number): void {
    this.#length = length;
    this.#try(() => this.#file.truncateSync(length));
  }

  /** An output folder that was removed or unmounted takes its journal along. */
  #checkPlace(): void {
    if (inodeOf(this.#path) === this.#inode) return;
    throw new UnrecError(
      `Cannot go on in ${this.#store.output}: its journal is gone, so the folder was removed, replaced or unmounted ` +
        "meanwhile",
    );
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UnrecError(`Cannot write the journal ${this.#path}: ${systemReason(error)}`);
    }
  }
}

/** A path as it is found again where the output was moved: what lies in there is moved along. */
function pathFrom(output: string, path: string): string {
  const way = relative(output, path);
  return way.split(/[\\/]/, 1)[0] === ".." ? resolve(path) : way;
}
