import { UnrecError } from "../../errors.ts";
import { Runs } from "../runs.ts";
import type { LabelStretches } from "./choice.ts";
import { Chooser } from "./chooser.ts";
import { drawLabels } from "./draw_labels.ts";
import { asksForCounts, type Selection } from "./selection.ts";

/**
 * Puts the labels of images together to stretches.
 *
 * @param labels A label for each image, in reading order; NaN where it cannot be read.
 */
export function stretchesOf(labels: Float64Array): LabelStretches {
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (i === 0 || labels[i] !== labels[i - 1]) count++;
  const stretches = { starts: new Float64Array(count + 1), labels: new Float64Array(count) };
  let at = 0;
  for (let i = 0; i < labels.length; i++) {
    if (i > 0 && labels[i] === labels[i - 1]) continue;
    stretches.starts[at] = i;
    stretches.labels[at++] = labels[i];
  }
  stretches.starts[count] = labels.length;
  return stretches;
}

/**
 * Chooses images.
 *
 * @param path The record file, for messages.
 * @param selection What is wanted.
 * @param candidates The numbers of the images to choose from, rising: all, or those whose keys are wanted.
 * @param stretches The labels of all images; undefined if the selection does not ask for them.
 * @returns The numbers of those chosen, rising.
 * @throws {UnrecError} If more people are to be drawn than there are.
 */
export function choose(
  path: string,
  selection: Selection,
  candidates: Runs,
  stretches: LabelStretches | undefined,
): Runs {
  const people = stretches && asksForCounts(selection) ? peopleOf(path, selection, candidates, stretches) : undefined;
  const chooser = new Chooser(selection, people);
  const chosen = new Runs();
  for (const { start, count, label } of piecesOf(candidates, stretches)) {
    chosen.append(start, chooser.take(label, count));
  }
  return chosen;
}

/** The labels that counting and drawing leave. */
function peopleOf(
  path: string,
  selection: Selection,
  candidates: Runs,
  stretches: LabelStretches,
): ReadonlySet<number> {
  const { minPerLabel = 1, sample, seed = 0 } = selection;
  const chooser = new Chooser(selection);
  const counts = new Map<number, number>();
  for (const { count, label } of piecesOf(candidates, stretches)) {
    if (!Number.isNaN(label) && chooser.wants(label)) counts.set(label, (counts.get(label) ?? 0) + count);
  }
  const people: number[] = [];
  for (const [label, count] of counts) if (count >= minPerLabel) people.push(label);
  if (sample === undefined) return new Set(people);
  if (sample > people.length) {
    throw new UnrecError(
      `Cannot draw ${sample} people of ${path}: there are only ${people.length} to draw from`,
    );
  }
  return new Set(drawLabels(people, sample, seed));
}

/** Neighbouring images with one label. */
interface Piece {
  /** Number of the first one. */
  start: number;
  /** How many. */
  count: number;
  /** Their label; NaN where it is not known. */
  label: number;
}

function* piecesOf(candidates: Runs, stretches: LabelStretches | undefined): Generator<Piece> {
  let stretch = 0;
  for (let run = 0; run < candidates.count; run++) {
    let start = candidates.starts[run];
    const end = start + candidates.lengthOf(run);
    if (stretches === undefined) {
      yield { start, count: end - start, label: NaN };
      continue;
    }
    const { starts, labels } = stretches;
    while (start < end) {
      while (starts[stretch + 1] <= start) stretch++;
      const count = Math.min(end, starts[stretch + 1]) - start;
      yield { start, count, label: labels[stretch] };
      start += count;
    }
  }
}
