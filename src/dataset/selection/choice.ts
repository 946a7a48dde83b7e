import type { Layout } from "../layout.ts";
import type { SelectionFacts } from "./selection.ts";

/** The labels of images in reading order, as stretches of neighbours that have the same one. */
export interface LabelStretches {
  /** The number of each stretch's first image, rising, and last the number of images. */
  starts: Float64Array<ArrayBuffer>;
  /** The label of each stretch; NaN where it cannot be read. */
  labels: Float64Array<ArrayBuffer>;
}

/** What was chosen of a dataset. */
export interface Choice {
  /** The layout of what was chosen: numbers are those of the whole dataset. */
  layout: Layout;
  /** The labels that the images were chosen by, where one image told those of others: each is to be compared. */
  told: LabelStretches | undefined;
  /** What there is to say of it. */
  facts: SelectionFacts;
}
