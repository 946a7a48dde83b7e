import type { Traffic } from "../bytes/traffic.ts";
import type { KindCounts } from "../dataset/image_kinds.ts";
import type { PropertyDifference } from "../dataset/classes.ts";
import type { LabelListFacts } from "../dataset/label_list.ts";
import type { Layout } from "../dataset/layout.ts";
import type { UnrecError } from "../errors.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import type { Decoded } from "./decoding.ts";
import type { Findings } from "./findings.ts";

/** The md5 sums of a dataset, and what they say. */
export interface Checksums {
  /** Of the record file. */
  records: string;
  /** Of the index, if there is one. */
  index: string | undefined;
  /** By what it is recognised as Glint360K; undefined if it is another dataset. */
  recognisedBy: string | undefined;
  /** Files that differ from the published ones. */
  differing: string[];
}

/** What was found in a dataset. */
export interface DatasetVerification {
  /** Its files. */
  place: DatasetPlace;
  /** Size of the record file in bytes. */
  bytes: number;
  /** Lines of the index that name a key for the first time; undefined if it cannot be read. */
  keys: number | undefined;
  /** Its layout, if index and layout can be read. */
  layout: Layout | undefined;
  /** Records. */
  records: number;
  /** Frames that they are stored in. */
  frames: number;
  /** Records stored in several parts. */
  multiPartRecords: number;
  /** Labels of the images, each once. */
  labels: number;
  /** The least label; Infinity if there is none. */
  lowestLabel: number;
  /** The greatest label; -Infinity if there is none. */
  highestLabel: number;
  /** What its `property` file says otherwise; undefined if it says the same, or cannot be compared. */
  property: PropertyDifference | undefined;
  /** The list that its labels are taken from, if they are. */
  labelList: LabelListFacts | undefined;
  /** Bytes that belong to no record. */
  damagedBytes: number;
  /** Why index or layout cannot be read. */
  problem: UnrecError | undefined;
  /** What is wrong with the dataset. */
  findings: Findings;
  /** Of which kinds its images are that have a label. */
  kinds: KindCounts;
  /** What decoding its images gave, if that was asked for. */
  decoded: Decoded | undefined;
  /** The md5 sums, if they were asked for. */
  checksums: Checksums | undefined;
}

/** What was found in a tree. */
export interface TreeVerification {
  /** Images that have their file there, and nothing is wrong with it. */
  matching: number;
  /** Images that should. */
  images: number;
  /** Why it cannot be compared. */
  problem: string | undefined;
  /** What is wrong. */
  findings: Findings;
}

/** What verifying found. */
export interface VerifyReport {
  /** Each dataset. */
  datasets: DatasetVerification[];
  /** The tree, if there is one to compare with. */
  tree: TreeVerification | undefined;
  /** What went over a network, if something is at a URL. */
  traffic?: Traffic;
}
