import { basename, resolve } from "node:path";
import type { OnError } from "../dataset/layout.ts";
import { codeOf, RefusedError, systemReason, UnrecError } from "../errors.ts";
import type { ClearOptions, SinkStore } from "../sink/sink.ts";
import { putAnew, writeAll } from "../sink/put_anew.ts";
import { syncFolder } from "../sink/sync_file.ts";
import type { DecodeTask, TaskOutcome } from "./decode_work.ts";
import {
  headerLine,
  type JournalContent,
  type JournalLine,
  journalLine,
  parseJournal,
  type TaskLine,
} from "./journal_lines.ts";
import { labelRanges, labelsOfRanges } from "./label_ranges.ts";
import { lockFile } from "./lock_file.ts";
import { differenceOf, type RunPlan } from "./run_plan.ts";

/** How a run deals with what is in its output folder. */
export interface JournalOptions {
  /**
   * Do not go on where the journal ends, be it of this run or another, but begin anew. If the output folder was empty
   * before the run that wrote the journal, what that wrote is removed first.
   *
   * @default {false}
   */
  restart?: boolean;
  /**
   * Write to a folder that holds other files, over those of the same names.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Make each line of the journal durable.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/** A journal that is larger was not written by this program. */
const MOST_JOURNAL_BYTES = 2 ** 28;

/** What is in an output folder, and what that means for a run. */
export interface OutputState {
  /** Tasks that need not be done again. */
  finished: TaskLine[];
  /** Whether all that was written there is this run's, or will be. */
  alone: boolean;
  /** About how many bytes a task reads; undefined if that is still to be chosen. */
  taskBytes: number | undefined;
  /** Whether an earlier run has written all, and all of it counts. */
  complete: boolean;
  /** The first source that has changed since; undefined if none has. */
  changed: number | undefined;
  /** The tasks of this source and those after it are to be forgotten, and what they wrote removed; undefined if none. */
  forget: number | undefined;
  /** Images from this number on were being removed when the run before was ended; undefined if none. */
  removeFrom: number | undefined;
  /** How the run before wrote what is there; as this one does if there was none. */
  form: RunPlan["form"];
  /** What the journal says of the run before; undefined if there is none, or if it is not gone on with. */
  plan: RunPlan | undefined;
  /** Bytes of the journal that are whole. */
  length: number;
}

/**
 * Looks at an output folder before anything is written to it.
 *
 * @param store The folder.
 * @param plan What is to be written.
 * @param options How to deal with what is there.
 * @param onError Whether tasks count that have lost something.
 * @returns What is there.
 * @throws {RefusedError} If what is there must not be mixed with this run's.
 * @throws {UnrecError} If it cannot be read.
 */
export function surveyOutput(
  store: SinkStore,
  plan: RunPlan,
  { restart = false, overwrite = false }: JournalOptions,
  onError: OnError,
): OutputState {
  const content = store.output === undefined ? undefined : readJournal(store.output);
  const fresh = {
    finished: [],
    taskBytes: undefined,
    complete: false,
    changed: undefined,
    removeFrom: undefined,
    plan: undefined,
  };
  if (content === undefined) {
    const others = store.entries();
    if (others.length > 0 && !overwrite) throw foreign(store.output!, others, plan);
    return { ...fresh, alone: others.length === 0, forget: undefined, form: store.form, length: 0 };
  }
  const { header, length } = content;
  if (restart) return { ...fresh, alone: header.alone, forget: 0, form: header.plan.form, length };
  const difference = differenceOf(header.plan, plan);
  const unknown = plan.sources.some(({ files }) => files.some(({ size }) => size === null));
  const losses = content.tasks.some(({ lost, unindexed }) => lost !== undefined || unindexed !== undefined) ||
    header.plan.sources.some(({ guessed }) => guessed);
  if (content.complete && unknown) throw otherRun(store.output!, content, "the standard input cannot be compared");
  if (difference !== undefined && (difference.changed === undefined || content.complete && !losses)) {
    throw otherRun(store.output!, content, difference.what);
  }
  const changed = difference?.changed;
  const forget = changed === undefined || store.tellsNumbers ? changed : 0;
  const finished = content.tasks.filter((task) =>
    (forget === undefined || task.source < forget) &&
    (onError === "skip" || task.lost === undefined && task.unindexed === undefined) &&
    (task.images === 0 || store.holds(labelsOfRanges(task.labels), task.receipt))
  );
  return {
    finished,
    alone: header.alone,
    taskBytes: header.taskBytes,
    complete: content.complete && finished.length === content.tasks.length && content.removeFrom === undefined,
    changed,
    forget,
    removeFrom: content.removeFrom,
    form: header.plan.form,
    plan: header.plan,
    length,
  };
}

function foreign(output: string, [first, ...others]: string[], { sources }: RunPlan): RefusedError {
  // An archive has to be unpacked before anything can be compared with it.
  const comparable = sources.every(({ kind }) => kind === "dataset");
  const rest = others.length === 0 ? "" : ` and ${others.length} other ${others.length === 1 ? "entry" : "entries"}`;
  return new RefusedError(
    `Cannot write to ${output}: it holds ${first}${rest}, and no journal of a run that could be gone on with`,
    { kind: "other-output" },
    ...comparable ? [{ kind: "verify-tree" as const, include: sources.map(({ path }) => path), output }] : [],
    { kind: "overwrite" },
  );
}

function otherRun(output: string, { header, complete }: JournalContent, what: string): RefusedError {
  const run = complete ? "a finished run" : "a run that did not end";
  return new RefusedError(
    `Cannot write to ${output}: its journal is of ${run} and differs: ${what}`,
    { kind: "other-output" },
    { kind: header.alone ? "restart-removes" : "restart" },
  );
}

/**
 * Where the journal of a folder lies.
 *
 * @param output The folder.
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
  let reason = "it is no regular file; remove it";
  try {
    const { isFile, size } = Deno.lstatSync(path);
    if (isFile && size <= MOST_JOURNAL_BYTES) return parseJournal(Deno.readFileSync(path));
    if (isFile) reason = `it has ${size} bytes, and no journal is that large; remove it`;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return undefined;
    reason = systemReason(error);
  }
  throw new UnrecError(`Cannot read the journal ${path}: ${reason}`);
}

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
    this.#path = journalPath(output);
    this.#plan = plan;
    this.#fsync = options.fsync ?? false;
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
    if (plan !== undefined) return true;
    this.#cut(0);
    this.#append(headerLine(this.#plan, alone, this.taskBytes));
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
   * @param outcome What came of it.
   * @param unindexed Places that it met and that the index lacks.
   * @throws {UnrecError} If that cannot be written, or if the output folder is no more where it was.
   */
  add({ source, read }: DecodeTask, outcome: TaskOutcome, unindexed: number[]): void {
    this.#checkPlace();
    const { images, bytes, kinds, multiPartImages, lost, receipt, stream } = outcome;
    this.#append({
      ...{ source, start: read.start, images, bytes, kinds, multiPartImages },
      labels: labelRanges(outcome.labels),
      ...{ lost, receipt, stream },
      ...unindexed.length > 0 ? { unindexed } : {},
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
    let inode: number | null | undefined;
    try {
      inode = Deno.lstatSync(this.#path).ino;
    } catch {
      // Told below.
    }
    if (inode === this.#inode) return;
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
