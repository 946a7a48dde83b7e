import type { Written } from "../decode/image_writer.ts";
import type { EngineName } from "../recordio/types.ts";
import type { Findings } from "./findings.ts";

/** A stretch of a record file to be verified: all records that begin in it. Plain data. */
export interface VerifyTask {
  /** Which dataset, from 0. */
  dataset: number;
  /** Byte of the file where the stretch begins. */
  start: number;
  /** Behind its last byte. */
  end: number;
  /** Byte where its first record begins, or should, if that is known; else it is searched for. */
  first: number | undefined;
  /** The images in it, as the index and the layout have them; undefined if there is no layout. */
  images: TaskImages | undefined;
  /** What is added to labels. */
  labelShift: number;
}

/** Images of a stretch, in the order of the file. */
export interface TaskImages {
  /** Where they begin, bytes from the start of the stretch, rising; twice when an image is named twice. */
  offsets: Uint32Array<ArrayBuffer>;
  /** Their places in reading order, over all datasets. */
  ordinals: Uint32Array<ArrayBuffer>;
}

/** What was found in a stretch. Plain data. */
export interface VerifyOutcome extends Written {
  /** Byte where its first record begins. */
  first: number;
  /** Byte where the first record behind the stretch begins. */
  next: number;
  /** Records. */
  records: number;
  /** Frames that they are stored in. */
  frames: number;
  /** Records stored in several parts. */
  multiPartRecords: number;
  /** Where the records begin, bytes from the start of the stretch. */
  offsets: Uint32Array<ArrayBuffer>;
  /** Labels of the images, shifted, each once. */
  labels: Float64Array<ArrayBuffer>;
  /** Bytes that belong to no record. */
  damagedBytes: number;
  /** What is wrong. */
  findings: Findings;
  /** With a tree: the ordinals of images that have a file there, or should. */
  fileOrdinals: Uint32Array<ArrayBuffer>;
  /** With a tree: their labels. */
  fileLabels: Float64Array<ArrayBuffer>;
  /** The md5 sum of the whole file, if it was asked for and this is the last stretch. */
  md5?: string;
  /** Why the task ended early. */
  failure?: string;
}

/** What a runner needs to know. Plain data. */
export interface VerifySetup {
  /** The record file of each dataset. */
  files: string[];
  /** Which scanners read them. */
  engine: EngineName;
  /** How many bytes are read at once. */
  chunkBytes: number;
  /** The tree to compare with. */
  tree: string | undefined;
  /** Whether the bytes of its files are compared. */
  deep: boolean;
  /** Whether md5 sums are made; stretches must be given in the order of the file then. */
  md5: boolean;
  /** Not 0 when running tasks should stop. Shared between threads. */
  stop: Int32Array<SharedArrayBuffer>;
}
