import { UnrecError } from "../errors.ts";

/**
 * The number of classes that a `property` file names.
 *
 * @param property Its first line, if there is one.
 * @returns A whole number above 0; undefined if it says none.
 */
export function propertyClasses(property: string | undefined): number | undefined {
  const classes = Number(/^\d{1,15}/.exec(property ?? "")?.[0]);
  return classes > 0 ? classes : undefined;
}

/** What a `property` file says and what the images have, where the two differ. Plain data. */
export interface PropertyDifference {
  /** The dataset's record file. */
  path: string;
  /** The file's first line. */
  property: string;
  /** How many classes it names; null if it names no number. */
  classes: number | null;
  /** How many different labels the images have. */
  labels: number;
  /** The greatest of them. */
  highest: number;
  /** Whether a label is too large for so many classes. */
  exceeded: boolean;
}

/**
 * Compares what a `property` file says with the labels of the images: classes count from 0.
 *
 * @param dataset The record file, the first line of its `property` file, if there is one, and whether only some of its
 * images were chosen: then it can only be seen that there are too few classes.
 * @param labels How many different labels the images have, and the greatest, as the records or the list have it.
 * @returns How they differ; undefined if they do not, or there is nothing to compare.
 */
export function compareProperty(
  { path, property, chosen }: { path: string; property?: string; chosen?: unknown },
  { size, highest }: { size: number; highest: number },
): PropertyDifference | undefined {
  if (property === undefined || size === 0) return undefined;
  const classes = propertyClasses(property) ?? null;
  // Labels that nobody has are common where people were left out.
  const exceeded = classes !== null && highest >= classes;
  if (classes === highest + 1 || chosen !== undefined && !exceeded) return undefined;
  return { path, property, classes, labels: size, highest, exceeded };
}

/** Whether a label counts classes: a whole number from 0 on that a double holds exactly. */
export function isClass(label: number): boolean {
  return Number.isSafeInteger(label) && label >= 0;
}

/**
 * Says that a label cannot be shifted past those of other datasets.
 *
 * @param path The record file.
 * @param key The image.
 * @param label Its label.
 */
export function notAClass(path: string, key: number | undefined, label: number): UnrecError {
  return new UnrecError(
    `Cannot relabel the images of ${path}: key ${
      key ?? "unknown"
    } has the label ${label}, and only whole numbers from 0 ` +
      "on can be shifted",
    { kind: "text", text: "decode this dataset by itself, into a folder of its own" },
  );
}
