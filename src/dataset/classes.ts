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
