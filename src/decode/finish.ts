import { LabelSet } from "../dataset/label_set.ts";
import type { Share } from "../dataset/share.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { putTextAnew } from "../sink/put_anew.ts";
import { removeIfThere } from "../sink/remove_if_there.ts";
import type { SinkStore } from "../sink/sink.ts";
import { makeStore } from "../sink/sinks.ts";
import type { JournalContent, PartLine } from "./journal_lines.ts";
import { labelsOfRanges } from "./label_ranges.ts";
import { isHeld, readJournal } from "./output_state.ts";
import { differenceOf, type RunPlan } from "./run_plan.ts";
import { sharesIn } from "./shares.ts";

/** The file that says that all shares are there: what schedulers and readers of large data look for. */
export const SUCCESS = "_SUCCESS";

/** Why a share is missing: it was never begun, it has not come to its end, or files that it wrote are gone. */
export type WhyMissing = "not-begun" | "not-ended" | "files-gone";

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
}

/**
 * Puts together what shares have written: looks whether each has come to its end, and if so writes what is made of all of
 * them, and last a file that says so, `_SUCCESS`.
 *
 * @param output The folder that all have written to.
 * @param version The version of this program, for that file.
 * @returns What is there; if shares are missing, nothing was written, and a file that said otherwise is removed.
 * @throws {UnrecError} If there are no shares, if they are not of one whole, or if something cannot be written.
 */
export async function finishShares(output: string, version: string): Promise<Whole> {
  const journals = journalsOf(output);
  const [{ content: { header: { plan, spec } } }] = journals;
  if (spec === undefined) throw new UnrecError(`Cannot finish ${output}: its journals do not say how it was written`);
  const store = await makeStore(spec, output);
  const whole = wholeOf(journals, store, plan);
  if (whole.missing.length > 0) {
    removeSuccess(output);
    return whole;
  }
  const expected = imagesOf(plan);
  const found = whole.images + whole.lostImages;
  if (found !== expected) {
    throw new UnrecError(`Cannot finish ${output}: its shares have ${found} images, and there should be ${expected}`);
  }
  store.conclude?.(journals.flatMap(({ content }) => content.tasks.flatMap(({ receipts }) => receipts)), whole.labels);
  store.tidy?.();
  writeSuccess(output, whole, version);
  return whole;
}

/** A share of which there is a journal. */
interface ShareJournal {
  share: Share;
  content: JournalContent;
}

/** Reads the journals of all shares that were begun; at least one. */
function journalsOf(output: string): [ShareJournal, ...ShareJournal[]] {
  const shares = sharesIn(output);
  const journals: ShareJournal[] = [];
  for (const share of shares) {
    const content = readJournal(output, share);
    if (content !== undefined) journals.push({ share, content });
  }
  const [first, ...others] = journals;
  if (first === undefined) {
    const isWhole = readJournal(output) !== undefined;
    throw new UnrecError(
      `Cannot finish ${output}: ${isWhole ? "a run that writes all wrote it, so there are" : "it has"} no shares`,
    );
  }
  for (const { share, content } of others) {
    const { count } = first.share;
    const what = share.count === count
      ? differenceOf(first.content.header.plan, content.header.plan)?.what
      : `some are shares of ${count}, others of ${share.count}`;
    if (what === undefined) continue;
    throw new UnrecError(`Cannot finish ${output}: its shares are not of one whole: ${what}`, {
      kind: "text",
      text: `remove ${output} and begin all shares anew`,
    });
  }
  return [first, ...others];
}

function wholeOf(journals: readonly ShareJournal[], store: SinkStore, plan: RunPlan): Whole {
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
