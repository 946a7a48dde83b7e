import type { ImagesFacts } from "../dataset/images_facts.ts";
import { counted } from "./numbers.ts";
import { printable } from "./printable.ts";

/**
 * What is to be known of images that are files.
 *
 * @param path The folder, or the list.
 * @param facts What is known of them.
 * @returns A sentence each.
 */
export function imagesNotes(path: string, { unlike, labelsALine, left: { count, first } }: ImagesFacts): string[] {
  const notes: string[] = [];
  if (unlike !== undefined) {
    notes.push(
      `${path} has folders with numbers for names and others, such as ${
        printable(unlike)
      }: so all are numbered in the ` +
        "order of their names, and no number is taken for a label",
    );
  }
  if (labelsALine > 1) {
    notes.push(`${path} has ${labelsALine} labels a line, of which the first is taken for the class`);
  }
  if (count > 0) {
    const some = count > first.length ? `${first.join(", ")} and others` : first.join(", ");
    notes.push(
      `${path} has ${counted(count, "file")} that ${count === 1 ? "is" : "are"} left out, for want of the name of an ` +
        `image or of a person's folder: ${some}`,
    );
  }
  return notes;
}
