import type { RecordView } from "../recordio/record_view.ts";
import type { Column } from "./columns.ts";

/** What is listed of a person. */
interface Person {
  /** The label. */
  label: number;
  /** How many images have it. */
  images: number;
  /** The bytes of these. */
  bytes: number;
  /** The number of the first of them in reading order. */
  number: number;
  /** The key of that one; null where keys are not known. */
  firstKey: number | null;
}

/** The columns of a list of people. */
export const PERSON_COLUMNS: readonly Column<Person>[] = [
  { name: "label", of: ({ label }) => label },
  { name: "images", of: ({ images }) => images },
  { name: "bytes", of: ({ bytes }) => bytes },
  { name: "firstKey", of: ({ firstKey }) => firstKey },
];

/** Counts the images of people. */
export class People {
  readonly #people = new Map<number, Person>();

  /**
   * Counts an image.
   *
   * @param view The image.
   */
  add({ label, length, number, key }: RecordView): void {
    const person = this.#people.get(label);
    if (person === undefined) {
      this.#people.set(label, { label, images: 1, bytes: length, number, firstKey: key ?? null });
      return;
    }
    person.images++;
    person.bytes += length;
    if (number < person.number) Object.assign(person, { number, firstKey: key ?? null });
  }

  /** All of them, in the order of their labels. */
  inOrder(): Person[] {
    return [...this.#people.values()].sort((a, b) => a.label - b.label);
  }
}
