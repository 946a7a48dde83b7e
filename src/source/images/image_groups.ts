import { basename } from "node:path";
import { PAYLOAD_KINDS } from "../../recordio/payload_kind.ts";
import type { LeftFiles } from "../../dataset/images_facts.ts";
import type { ListForm } from "../../dataset/list_form.ts";

/** An image in a file of its own. */
export interface ImageFile {
  /** Its path. */
  path: string;
  /** Its class. */
  label: number;
}

/**
 * Images that follow each other, few enough for all their names to be in memory: those of a person's folder, or those
 * that some lines of a list name. Plain data.
 */
export type ImageGroup =
  | {
    kind: "folder";
    /** The folder. */
    path: string;
    /** The class of all of them. */
    label: number;
  }
  | {
    kind: "lines";
    /** The list. */
    path: string;
    /** How its lines are built. */
    form: ListForm;
    /** The number of the first of these lines. */
    line: number;
    /** The bytes of the list that they are: from the first one to the one after the last. */
    bytes: [from: number, end: number];
  };

/** A group, and where its images are among all. Plain data. */
export interface PlacedGroup {
  group: ImageGroup;
  /** The number of its first image. */
  first: number;
  /** How many images it has, at least one. */
  images: number;
  /** Where the record of the first one begins. */
  offset: number;
}

/** What a look at all images gave. */
export interface FoundImages {
  /** The groups, in reading order, and how many images each has. */
  groups: { group: ImageGroup; images: number }[];
  /** Bytes of every image, in reading order. */
  sizes: Uint32Array<SharedArrayBuffer>;
  /** A sum of their names, and of the bytes of each. */
  names: string;
  /** When the last one was changed that was, in milliseconds since 1970. */
  changed: number;
  /** The label of every image. */
  labels: Float64Array<ArrayBuffer>;
  /** The names that labels stand for, label 0 first; undefined if they are numbers themselves. */
  classes: string[] | undefined;
  /** One of the names that are no number where others are; undefined if there are none, or all are. */
  unlike: string | undefined;
  /** How many labels a line has, of which the first is taken; 1 without a list. */
  labelsALine: number;
  /** Files beside the images. */
  left: LeftFiles;
}

/** What names of images end in. A `.bin` can be one too, but mostly is a verification set. */
const EXTENSIONS = new Set([
  ...Object.values(PAYLOAD_KINDS).map(({ extension }) => extension).filter((extension) => extension !== "bin"),
  ...["jpeg", "jpe", "tiff"],
]);

/**
 * Whether a file is an image by its name.
 *
 * @param name The name, or a path.
 */
export function isImageName(name: string): boolean {
  const dot = name.lastIndexOf(".");
  return dot >= 0 && EXTENSIONS.has(name.slice(dot + 1).toLowerCase());
}

/**
 * The label that a person's folder has in its name: `id_7`, `0007`, `7`.
 *
 * @param path The folder.
 * @returns NaN if it has another kind of name.
 */
export function labelInName(path: string): number {
  const digits = /^(?:id_)?(-?\d+)$/.exec(basename(path))?.[1];
  return digits === undefined ? NaN : Number(digits);
}
