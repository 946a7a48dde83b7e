/** md5 sums that were published for a dataset, and what it is known by. */
export interface PublishedChecksums {
  /** Its name. */
  name: string;
  /** The number of classes in its `property` file. */
  classes: number;
  /** Lines of its `train.idx`. */
  indexLines: number;
  /** md5 of `train.rec`. */
  records: string;
  /** md5 of `train.idx`. */
  index: string;
}

/** Source: recognition/partial_fc/README.md of deepinsight/insightface; the lines are counted in its issue 1269. */
export const GLINT360K: PublishedChecksums = {
  name: "Glint360K",
  classes: 360_232,
  indexLines: 17_507_700,
  records: "8483be5af6f9906e19f85dee49132f8e",
  index: "5d9cd9f262ec87a5ca2eac5e703f7cdf",
};

/** What is known of a dataset whose sums were made. */
export interface Known {
  /** First line of its `property` file. */
  property: string | undefined;
  /** Lines of its index, if that can be read. */
  indexLines: number | undefined;
  /** md5 of its record file. */
  records: string;
  /** md5 of its index, if it has one. */
  index: string | undefined;
}

/**
 * Says by what a dataset is recognised as one whose sums were published: by either sum, by the classes that its
 * `property` file names, or by the lines of its index. One is enough, for what is damaged may lack the others.
 *
 * @param known What is known of it.
 * @param published The published one.
 * @returns Part of a sentence; undefined if it is another dataset.
 */
export function recognisedBy(known: Known, published: PublishedChecksums): string | undefined {
  if (known.records === published.records) return "the md5 sum of its records";
  if (known.index === published.index) return "the md5 sum of its index";
  if (Number(known.property?.split(",")[0]) === published.classes) return "the classes in its property file";
  if (known.indexLines === published.indexLines) return "the lines of its index";
  return undefined;
}
