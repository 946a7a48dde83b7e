/**
 * How files are named: `id_{label}/{label}_{number}.jpg`. A template is one text that makes the name of every image, and
 * that tells of any name whether it is one of those. It is refused unless no two images can have one name, and no name
 * can lead out of the folder that it is given for.
 *
 * @module
 */
import { UnrecError } from "../errors.ts";
import { FIELD_NAMES, type FieldName, Placeholder } from "./name_field.ts";

/** The names of the reference tree, which the usual script writes. */
export const REFERENCE_NAMES = "id_{label}/{label}_{number}.jpg";

/** What a name says of its image. */
export interface NameFacts {
  /** Its label, if the name has that as it is. */
  label: number | undefined;
  /** Its number, if the name has that as it is. */
  number: number | undefined;
}

/** About how many folders a tree has. */
export interface FolderCounts {
  /** In all. */
  folders: number;
  /** In the one that has the most. */
  most: number;
  /** The level of those, from 0. */
  level: number;
}

/** A part of a template between two slashes: a text, a field, a text, a field, and so on; a text at both ends. */
export interface Segment {
  /** The texts, one more than there are fields; empty where there is none. */
  texts: string[];
  /** The fields. */
  places: Placeholder[];
}

/** File systems hold no longer ones. */
const MOST_SEGMENT_BYTES = 255;

/** What a run keeps in the folder itself; and what the system does, where it is the root of a disk. */
const TAKEN = ["lost.tsv", "classes.tsv", "lost+found"];

/** What a terminal would act upon, or nobody sees. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** In so many folders the folders of one are spread. */
const SPREAD = 1000;

/** Names of files, made from records. */
export class NameTemplate {
  /** As it was given. */
  readonly text: string;
  /** The fields in it. */
  readonly fields: ReadonlySet<FieldName>;
  /** How many folders every name goes through. */
  readonly depth: number;
  /** Its parts between slashes, the last of which names the file. */
  readonly segments: readonly Segment[];
  /** For each count of segments what paths of so many look like. */
  readonly #patterns: readonly RegExp[];

  /**
   * Reads a template.
   *
   * @param text Text with fields in braces: `{label}`, `{label:06}` filled up with zeros to six characters,
   * `{label/1000}` divided by a number. `{{` and `}}` are braces, `/` parts folders.
   * @throws {UnrecError} If it is none, or if two images could have one name.
   */
  constructor(text: string) {
    this.text = text;
    this.segments = segmentsOf(text);
    this.segments.forEach((segment, i) => checkSegment(segment, i, this.segments.length, text));
    this.depth = this.segments.length - 1;
    this.fields = new Set(this.segments.flatMap(({ places }) => places.map(({ field }) => field)));
    this.#patterns = this.segments.map((_, i) =>
      new RegExp(`^${this.segments.slice(0, i + 1).map(patternOf).join("/")}$`, "u")
    );
    if (this.#tells("number") || this.#tells("key") || this.#tells("label") && this.#tells("index")) return;
    throw refusal(text, "two images could have one name; add {number}, or {label} and {index}");
  }

  /** Whether every name tells the number of its image. */
  get tellsNumber(): boolean {
    return this.#tells("number");
  }

  /** Whether names are told apart by keys alone, which are of one dataset and there of one image. */
  get isByKey(): boolean {
    return !this.#tells("number") && !(this.#tells("label") && this.#tells("index"));
  }

  /** Through how many folders, from the first on, the way of an image is known from its label, which they tell. */
  get labelDepth(): number {
    const own = this.segments.slice(0, this.depth);
    const other = own.findIndex(({ places }) => places.some(({ field }) => field !== "label"));
    const known = other < 0 ? this.depth : other;
    return this.#tells("label", known) ? known : 0;
  }

  /** For each part of a name between two slashes a text as long, in bytes, as it can be. */
  get longest(): string[] {
    return this.segments.map((segment) => "x".repeat(bytesOf(segment)));
  }

  /**
   * Reads the path of a file or, with fewer parts, of a folder.
   *
   * @param path Any path within a tree.
   * @returns What it says; undefined if no image has this path, or goes through this folder.
   */
  read(path: string): NameFacts | undefined {
    const parts = path.split("/").length;
    const found = this.#patterns[parts - 1]?.exec(path)?.slice(1);
    if (found === undefined) return undefined;
    const places = this.segments.slice(0, parts).flatMap(({ places }) => places);
    const known = new Map<FieldName, ReturnType<Placeholder["read"]>>();
    for (const [i, place] of places.entries()) {
      const value = place.read(found[i]);
      if (value === undefined) return undefined;
      if (place.divisor === 1) known.set(place.field, value);
    }
    // What stands in a name twice stands there for one image.
    const agrees = places.every((place, i) => {
      const value = known.get(place.field);
      return value === undefined || place.write(value) === found[i];
    });
    if (!agrees) return undefined;
    return { label: known.get("label") as number | undefined, number: known.get("number") as number | undefined };
  }

  /**
   * About how many folders are needed.
   *
   * @param labels How many labels there are.
   * @param images How many images.
   */
  folderCounts(labels: number, images: number): FolderCounts {
    const values: Record<FieldName, number> = {
      label: labels,
      number: images,
      key: images,
      id: images,
      identity: labels,
      index: Math.ceil(images / Math.max(1, labels)),
      ext: 1,
    };
    /** How many different values the fields have so far. */
    const counts = new Map<FieldName, number>();
    let before = 1;
    let folders = 0;
    let most = 0;
    let level = 0;
    for (const [i, { places }] of this.segments.slice(0, this.depth).entries()) {
      for (const { field, divisor } of places) {
        counts.set(field, Math.max(counts.get(field) ?? 0, Math.ceil(values[field] / divisor)));
      }
      const here = Math.min(images, [...counts.values()].reduce((product, count) => product * count, 1));
      folders += here;
      if (here / before > most) {
        most = Math.ceil(here / before);
        level = i;
      }
      before = Math.max(1, here);
    }
    return { folders, most, level };
  }

  /**
   * A template that spreads the folders in one folder over more of them.
   *
   * @param level The level of these folders, from 0.
   * @returns The template; undefined if nothing in their names can be divided.
   */
  spread(level: number): string | undefined {
    const place = this.segments[level].places.find(({ field }) => field !== "ext");
    return place && `{${place.field}/${place.divisor * SPREAD}}/${this.text}`;
  }

  /** Whether names, or their first few parts, have a field as it is. */
  #tells(field: FieldName, segments = this.depth + 1): boolean {
    return this.segments.slice(0, segments).some(({ places }) =>
      places.some((place) => place.field === field && place.divisor === 1)
    );
  }
}

function patternOf({ texts, places }: Segment): string {
  return texts.map((text, i) => `${i === 0 ? "" : `(${places[i - 1].pattern})`}${RegExp.escape(text)}`).join("");
}

function bytesOf({ texts, places }: Segment): number {
  return new TextEncoder().encode(texts.join("")).length + places.reduce((sum, { most }) => sum + most, 0);
}

function refusal(text: string, why: string): UnrecError {
  return new UnrecError(`Cannot name files by ${text}: ${why}`);
}

/** Takes a template apart. */
function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = [{ texts: [""], places: [] }];
  for (const [part, field] of text.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[^{}]+|./gsu)) {
    const segment = segments[segments.length - 1];
    if (field !== undefined) {
      segment.places.push(placeholderOf(field, text));
      segment.texts.push("");
      continue;
    }
    if (part === "{" || part === "}") throw refusal(text, `a ${part} stands alone; give ${part}${part} for a brace`);
    const [first, ...others] = (part === "{{" || part === "}}" ? part[0] : part).split("/");
    segment.texts.push(segment.texts.pop()! + first);
    for (const other of others) segments.push({ texts: [other], places: [] });
  }
  return segments;
}

/** Reads what stands in braces. */
function placeholderOf(inner: string, text: string): Placeholder {
  const [, name, divisor, format] = /^([^/:]*)(?:\/([^:]*))?(?::(.*))?$/s.exec(inner)!;
  const field = FIELD_NAMES.find((field) => field === name);
  if (field === undefined) {
    const all = FIELD_NAMES.map((name) => `{${name}}`).join(", ");
    throw refusal(text, `there is no field {${inner}}; there are ${all}`);
  }
  if (field === "ext" && inner !== "ext") throw refusal(text, "{ext} is letters; give it as it is");
  if (divisor !== undefined && !/^[1-9]\d{0,14}$/.test(divisor)) {
    throw refusal(text, `{${inner}} is to be divided by a whole number: {${field}/1000}`);
  }
  if (format !== undefined && !/^0[1-9]\d?$/.test(format)) {
    throw refusal(text, `{${inner}} can be filled up with zeros to a number of characters: {${field}:06}`);
  }
  return new Placeholder(field, Number(divisor ?? 1), Number(format ?? 0));
}

/** Refuses what leads elsewhere, what not every file system takes, and what can be read in two ways. */
function checkSegment(segment: Segment, i: number, count: number, text: string): void {
  const { texts, places } = segment;
  const whole = texts.join("");
  if (whole === "" && places.length === 0) {
    throw refusal(
      text,
      i === count - 1
        ? "it names no file"
        : i === 0
        ? "it begins with a slash, and files are within the output"
        : "two slashes follow each other",
    );
  }
  if (texts[0].startsWith(".")) throw refusal(text, "a name in it begins with a dot");
  if (UNSEEN.test(whole)) throw refusal(text, "it has characters that cannot be seen");
  if (whole.includes("\\")) throw refusal(text, "it has a backslash, which parts folders on some systems");
  if (i === 0 && places.length === 0 && TAKEN.includes(whole.toLowerCase())) {
    throw refusal(text, `${whole} is something else in the output`);
  }
  const bytes = bytesOf(segment);
  if (bytes > MOST_SEGMENT_BYTES) {
    throw refusal(text, `a name in it can have ${bytes} bytes, and ${MOST_SEGMENT_BYTES} are the most`);
  }
  // Where the text between two fields begins with something that the first one cannot go on with, a name can be read in
  // one way only, so that different images have different names. The last field ends where the text after it begins.
  for (let k = 1; k < places.length; k++) {
    const { field } = places[k - 1];
    const [goesOn, what] = field === "ext" ? [/^[a-z]/, "letter"] : [/^\d/, "digit"];
    if (texts[k] !== "" && !goesOn.test(texts[k])) continue;
    throw refusal(
      text,
      `two images could have one name: between {${field}} and {${
        places[k].field
      }} there must be text, and it must not ` +
        `begin with a ${what}`,
    );
  }
}
