import { NumberSet } from "./number_ranges.ts";
import type { Selection } from "./selection.ts";

/** Says of images that come in reading order which are wanted, as far as their labels and their count tell. */
export class Chooser {
  readonly #labels: NumberSet | undefined;
  readonly #excluded: NumberSet | undefined;
  /** Labels that counting and drawing leave; undefined if all. */
  readonly #people: ReadonlySet<number> | undefined;
  readonly #mostPerLabel: number | undefined;
  readonly #taken = new Map<number, number>();
  #left: number;

  /**
   * @param selection What is wanted.
   * @param people Labels that counting and drawing leave; undefined if all.
   */
  constructor({ labels, excludedLabels, maxPerLabel, limit }: Selection, people?: ReadonlySet<number>) {
    this.#labels = labels && new NumberSet(labels);
    this.#excluded = excludedLabels && new NumberSet(excludedLabels);
    this.#people = people;
    this.#mostPerLabel = maxPerLabel;
    this.#left = limit ?? Infinity;
  }

  /**
   * Whether images of a label are wanted at all.
   *
   * @param label The label; NaN where it cannot be read. Such an image may be one that is wanted, so it is.
   */
  wants(label: number): boolean {
    if (Number.isNaN(label)) return true;
    return this.#labels?.has(label) !== false && this.#excluded?.has(label) !== true &&
      this.#people?.has(label) !== false;
  }

  /**
   * Takes images of one label.
   *
   * @param label The label; NaN where it cannot be read.
   * @param images How many come.
   * @returns How many of them are wanted: the first ones.
   */
  take(label: number, images: number): number {
    if (this.#left === 0 || !this.wants(label)) return 0;
    let count = Math.min(images, this.#left);
    if (this.#mostPerLabel !== undefined && !Number.isNaN(label)) {
      const before = this.#taken.get(label) ?? 0;
      count = Math.min(count, this.#mostPerLabel - before);
      this.#taken.set(label, before + count);
    }
    this.#left -= count;
    return count;
  }
}
