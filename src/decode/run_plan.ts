import { resolve } from "node:path";
import { isUrl } from "../bytes/http_address.ts";
import type { DatasetFacts } from "../dataset/dataset.ts";
import { type Selection, selectionDifference } from "../dataset/selection/selection.ts";
import { type FileFacts, LABEL_LIST } from "../source/file_facts.ts";
import type { SinkStore } from "../sink/sink.ts";
import type { FoundSource } from "../source/source.ts";

/** A source of a run, as a journal keeps it. Plain data. */
export interface PlannedSource {
  /** The name of its kind. */
  kind: string;
  /** Where it is: a file that changed there is the same dataset, downloaded or mended anew. */
  path: string;
  /** Its files. A dataset may be moved, so it is by these that it is known again. */
  files: FileFacts[];
  /** Which images are wanted of it, if not all are. */
  select?: Selection;
  /** How many images it has, whether they are wanted or not; null if that is known only when all was read, or if it was not opened yet. */
  images: number | null;
  /** How many labels it takes when labels are shifted; null if they are not, or if that is not known yet. */
  labelSpan: number | null;
  /** How many of its images were counted by label; null if they are not, or if that is not known yet. */
  counted: number | null;
  /** Whether something of it is lost or had to be guessed before any image was read. */
  guessed: boolean;
  /** Its datasets, as far as they are known before all was read. */
  datasets: DatasetFacts[];
}

/** What a run writes depends on: nothing else may differ when another run goes on with it. Plain data. */
export interface RunPlan {
  /** What is written. */
  format: string;
  /** What else decides what is written, see `SinkStore.form`. */
  form: Readonly<Record<string, string>>;
  /** Whether labels are shifted. */
  relabel: boolean;
  /** What is read, in order. */
  sources: PlannedSource[];
}

/** How two plans differ. */
export interface Difference {
  /** The first source that has changed where it was; undefined if these are runs of different things. */
  changed: number | undefined;
  /** What differs, in words. */
  what: string;
}

/** What is said where a number or a time is not known. */
const UNKNOWN = "unknown";

/**
 * The plan of a run, as far as it is known before anything is opened.
 *
 * @param store What is written.
 * @param sources What is read, in order.
 * @param relabel Whether labels are shifted.
 */
export function planOf(
  { format, form }: Pick<SinkStore, "format" | "form">,
  sources: readonly FoundSource[],
  relabel: boolean,
): RunPlan {
  return {
    format,
    form,
    relabel,
    sources: sources.map((source) => ({
      kind: source.kind,
      path: isUrl(source.path) ? source.path : resolve(source.path),
      files: source.facts(),
      ...source.select === undefined ? {} : { select: source.select },
      images: null,
      labelSpan: null,
      counted: null,
      guessed: false,
      datasets: [],
    })),
  };
}

/**
 * Compares plans.
 *
 * @param before That of the run that is to go on.
 * @param now That of the run that wants to.
 * @returns The first difference that makes them runs of different things; without such a one the first of a source that
 * has changed where it was; undefined if there is none.
 */
export function differenceOf(before: RunPlan, now: RunPlan): Difference | undefined {
  const other = otherThan("what is written", before.format, now.format) ??
    formDifference(before.form, now.form) ??
    otherThan("whether labels are shifted", before.relabel, now.relabel) ??
    otherThan("the number of sources", before.sources.length, now.sources.length);
  if (other !== undefined) return { changed: undefined, what: other };
  let changed: Difference | undefined;
  for (const [i, source] of now.sources.entries()) {
    const difference = sourceDifference(before.sources[i], source, i);
    if (difference !== undefined && difference.changed === undefined) return difference;
    changed ??= difference;
  }
  return changed;
}

function formDifference(before: RunPlan["form"], now: RunPlan["form"]): string | undefined {
  for (const name of Object.keys({ ...before, ...now })) {
    const other = otherThan(`the ${name}`, before[name] ?? null, now[name] ?? null);
    if (other !== undefined) return other;
  }
  return undefined;
}

function sourceDifference(before: PlannedSource, now: PlannedSource, i: number): Difference | undefined {
  const of = `of source ${i + 1}`;
  const hasList = ({ files }: PlannedSource) => files.some(({ name }) => name === LABEL_LIST);
  const other = otherThan(`the kind ${of}`, before.kind, now.kind) ??
    otherThan(`whether a list gives the labels ${of}`, hasList(before), hasList(now)) ??
    otherThan(`the number of files ${of}`, before.files.length, now.files.length) ??
    selectionDifference(before.select ?? {}, now.select ?? {}, of);
  if (other !== undefined) return { changed: undefined, what: other };
  const changed = before.path === now.path ? i : undefined;
  for (const [k, { name, size, time, etag = null, names = null }] of now.files.entries()) {
    const what = otherThan(`the size of the ${name} ${of}`, before.files[k].size, size) ??
      otherThan(`the time of the ${name} ${of}`, before.files[k].time, time) ??
      otherThan(`the ETag of the ${name} ${of}`, before.files[k].etag ?? null, etag) ??
      otherThan(`the sum of names and sizes of the ${name} ${of}`, before.files[k].names ?? null, names);
    if (what !== undefined) return { changed, what };
  }
  for (const name of ["images", "labelSpan", "counted"] as const) {
    const unknown = before[name] === null || now[name] === null;
    const what = unknown ? undefined : otherThan(`the number of ${NAMES[name]} ${of}`, before[name], now[name]);
    if (what !== undefined) return { changed: i, what };
  }
  return undefined;
}

const NAMES = { images: "images", labelSpan: "labels", counted: "images with a label" };

function otherThan<T extends string | number | boolean | null>(name: string, before: T, now: T): string | undefined {
  return before === now ? undefined : `${name} was ${before ?? UNKNOWN} and is ${now ?? UNKNOWN}`;
}
