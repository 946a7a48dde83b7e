import { type Distribution, distributionOf } from "./distribution.ts";

/** The labels of a dataset in figures. Plain data. */
export interface LabelFigures {
  /** How many different labels there are. */
  labels: number;
  /** The lowest. */
  lowest: number;
  /** The highest. */
  highest: number;
  /** Whole numbers between these that no image has as its label. */
  absent: number;
  /** How many rows of neighbouring numbers these are. */
  gaps: number;
  /** How many images a label has. */
  imagesPerLabel: Distribution;
}

/** Whole numbers from 0 up to this are counted in a list; the labels of all known datasets are. */
const LISTED = 2 ** 24;

/** Counts the images of each label. */
export class LabelCounts {
  /** Images of the labels 0, 1, 2, and so on: a set of the size of Glint360K takes a tenth of what a map would. */
  #listed = new Uint32Array(1024);
  readonly #others = new Map<number, number>();

  /**
   * Counts images.
   *
   * @param label Their label as it is given. Its whole part counts, by which folders are named.
   * @param images How many.
   */
  add(label: number, images: number): void {
    const whole = Math.trunc(label);
    if (!(whole >= 0 && whole < LISTED)) {
      this.#others.set(whole, (this.#others.get(whole) ?? 0) + images);
      return;
    }
    if (whole >= this.#listed.length) {
      const larger = new Uint32Array(2 ** Math.ceil(Math.log2(whole + 1)));
      larger.set(this.#listed);
      this.#listed = larger;
    }
    this.#listed[whole] += images;
  }

  /** The figures; undefined as long as there is no label. */
  get figures(): LabelFigures | undefined {
    let labels = 0;
    let gaps = 0;
    let lowest = NaN;
    let highest = NaN;
    for (const [label] of this.#all()) {
      if (labels++ === 0) lowest = label;
      else if (label - highest > 1) gaps++;
      highest = label;
    }
    const imagesPerLabel = distributionOf(Array.from(this.#all(), ([, images]) => images));
    if (imagesPerLabel === undefined) return undefined;
    return { labels, lowest, highest, absent: highest - lowest + 1 - labels, gaps, imagesPerLabel };
  }

  /** Labels and how many images each has, in rising order. */
  *#all(): Generator<[label: number, images: number]> {
    const others = Array.from(this.#others).sort(([a], [b]) => a - b);
    yield* others.filter(([label]) => label < 0);
    for (let label = 0; label < this.#listed.length; label++) {
      if (this.#listed[label] > 0) yield [label, this.#listed[label]];
    }
    yield* others.filter(([label]) => label > 0);
  }
}
