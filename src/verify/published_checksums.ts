import type { PublishedSet } from "../dataset/published_sets.ts";

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
export function recognisedBy(known: Known, published: PublishedSet): string | undefined {
  if (known.records === published.records) return "the md5 sum of its records";
  if (known.index === published.index) return "the md5 sum of its index";
  if (Number(known.property?.split(",")[0]) === published.classes) return "the classes in its property file";
  if (known.indexLines === published.indexLines) return "the lines of its index";
  return undefined;
}
