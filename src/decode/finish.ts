import { join, resolve } from "node:path";
import { LabelSet } from "../dataset/label_set.ts";
import type { Share } from "../dataset/share.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { partsFolder } from "../sink/file_pieces.ts";
import { putTextAnew } from "../sink/put_anew.ts";
import type { ConcludeOptions, SinkStore } from "../sink/sink.ts";
import { makeStore } from "../sink/sinks.ts";
import { removeIfThere } from "../sink/steps.ts";
import { FinishLock } from "./finish_lock.ts";
import type { JournalContent, PartLine } from "./journal_lines.ts";
import { labelsOfRanges } from "./label_ranges.ts";
import { isHeld, readJournal } from "./output_state.ts";
import { differenceOf, type RunPlan } from "./run_plan.ts";
import { sharesIn } from "./shares.ts";

/** The file that says that all shares are there: what schedulers and readers of large data look for. */
export const SUCCESS = "_SUCCESS";

/**
 * Why a share is missing: it was never begun, it has not come to its end, files that it wrote are gone, or what it is to
 * write besides is not there.
 */
export type WhyMissing = "not-begun" | "not-ended" | "files-gone" | "not-listed";

/** What all shares together have written. Plain data. */
export interface Whole {
  /** How many shares there are. */
  shares: number;
  /** What was written, and of what. */
  plan: RunPlan;
  /** The shares that are not there, by their numbers. */
  missing: { index: number; why: WhyMissing }[];
  /** Images that are there. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** Different labels among them. */
  labels: number;
  /** Images that could not be read, in shares that leave those out. */
  lostImages: number;
  /** What the same shares have written besides. */
  beside: string[];
  /** The file that says that all is there. */
  success: string;
  /** What is odd about it, in sentences. */
  odd: string[];
}

/** Options of {@linkcode finishShares}. */
export interface FinishOptions extends ConcludeOptions {
  /** The version of this program, for `_SUCCESS`. */
  version: string;
}

/**
 * Puts together what shares have written: looks whether each has come to its end, and if so writes what is made of all of
 * them, and last a file that says so, `_SUCCESS`. What the same shares have written besides is put together with it.
 *
 * @param output What all have written to: a folder, or a file that is written in pieces.
 * @param options How.
 * @returns What is there; if shares are missing, nothing was written, and a file that said otherwise is removed.
 * @throws {UnrecError} If there are no shares, if they are not of one whole, or if something cannot be written.
 */
export async function finishShares(output: string, { version, ...options }: FinishOptions): Promise<Whole> {
  const main = await surveyShares(folderOf(output), output);
  if (main === undefined) {
    const isWhole = readJournal(output) !== undefined;
    throw new UnrecError(
      `Cannot finish ${output}: ${isWhole ? "a run that writes all wrote it, so there are" : "it has"} no shares`,
    );
  }
  const { beside } = main.whole;
  const others: (Surveyed | undefined)[] = [];
  for (const path of beside) others.push(await surveyShares(partsFolder(path), path));
  const missing = missingOf(main.whole, others);
  if (missing.length > 0) {
    for (const each of [main, ...others]) if (each !== undefined) removeSuccess(each.folder);
    return { ...main.whole, missing };
  }
  using _ = new FinishLock(main.folder);
  const odd: string[] = [];
  const all = [main, ...others as Surveyed[]];
  for (const { store, journals, whole } of all) {
    const receipts = journals.flatMap(({ content }) => content.tasks.flatMap(({ receipts }) => receipts));
    odd.push(...await store.conclude?.(receipts, whole.labels, options) ?? []);
  }
  for (const { store } of all) store.tidy?.();
  for (const { folder, whole } of all) writeSuccess(folder, whole, version);
  return { ...main.whole, odd };
}

/** What shares have written to one place. */
interface Surveyed {
  /** Where their journals are. */
  folder: string;
  journals: readonly ShareJournal[];
  store: SinkStore;
  whole: Whole;
}

/** Looks at what shares have written to a place; undefined if none was begun. */
async function surveyShares(folder: string, output: string): Promise<Surveyed | undefined> {
  const journals = journalsOf(folder, output);
  if (journals.length === 0) return undefined;
  const [{ content: { header: { plan, spec } } }] = journals;
  if (spec === undefined) throw new UnrecError(`Cannot finish ${output}: its journals do not say how it was written`);
  const store = await makeStore(spec, folder);
  const whole = wholeOf(journals, store, plan, folder);
  const expected = imagesOf(plan);
  const found = whole.images + whole.lostImages;
  if (whole.missing.length === 0 && found !== expected) {
    throw new UnrecError(`Cannot finish ${output}: its shares have ${found} images, and there should be ${expected}`);
  }
  return { folder, journals, store, whole };
}

/** Where journals of shares are: in the folder that they have written to, or beside the file. */
function folderOf(output: string): string {
  const parts = partsFolder(output);
  return sharesIn(output).length === 0 && sharesIn(parts).length > 0 ? parts : output;
}

/** The shares that are not there, or not all of what they write besides. */
function missingOf({ shares, missing }: Whole, others: readonly (Surveyed | undefined)[]): Whole["missing"] {
  const why = new Map(missing.map(({ index, why }) => [index, why]));
  for (let index = 0; index < shares; index++) {
    if (why.has(index)) continue;
    const lacks = others.some((other) =>
      other === undefined || other.whole.shares !== shares || other.whole.missing.some((each) => each.index === index)
    );
    if (lacks) why.set(index, "not-listed");
  }
  return Array.from(why, ([index, why]) => ({ index, why })).sort((a, b) => a.index - b.index);
}

/** A share of which there is a journal. */
interface ShareJournal {
  share: Share;
  content: JournalContent;
}

/** Reads the journals of all shares that were begun. */
function journalsOf(folder: string, output: string): ShareJournal[] {
  const journals: ShareJournal[] = [];
  for (const share of sharesIn(folder)) {
    const content = readJournal(folder, share);
    if (content !== undefined) journals.push({ share, content });
  }
  const [first, ...others] = journals;
  for (const { share, content } of others) {
    const { count } = first.share;
    const what = share.count === count
      ? differenceOf(first.content.header.plan, content.header.plan)?.what
      : `some are shares of ${count}, others of ${share.count}`;
    if (what === undefined) continue;
    throw new UnrecError(`Cannot finish ${output}: its shares are not of one whole: ${what}`, {
      kind: "text",
      text: `remove ${folder} and begin all shares anew`,
    });
  }
  return journals;
}

function wholeOf(journals: readonly ShareJournal[], store: SinkStore, plan: RunPlan, folder: string): Whole {
  const { count } = journals[0].share;
  const parts = journals.flatMap(({ content: { tasks } }) => tasks.flatMap(({ parts }) => parts));
  const labels = new LabelSet();
  for (const part of parts) for (const label of labelsOfRanges(part.labels)) labels.add(label);
  const byIndex = new Map(journals.map(({ share, content }) => [share.index, content]));
  const missing: Whole["missing"] = [];
  for (let index = 0; index < count; index++) {
    const why = whyMissing(byIndex.get(index), store);
    if (why !== undefined) missing.push({ index, why });
  }
  return {
    shares: count,
    plan,
    missing,
    images: sumOf(parts, ({ images }) => images),
    bytes: sumOf(parts, ({ bytes }) => bytes),
    labels: labels.size,
    lostImages: sumOf(parts, ({ lost = [] }) => lost.reduce((sum, { images }) => sum + images, 0)),
    beside: [
      ...new Set(journals.flatMap(({ content: { beside } }) => beside === undefined ? [] : [resolve(folder, beside)])),
    ],
    success: join(folder, SUCCESS),
    odd: [],
  };
}

function whyMissing(content: JournalContent | undefined, store: SinkStore): WhyMissing | undefined {
  if (content === undefined) return "not-begun";
  if (!content.complete) return "not-ended";
  return content.tasks.every((task) => isHeld(task, store, true)) ? undefined : "files-gone";
}

/** How many images all shares together should have. */
function imagesOf({ sources }: RunPlan): number {
  const datasets = sources.flatMap(({ datasets }) => datasets);
  return datasets.reduce((sum, { chosen, layout }) => sum + (chosen?.images ?? layout.images), 0);
}

function sumOf(parts: readonly PartLine[], valueOf: (part: PartLine) => number): number {
  return parts.reduce((sum, part) => sum + valueOf(part), 0);
}

function removeSuccess(output: string): void {
  const path = `${output}/${SUCCESS}`;
  try {
    removeIfThere(path);
  } catch (error) {
    throw new UnrecError(`Cannot remove ${path}, which says that all is there: ${systemReason(error)}`);
  }
}

function writeSuccess(
  output: string,
  { plan, shares, images, labels, bytes, lostImages }: Whole,
  version: string,
): void {
  const { format, form, relabel, sources } = plan;
  const said = {
    unrec: version,
    format,
    form,
    relabel,
    datasets: sources.map(({ path, files, select }) => ({ path, files, select: select ?? null })),
    shares,
    images,
    labels,
    bytes,
    lostImages,
  };
  putTextAnew(`${output}/${SUCCESS}`, `${JSON.stringify(said, null, 2)}\n`);
}
