import { type NumberRange, rangeText } from "./number_ranges.ts";

/**
 * Which images of a dataset are wanted. What is not given demands nothing. The conditions apply in the order of these
 * fields, everywhere; each one to what those before it leave. Numbers of images stay those of the whole dataset. Plain
 * data.
 */
export interface Selection {
  /** Keys of images in the index. */
  readonly keys?: readonly NumberRange[];
  /**
   * Labels, as the records or a list give them, before any shift; the whole part, by which folders are named. Where
   * identity records name the images, the first image of each decides for all that it names.
   */
  readonly labels?: readonly NumberRange[];
  /** Labels that are left out. */
  readonly excludedLabels?: readonly NumberRange[];
  /** Labels with fewer images are left out. */
  readonly minPerLabel?: number;
  /** How many labels, drawn at random. */
  readonly sample?: number;
  /** What {@linkcode Selection.sample} draws is fixed by this: 0 to 4,294,967,295. 0 if it is not given. */
  readonly seed?: number;
  /** At most so many images of each label, the first ones in reading order. */
  readonly maxPerLabel?: number;
  /** At most so many images, the first ones in reading order. */
  readonly limit?: number;
}

/** What was chosen of a dataset. Plain data. */
export interface SelectionFacts {
  /** How many images, those counted that cannot be read. */
  images: number;
  /** Labels that were asked for and that it does not have: as they were asked for, where nothing of a range is there. */
  absentLabels: NumberRange[];
  /** Keys that were asked for and that none of its images has. */
  absentKeys: NumberRange[];
  /** Ranges that are there in part. */
  partial: PartialRange[];
}

/** A range that was asked for and is there in part. Plain data. */
export interface PartialRange {
  /** What the range is of. */
  of: "labels" | "keys";
  /** The range. */
  range: NumberRange;
  /** How many of its numbers are there. */
  found: number;
}

/**
 * Whether labels have to be known to choose.
 *
 * @param selection What is wanted.
 */
export function asksForLabels(
  { labels, excludedLabels, minPerLabel, sample, maxPerLabel }: Selection,
): boolean {
  return [labels, excludedLabels, minPerLabel, sample, maxPerLabel].some((condition) => condition !== undefined);
}

/**
 * Whether all has to be known before anything can be chosen.
 *
 * @param selection What is wanted.
 */
export function asksForCounts({ minPerLabel, sample }: Selection): boolean {
  return minPerLabel !== undefined || sample !== undefined;
}

/**
 * Compares selections.
 *
 * @param before One.
 * @param now Another.
 * @param of Of what they choose, in words.
 * @returns The first condition that differs, in words; undefined if they choose the same.
 */
export function selectionDifference(before: Selection, now: Selection, of: string): string | undefined {
  for (const condition of Object.keys(NAMES) as (keyof Selection)[]) {
    const was = textOf(before[condition]);
    const is = textOf(now[condition]);
    if (was === is) continue;
    const long = was.length > LONGEST_TEXT || is.length > LONGEST_TEXT;
    return `${NAMES[condition]} ${of} ${long ? "is another" : `was ${was} and is ${is}`}`;
  }
  return undefined;
}

const NAMES: Record<keyof Selection, string> = {
  keys: "the choice of keys",
  labels: "the choice of labels",
  excludedLabels: "the choice of labels to leave out",
  minPerLabel: "the least number of images a label",
  sample: "the number of people drawn",
  seed: "the seed of the drawing",
  maxPerLabel: "the largest number of images a label",
  limit: "the largest number of images",
};

/** A list of labels can have thousands. */
const LONGEST_TEXT = 80;

function textOf(condition: Selection[keyof Selection]): string {
  if (condition === undefined) return "none";
  return typeof condition === "number" ? `${condition}` : condition.map(rangeText).join(",");
}
