import type { DatasetFacts } from "./dataset.ts";

/** What was published of a dataset, and what it is known by. */
export interface PublishedSet {
  /** Its name. */
  name: string;
  /** The number of classes in its `property` file. */
  classes: number;
  /** How many images it has. */
  images: number;
  /** How many identity records it has. */
  identityRecords: number;
  /** Lines of its `train.idx`: the images, the identity records, record 0. */
  indexLines: number;
  /** md5 of `train.rec`. */
  records: string;
  /** md5 of `train.idx`. */
  index: string;
}

/** Source: recognition/partial_fc/README.md of deepinsight/insightface; the lines are counted in its issue 1269. */
export const GLINT360K: PublishedSet = {
  name: "Glint360K",
  classes: 360_232,
  images: 17_091_657,
  identityRecords: 416_042,
  indexLines: 17_507_700,
  records: "8483be5af6f9906e19f85dee49132f8e",
  index: "5d9cd9f262ec87a5ca2eac5e703f7cdf",
};

/** All that are known here. */
const PUBLISHED: readonly PublishedSet[] = [GLINT360K];

/**
 * The published dataset that has exactly as many images, identity records and lines of the index as another one.
 *
 * @param facts What is known of the other one.
 * @returns undefined if none has.
 */
export function publishedLike({ records, duplicateKeys, layout }: DatasetFacts): PublishedSet | undefined {
  return PUBLISHED.find(({ images, identityRecords, indexLines }) =>
    layout.images === images && layout.identityRecords === identityRecords && records + duplicateKeys === indexLines
  );
}
