import type { DatasetFacts } from "../dataset/dataset.ts";
import { rangeText } from "../dataset/selection/number_ranges.ts";
import { counted, grouped } from "./numbers.ts";

/** Ranges that are told one by one; a list can have thousands. */
const MOST_RANGES = 5;

/**
 * Says which ranges that were asked for are there in part.
 *
 * @param dataset What is known of the dataset that was asked.
 * @returns A line each.
 */
export function partialNotes({ path, chosen }: DatasetFacts): string[] {
  const partial = chosen?.partial ?? [];
  const lines = partial.slice(0, MOST_RANGES).map(({ of, range, found }) =>
    `${path}: of the ${of} ${rangeText(range)} it has ${grouped(found)}`
  );
  const more = partial.length - MOST_RANGES;
  return more > 0 ? [...lines, `${path}: and ${counted(more, "more range")} are there in part`] : lines;
}
