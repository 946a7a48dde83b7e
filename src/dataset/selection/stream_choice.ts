import { labelProblem } from "../../recordio/label_kind.ts";
import type { RecordView } from "../../recordio/record_view.ts";
import { LabelSet } from "../label_set.ts";
import { Chooser } from "./chooser.ts";
import { lookFor, setOfLabels } from "./presence.ts";
import { asksForCounts, type Selection, type SelectionFacts } from "./selection.ts";

/**
 * Why a selection cannot be made of records as they come.
 *
 * @param selection What is wanted.
 * @returns Part of a sentence; undefined if it can be.
 */
export function whyNotStreamed(selection: Selection): string | undefined {
  if (selection.keys !== undefined) return "which record has which key is known only from the index";
  return asksForCounts(selection) ? "how many images a label has is known only when all were seen" : undefined;
}

/** Chooses images of a dataset as they come. */
export class StreamChoice {
  readonly #selection: Selection;
  readonly #chooser: Chooser;
  readonly #labels = new LabelSet();
  #images = 0;

  /** @param selection What is wanted; it can be chosen in a stream. */
  constructor(selection: Selection) {
    this.#selection = selection;
    this.#chooser = new Chooser(selection);
  }

  /**
   * Takes the next image.
   *
   * @param view The image.
   * @returns Whether it is wanted. One whose label cannot be read is: who takes it tells.
   */
  take(view: RecordView): boolean {
    const label = labelProblem(view) === undefined ? Math.trunc(view.headerLabel) : NaN;
    if (this.#selection.labels !== undefined && !Number.isNaN(label)) this.#labels.add(label);
    const isWanted = this.#chooser.take(label, 1) === 1;
    if (isWanted) this.#images++;
    return isWanted;
  }

  /** What there is to say of it, when all have come. */
  get facts(): SelectionFacts {
    const { absent, partial } = lookFor("labels", this.#selection.labels, () => setOfLabels(this.#labels));
    return { images: this.#images, absentLabels: absent, absentKeys: [], partial };
  }
}
