import { propertyClasses } from "../dataset/classes.ts";
import type { SourceInfo } from "./dataset_info.ts";

/** What a `property` file says, and whether it is true. Plain data. */
export interface PropertyCheck {
  /** Its first line. */
  text: string;
  /** How many classes it names; null if it names no number. */
  classes: number | null;
  /** The size of the images that it names; null if it names none. */
  size: { width: number; height: number } | null;
  /**
   * Whether the labels are numbers of so many classes, the highest being one less; null if that is not known: no number is
   * named, or only some labels were seen, and these are low enough.
   */
  classesAreTrue: boolean | null;
  /** Whether all images that were looked at have that size; null if no size is named, or none is known. */
  sizeIsTrue: boolean | null;
}

/**
 * Compares what a `property` file says, `classes,height,width`, with the images.
 *
 * @param text Its first line.
 * @param info What is known of the images.
 */
export function checkProperty(text: string, { labels, labelBasis, looked, datasets }: SourceInfo): PropertyCheck {
  const classes = propertyClasses(text) ?? null;
  const [, height, width] = /^\d+,(\d{1,9}),(\d{1,9})$/.exec(text) ?? [];
  const size = width === undefined ? null : { width: Number(width), height: Number(height) };
  const areAllSeen = labelBasis !== "sample" && datasets.every(({ chosen }) => chosen === undefined);
  let classesAreTrue: boolean | null = null;
  if (classes !== null && labels !== undefined) {
    if (labels.highest >= classes || labels.lowest < 0) classesAreTrue = false;
    else if (areAllSeen) classesAreTrue = labels.highest === classes - 1;
  }
  const sizeIsTrue = size === null || looked.sizes.length === 0
    ? null
    : looked.sizes.every(({ width, height }) => width === size.width && height === size.height);
  return { text, classes, size, classesAreTrue, sizeIsTrue };
}
