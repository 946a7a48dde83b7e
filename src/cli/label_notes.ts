import type { PropertyDifference } from "../dataset/classes.ts";
import type { LabelListFacts } from "../dataset/label_list.ts";
import { counted, grouped } from "./numbers.ts";

/** What is odd about the labels of a dataset, though they can be read: as JSON has it. */
export interface LabelNote {
  /** What has them: the dataset, or the list. */
  path: string;
  /** What it is. */
  kind: "property" | "label-list";
  /** The same in a sentence. */
  text: string;
}

/**
 * Says that a `property` file and the images differ.
 *
 * @param difference What each of them says.
 */
export function propertyNote({ path, property, classes, labels, highest, exceeded }: PropertyDifference): LabelNote {
  const what = classes === null
    ? `the property file of ${path} names no number of classes: ${property}; its images have ${
      counted(labels, "label")
    }`
    : `the property file of ${path} says ${counted(classes, "class")}, and its images have ${
      counted(labels, "label")
    }, the highest ${grouped(highest)}`;
  const so = exceeded ? `; a training with ${counted(classes!, "class")} has no place for that one` : "";
  return { path, kind: "property", text: what + so };
}

/**
 * What is to be known of a list that labels were taken from.
 *
 * @param list What is known of it.
 */
export function listNotes({ path, by, labelsALine, otherKeys }: LabelListFacts): LabelNote[] {
  const notes: string[] = [];
  if (by === "place") {
    notes.push(
      `${path} has no keys: its lines are taken for the images in reading order, the first for the first image`,
    );
  }
  if (labelsALine > 1) {
    notes.push(`${path} has ${labelsALine} labels a line, of which the first is taken for the class`);
  }
  if (otherKeys > 0) notes.push(`${path} has ${counted(otherKeys, "line")} for keys that the dataset does not have`);
  return notes.map((text) => ({ path, kind: "label-list", text }));
}
