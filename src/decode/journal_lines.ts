/**
 * The journal's form: a line for each thing, `CRC JSON`, where CRC is the CRC-32 of the JSON in eight hexadecimal
 * digits. A line that is not whole, or was changed, is not taken for one, so the file may end at any byte. A line whose
 * sum is right is checked all the same: anybody can write one.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import {
  type IdentityLabel,
  IMAGE_KINDS,
  type ImageKind,
  type ImagePlace,
  type KindCount,
  payloadCounts,
  type TaskKinds,
} from "../dataset/image_kinds.ts";
import type { LostRange } from "../dataset/loss.ts";
import { FORM_ORDER } from "../sink/shuffled.ts";
import type { Receipt, SinkSpec } from "../sink/sink.ts";
import type { FileFacts } from "../source/file_facts.ts";
import type { StreamEnd } from "../source/source.ts";
import type { Written } from "./decode_work.ts";
import { isDatasetFacts } from "./journal_facts.ts";
import { isSelection } from "./journal_selection.ts";
import { isCount, isCountOrNull, isList, type Maybe } from "./journal_values.ts";
import { countOfRanges } from "./label_ranges.ts";
import type { RunPlan } from "./run_plan.ts";

/** To be raised when tasks are cut in another way, or the lines get another form. */
const VERSION = 5;

/** The first line: what run it is. */
export interface HeaderLine {
  version: typeof VERSION;
  /** What it writes. */
  plan: RunPlan;
  /** Whether the output folder was empty before, so that all that was written there is the run's. */
  alone: boolean;
  /** About how many bytes a task reads: from it follow the tasks. */
  taskBytes: number;
  /** What a share is written with: who finishes the whole makes a store from it. */
  spec?: SinkSpec;
}

/** What a finished task has written of a source. */
export interface PartLine extends Written {
  /** Number of the source, from 0. */
  source: number;
  /** Of which kinds they are. */
  kinds: TaskKinds;
  /** How many were stored in several parts. */
  multiPartImages: number;
  /** Their labels, see `labelRanges`. */
  labels: string;
  /** Images that could not be read, where those are left out. */
  lost?: LostRange[];
  /** Places in the record file that the index lacks. */
  unindexed?: number[];
  /** What was known only when all of a stream was read. */
  stream?: StreamEnd;
}

/** A finished task. */
export interface TaskLine {
  /**
   * The number of its first image within its first source: with that source it tells the task from others. Of a task that
   * wrote what others had set aside, the place of its first image in shuffled order.
   */
  first: number;
  /** What it has written, source by source; none if it wrote what others had set aside. */
  parts: PartLine[];
  /** What the sink said of files that are whole. */
  receipts: Receipt[];
  /** Whether the last file was not whole yet: then the task counts only with those after it. */
  goesOn?: true;
}

/** From here on the tasks before do not count; what they wrote is being removed. */
export interface ForgetLine {
  /** The tasks of this source and those after it are forgotten. */
  forget: number;
  /** Images from this number on are to be removed. */
  from: number;
}

/** They are removed; it goes on with another plan. */
export interface ClearedLine {
  cleared: RunPlan;
}

/** The same shares write something else besides. */
export interface BesideLine {
  /** Its path, from the output if it lies in there. */
  beside: string;
}

/** All is written. */
export interface CompleteLine {
  complete: true;
}

/** A line of the journal. */
export type JournalLine = HeaderLine | TaskLine | ForgetLine | ClearedLine | BesideLine | CompleteLine;

/** What a journal says. */
export interface JournalContent {
  /** What run it is of. */
  header: HeaderLine;
  /** The finished tasks that count. */
  tasks: TaskLine[];
  /** Images from this number on are to be removed before anything else; undefined if there is nothing to remove. */
  removeFrom: number | undefined;
  /** What the same shares write besides, if they do. */
  beside?: string;
  /** Whether all was written. */
  complete: boolean;
  /** Bytes up to the end of the last whole line. */
  length: number;
}

const LINE_FEED = 10;

/** The offsets of a task are words, counted from its start. */
export const MOST_TASK_BYTES = 2 ** 32;

/**
 * Writes a line.
 *
 * @param line The line.
 * @returns Its bytes, the line feed included.
 */
export function journalLine(line: JournalLine): Uint8Array<ArrayBuffer> {
  // JSON has no word for what a label may be: not a number, or infinite.
  const json = JSON.stringify(
    line,
    (_, value) => typeof value === "number" && !Number.isFinite(value) ? `${value}` : value,
  );
  return new TextEncoder().encode(`${checksum(json)} ${json}\n`);
}

/**
 * The first line of a journal.
 *
 * @param plan What the run writes.
 * @param alone Whether the output folder was empty before.
 * @param taskBytes About how many bytes a task reads.
 * @param spec What is written with, if the run is a share.
 */
export function headerLine(plan: RunPlan, alone: boolean, taskBytes: number, spec?: SinkSpec): HeaderLine {
  return { version: VERSION, plan, alone, taskBytes, ...spec === undefined ? {} : { spec } };
}

/**
 * Reads a journal.
 *
 * @param bytes The file, which may end anywhere.
 * @returns What it says; undefined if its first line is not whole, or none of this version, so that it says nothing.
 */
export function parseJournal(bytes: Uint8Array): JournalContent | undefined {
  const length = bytes.lastIndexOf(LINE_FEED) + 1;
  const lines = new TextDecoder().decode(bytes.subarray(0, length)).split("\n").slice(0, -1).map(parseLine);
  const [first] = lines;
  if (!isHeader(first)) return undefined;
  const content: JournalContent = {
    header: { ...first },
    tasks: [],
    removeFrom: undefined,
    complete: false,
    length,
  };
  /** By what tells a task from others: one that was done again has another line, and the last one counts. */
  let tasks = new Map<string, TaskLine>();
  for (const line of lines.slice(1)) {
    if (isTask(line)) {
      for (const { problem } of line.parts.flatMap(({ lost = [] }) => lost)) problem.value = Number(problem.value);
      tasks.set(taskName(line), line);
    } else if (isForget(line)) {
      tasks = new Map([...tasks].filter(([, task]) => isBefore(task, line.forget)));
      content.removeFrom = line.from;
      content.complete = false;
    } else if (isCleared(line) && line.cleared.sources.length === content.header.plan.sources.length) {
      content.removeFrom = undefined;
      content.header.plan = line.cleared;
    } else if (isBeside(line)) {
      content.beside = line.beside;
    } else if (isComplete(line)) {
      content.complete = true;
    }
  }
  content.tasks = [...tasks.values()].filter((task) => isOfPlan(task, content.header.plan));
  return content;
}

/**
 * What tells a task from others, in whatever run.
 *
 * @param task The task, or its line.
 */
export function taskName({ first, parts }: { first: number; parts: readonly { source: number }[] }): string {
  return `${parts[0]?.source ?? "shuffled"} ${first}`;
}

/**
 * Whether a task has images only of the sources before one.
 *
 * @param task The task's line.
 * @param source Number of that source.
 */
export function isBefore({ parts }: TaskLine, source: number): boolean {
  return parts.length > 0 && parts[parts.length - 1].source < source;
}

function parseLine(line: string): unknown {
  const json = line.slice(9);
  if (line !== `${checksum(json)} ${json}`) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}

function isHeader(line: unknown): line is HeaderLine {
  const { version, plan, alone, taskBytes, spec } = (line ?? {}) as NonNullable<Maybe<HeaderLine>>;
  return (spec === undefined || isSpec(spec)) && version === VERSION && isPlan(plan) && typeof alone === "boolean" &&
    isCount(taskBytes) &&
    taskBytes > 0 && taskBytes <= MOST_TASK_BYTES;
}

function isSpec(value: unknown): value is SinkSpec {
  return typeof ((value ?? {}) as NonNullable<Maybe<SinkSpec>>).format === "string";
}

function isPlan(value: unknown): value is RunPlan {
  const { format, form, relabel, sources } = (value ?? {}) as NonNullable<Maybe<RunPlan>>;
  return typeof format === "string" && isForm(form) && typeof relabel === "boolean" && isList(sources, isPlannedSource);
}

function isForm(value: unknown): value is RunPlan["form"] {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((field) => typeof field === "string");
}

function isPlannedSource(value: unknown): boolean {
  const { kind, path, files, select, images, labelSpan, counted, guessed, datasets } = (value ?? {}) as NonNullable<
    Maybe<RunPlan["sources"][number]>
  >;
  return typeof kind === "string" && typeof path === "string" && isList(files, isFile) &&
    (select === undefined || isSelection(select)) && isCountOrNull(images) && isCountOrNull(labelSpan) &&
    isCountOrNull(counted) && typeof guessed === "boolean" &&
    isList(datasets, isDatasetFacts);
}

function isFile(value: unknown): boolean {
  const { name, size, time, etag, names } = (value ?? {}) as { [Name in keyof FileFacts]?: unknown };
  return typeof name === "string" && isCountOrNull(size) && (time === null || typeof time === "string") &&
    [etag, names].every((text) => text === undefined || typeof text === "string");
}

function isTask(line: unknown): line is TaskLine {
  const { first, parts, receipts, goesOn } = (line ?? {}) as NonNullable<Maybe<TaskLine>>;
  return isCount(first) && isList(parts, isPart) && isList(receipts, isReceipt) &&
    (goesOn === undefined || goesOn === true);
}

function isPart(value: unknown): value is PartLine {
  const part = (value ?? {}) as NonNullable<Maybe<PartLine>>;
  return isCount(part.source) && isCount(part.images) && isCount(part.bytes) &&
    isTaskKinds(part.kinds, part.images) && isCount(part.multiPartImages) &&
    typeof part.labels === "string" && countOfRanges(part.labels) <= part.images &&
    (part.lost === undefined || isList(part.lost, isLostRange)) &&
    (part.unindexed === undefined || isList(part.unindexed, isCount)) &&
    (part.stream === undefined || isStreamEnd(part.stream));
}

/** Whether these are kinds of so many images: each has one kind of payload. */
function isTaskKinds(value: unknown, images: number): value is TaskKinds {
  const { counts, ends } = (value ?? {}) as NonNullable<Maybe<TaskKinds>>;
  const { first, last } = (ends ?? {}) as NonNullable<Maybe<TaskKinds["ends"]>>;
  if (typeof counts !== "object" || counts === null || !Object.entries(counts).every(isKindCount)) return false;
  const payloads = Object.values(payloadCounts(counts));
  return payloads.reduce((sum, count) => sum + count, 0) === images &&
    (ends === undefined || isPlace(first) && isIdentityLabel(first) && isIdentityLabel(last));
}

function isKindCount([kind, value]: [string, unknown]): boolean {
  const { images, first, value: found } = (value ?? {}) as NonNullable<Maybe<KindCount>>;
  return IMAGE_KINDS.includes(kind as ImageKind) && isCount(images) && isPlace(first) && Number.isFinite(found);
}

function isPlace(value: unknown): value is ImagePlace {
  const { number, offset, key } = (value ?? {}) as NonNullable<Maybe<ImagePlace>>;
  return isCount(number) && isCount(offset) && (key === undefined || isCount(key));
}

function isIdentityLabel(value: unknown): value is IdentityLabel {
  const { identity, label } = (value ?? {}) as NonNullable<Maybe<IdentityLabel>>;
  return isCount(identity) && Number.isFinite(label);
}

/** Whether a task can be one of a plan: it has those sources, and what the task lost has numbers of their images. */
function isOfPlan({ parts }: TaskLine, { form, sources }: RunPlan): boolean {
  // Only what is shuffled is set aside before it is written.
  if (parts.length === 0) return FORM_ORDER in form;
  return parts.every(({ source, lost }) => {
    if (source >= sources.length) return false;
    if (lost === undefined) return true;
    let first = 0;
    for (const { images } of sources.slice(0, source)) first += images ?? NaN;
    const end = first + (sources[source].images ?? NaN);
    return lost.every(({ number, images }) => number >= first && number + images <= end);
  });
}

function isLostRange(value: unknown): value is LostRange {
  const { number, images, problem, lastOffset } = (value ?? {}) as NonNullable<Maybe<LostRange>>;
  const { kind, offset, position, value: found, nextFrame } = (problem ?? {}) as NonNullable<
    Maybe<LostRange["problem"]>
  >;
  return isCount(number) && isCount(images) && images > 0 && isCount(lastOffset) &&
    typeof kind === "string" && PROBLEMS.has(kind) && isCount(offset) && isCount(position) &&
    (typeof found === "number" || ["NaN", "Infinity", "-Infinity"].includes(found as string)) &&
    (nextFrame === undefined || isCount(nextFrame));
}

const PROBLEMS = new Set<string>(
  [
    "bad-magic",
    "unexpected-part",
    "unfinished-record",
    "header-too-short",
    "labels-too-long",
    "no-label-vector",
    "record-too-long",
    "truncated",
    "outside",
    "label",
    "other-label",
  ] satisfies LostRange["problem"]["kind"][],
);

function isReceipt(value: unknown): value is Receipt {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((field) => typeof field === "string" || Number.isFinite(field));
}

function isStreamEnd(value: unknown): value is StreamEnd {
  const { datasets, labelSpan, numbers, kept, mixedLabels } = (value ?? {}) as NonNullable<Maybe<StreamEnd>>;
  return isList(datasets, isDatasetFacts) && isCount(labelSpan) && isCount(numbers) &&
    (kept === undefined || isList(kept, isFile)) &&
    (mixedLabels === undefined || isList(mixedLabels, (count) => isKindCount(["mixed-labels", count])));
}

function isForget(line: unknown): line is ForgetLine {
  const { forget, from } = (line ?? {}) as NonNullable<Maybe<ForgetLine>>;
  return isCount(forget) && isCount(from);
}

function isCleared(line: unknown): line is ClearedLine {
  return isPlan(((line ?? {}) as NonNullable<Maybe<ClearedLine>>).cleared);
}

function isBeside(line: unknown): line is BesideLine {
  return typeof ((line ?? {}) as NonNullable<Maybe<BesideLine>>).beside === "string";
}

function isComplete(line: unknown): line is CompleteLine {
  return ((line ?? {}) as NonNullable<Maybe<CompleteLine>>).complete === true;
}
