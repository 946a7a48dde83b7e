import type { FieldValue, Named, Placeholder } from "./name_field.ts";
import type { NameTemplate, Segment } from "./name_template.ts";

/**
 * Names the files of images that come one after the other. Neighbours mostly share a folder; what follows from that is
 * written once for all of them.
 */
export class Namer {
  /** The folder of the image that was named last, as a path within the tree; empty for the tree's own. */
  folder = "";
  readonly #folders: readonly Segment[];
  readonly #file: Segment;
  /** The fields that the folder is made of, and what they were for the image that was named last. */
  readonly #folderPlaces: readonly Placeholder[];
  readonly #values: (FieldValue | undefined)[];
  /** Whether the folder is the one of these values. */
  #isThere = false;
  /** The fields that tell the files of a folder apart, and the text before, between and after them. */
  readonly #filePlaces: readonly Placeholder[];
  #head = "";
  readonly #tails: string[];

  /** @param template How files are named. */
  constructor({ segments, depth }: NameTemplate) {
    this.#folders = segments.slice(0, depth);
    this.#file = segments[depth];
    this.#folderPlaces = this.#folders.flatMap(({ places }) => places);
    this.#values = this.#folderPlaces.map(() => undefined);
    this.#filePlaces = this.#file.places.filter((place) => !this.#isOfFolder(place));
    this.#tails = this.#filePlaces.map(() => "");
  }

  /**
   * Goes to the folder of an image.
   *
   * @param record The image.
   * @returns Whether it is another one than that of the image before.
   * @throws {UnrecError} If what it is named by is not known.
   */
  goTo(record: Named): boolean {
    const places = this.#folderPlaces;
    const values = this.#values;
    for (let i = 0; i < places.length; i++) {
      const value = places[i].valueOf(record);
      if (value === values[i]) continue;
      values[i] = value;
      this.#isThere = false;
    }
    if (this.#isThere) return false;
    let folder = "";
    for (let i = 0; i < this.#folders.length; i++) folder += `${i > 0 ? "/" : ""}${textOf(this.#folders[i], record)}`;
    this.folder = folder;
    this.#writeTexts(record);
    this.#isThere = true;
    return true;
  }

  /**
   * The name of an image's file in its folder, to which this has gone.
   *
   * @param record The image.
   * @throws {UnrecError} If what it is named by is not known.
   */
  fileOf(record: Named): string {
    const places = this.#filePlaces;
    let text = this.#head;
    for (let i = 0; i < places.length; i++) text += places[i].textOf(record) + this.#tails[i];
    return text;
  }

  /**
   * The file of an image.
   *
   * @param record The image.
   * @returns A path within the tree.
   * @throws {UnrecError} If what it is named by is not known.
   */
  pathOf(record: Named): string {
    this.goTo(record);
    return this.folder === "" ? this.fileOf(record) : `${this.folder}/${this.fileOf(record)}`;
  }

  /** Whether a field in the name of a file is the same for all files of a folder. */
  #isOfFolder({ field }: Placeholder): boolean {
    return this.#folderPlaces.some((place) => place.field === field && place.divisor === 1);
  }

  /** Writes what names of files have besides the fields that tell them apart. */
  #writeTexts(record: Named): void {
    const { texts, places } = this.#file;
    let text = texts[0];
    let own = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i];
      if (place === this.#filePlaces[own]) {
        this.#setText(own++, text);
        text = "";
      } else {
        text += place.textOf(record);
      }
      text += texts[i + 1];
    }
    this.#setText(own, text);
  }

  /** Sets the text that comes before one of the fields, or after the last one. */
  #setText(i: number, text: string): void {
    if (i === 0) this.#head = text;
    else this.#tails[i - 1] = text;
  }
}

function textOf({ texts, places }: Segment, record: Named): string {
  let text = texts[0];
  for (let i = 0; i < places.length; i++) text += places[i].textOf(record) + texts[i + 1];
  return text;
}
