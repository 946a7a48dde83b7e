import type { OnError } from "../dataset/layout.ts";
import type { Share } from "../dataset/share.ts";
import { codeOf, RefusedError, type Remedy, systemReason, UnrecError } from "../errors.ts";
import type { SinkStore } from "../sink/sink.ts";
import { isBefore, type JournalContent, parseJournal, type TaskLine } from "./journal_lines.ts";
import { labelsOfRanges } from "./label_ranges.ts";
import { differenceOf, type RunPlan } from "./run_plan.ts";
import { journalName, requireSameShares } from "./shares.ts";

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
  /**
   * Do only one of several shares of the work, each of which has a journal of its own. All write to the same output, at
   * the same time or not, with the same options.
   *
   * @default {all of it}
   */
  share?: Share;
  /**
   * What the same shares write besides, in runs of their own: the path of a list of what they write. Who finishes what
   * this run is a share of, finishes that too.
   *
   * @default {nothing}
   */
  beside?: string;
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
  /** What the journal says that is written besides. */
  beside: string | undefined;
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
  { restart = false, overwrite = false, share }: JournalOptions,
  onError: OnError,
): OutputState {
  const { output } = store;
  const content = output === undefined ? undefined : readJournal(output, share);
  const fresh = {
    finished: [],
    taskBytes: undefined,
    complete: false,
    changed: undefined,
    removeFrom: undefined,
    plan: undefined,
    beside: undefined,
  };
  // In this order: before a share writes anything, it has a journal.
  const others = output === undefined || content !== undefined ? [] : store.entries();
  const first = output === undefined ? undefined : firstOfShares(output, plan, share);
  if (content === undefined) {
    const alone = first?.header.alone ?? others.length === 0;
    if (first === undefined && !alone && !overwrite) throw foreign(output!, others, plan);
    return { ...fresh, alone, forget: undefined, form: store.form, length: 0 };
  }
  const { header, length } = content;
  // What another format has written, this one does not know to remove.
  if (header.plan.format !== plan.format) {
    const what = `it writes ${header.plan.format}, and this one ${plan.format}`;
    throw otherRun(output!, content, what, []);
  }
  // What a share wrote is written over: what else is there may be of the others.
  if (restart && share !== undefined) {
    return { ...fresh, alone: header.alone, forget: undefined, form: store.form, length: 0 };
  }
  if (restart) return { ...fresh, alone: header.alone, forget: 0, form: header.plan.form, length };
  const difference = differenceOf(header.plan, plan);
  const unknown = plan.sources.some(({ files }) => files.some(({ size }) => size === null));
  const losses = content.tasks.some(hasLost) ||
    header.plan.sources.some(({ guessed }) => guessed);
  if (content.complete && unknown) throw otherRun(output!, content, "the standard input cannot be compared");
  if (difference !== undefined && (difference.changed === undefined || content.complete && !losses)) {
    throw otherRun(output!, content, difference.what);
  }
  const changed = difference?.changed;
  const forget = changed === undefined || store.tellsNumbers ? changed : 0;
  const keep = store.keepsParts ? untilFirst : wholeFiles;
  const countingIf = (complete: boolean) =>
    keep(
      content.tasks,
      (task) =>
        (forget === undefined || isBefore(task, forget)) && (onError === "skip" || !hasLost(task)) &&
        isHeld(task, store, complete),
    );
  const kept = countingIf(content.complete);
  // Where something that was written is gone, what was set aside for it is wanted again.
  const counting = kept.length < content.tasks.length ? countingIf(false) : kept;
  const finished = readAgain(content.tasks, counting) ? counting.filter(({ parts }) => parts.length > 0) : counting;
  return {
    finished,
    alone: header.alone,
    taskBytes: header.taskBytes,
    complete: content.complete && finished.length === content.tasks.length && content.removeFrom === undefined &&
      (share !== undefined || isConcluded(content, store)),
    changed,
    forget,
    removeFrom: content.removeFrom,
    form: header.plan.form,
    plan: header.plan,
    beside: content.beside,
    length,
  };
}

/**
 * Reads the journal of one of the shares in an output. One that has changed since cannot be written again by itself, so
 * all must be of the same plan.
 *
 * @returns undefined if there is none.
 * @throws {RefusedError} If they are shares of something else.
 */
function firstOfShares(output: string, plan: RunPlan, share: Share | undefined): JournalContent | undefined {
  const isWhole = share !== undefined && readJournal(output) !== undefined;
  for (const other of requireSameShares(output, share, isWhole)) {
    const content = readJournal(output, other);
    if (content === undefined) continue;
    const difference = differenceOf(content.header.plan, plan);
    if (difference !== undefined) {
      const text = `remove ${output} and begin all shares anew`;
      throw otherRun(output, content, difference.what, [{ kind: "text", text }]);
    }
    return content;
  }
  return undefined;
}

/**
 * Whether a task has left something out.
 *
 * @param task Its line.
 */
export function hasLost({ parts }: TaskLine): boolean {
  return parts.some(({ lost, unindexed }) => lost !== undefined || unindexed !== undefined);
}

/**
 * Whether what a task has written is still there, if it is still wanted.
 *
 * @param task Its line.
 * @param store Where it was written.
 * @param complete Whether all is written: what was set aside before is not wanted any more.
 */
export function isHeld({ parts, receipts }: TaskLine, store: SinkStore, complete: boolean): boolean {
  const reads = parts.length > 0;
  if (reads && (parts.every(({ images }) => images === 0) || complete && store.shuffle !== undefined)) return true;
  const labels = function* () {
    for (const { labels } of parts) yield* labelsOfRanges(labels);
  };
  return store.holds(labels(), receipts);
}

/** Whether a task that read images does not count any more, so that what was made of them by others does not either. */
function readAgain(tasks: readonly TaskLine[], counting: readonly TaskLine[]): boolean {
  const reading = (tasks: readonly TaskLine[]) => tasks.filter(({ parts }) => parts.length > 0).length;
  return reading(counting) < reading(tasks);
}

/** Whether what is made of all tasks is there; what is made of all shares, the one makes that finishes them. */
function isConcluded({ tasks }: JournalContent, store: SinkStore): boolean {
  return store.isConcluded?.(tasks.flatMap(({ receipts }) => receipts)) ?? true;
}

/** The tasks that count; of those that wrote to one file all or none. */
function wholeFiles(tasks: readonly TaskLine[], counts: (task: TaskLine) => boolean): TaskLine[] {
  const whole: TaskLine[] = [];
  let joint: TaskLine[] = [];
  for (const task of tasks) {
    joint.push(task);
    if (task.goesOn) continue;
    if (joint.every(counts)) whole.push(...joint);
    joint = [];
  }
  return whole;
}

/** The tasks that count; of those that write to one file none that comes after one that does not. */
function untilFirst(tasks: readonly TaskLine[], counts: (task: TaskLine) => boolean): TaskLine[] {
  const end = tasks.findIndex((task) => !counts(task));
  return tasks.slice(0, end < 0 ? tasks.length : end);
}

function foreign(output: string, [first, ...others]: string[], { format, sources }: RunPlan): RefusedError {
  // An archive has to be unpacked before anything can be compared with it, and only a tree is.
  const comparable = format === "folder" && sources.every(({ kind }) => kind === "dataset");
  const rest = others.length === 0 ? "" : ` and ${others.length} other ${others.length === 1 ? "entry" : "entries"}`;
  return new RefusedError(
    `Cannot write to ${output}: it holds ${first}${rest}, and no journal of a run that could be gone on with`,
    { kind: "other-output" },
    ...comparable ? [{ kind: "verify-tree" as const, include: sources.map(({ path }) => path), output }] : [],
    { kind: "overwrite" },
  );
}

function otherRun(
  output: string,
  { header, complete }: JournalContent,
  what: string,
  remedies: Remedy[] = [{ kind: header.alone ? "restart-removes" : "restart" }],
): RefusedError {
  const run = complete ? "a finished run" : "a run that did not end";
  return new RefusedError(
    `Cannot write to ${output}: its journal is of ${run} and differs: ${what}`,
    { kind: "other-output" },
    ...remedies,
  );
}

/**
 * Where a journal lies.
 *
 * @param output The folder that it is of.
 * @param share The share that it is of; undefined for a run that does all.
 */
export function journalPath(output: string, share?: Share): string {
  return `${output}/${journalName(share)}`;
}

/**
 * Reads a journal in an output folder.
 *
 * @param output The folder.
 * @param share The share that it is of; undefined for a run that does all.
 * @returns What it says; undefined if there is none, or one that says nothing.
 * @throws {UnrecError} If it cannot be read.
 */
export function readJournal(output: string, share?: Share): JournalContent | undefined {
  const path = journalPath(output, share);
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
