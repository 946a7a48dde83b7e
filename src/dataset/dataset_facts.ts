import type { ImagesFacts } from "./images_facts.ts";
import type { LabelListFacts } from "./label_list.ts";
import type { LayoutFacts } from "./layout.ts";
import type { SelectionFacts } from "./selection/selection.ts";

/** What is known of a dataset that is open, or was read. Plain data. */
export interface DatasetFacts {
  /** Name of its record file. */
  path: string;
  /**
   * Its layout, without the order.
   *
   * @ignore
   */
  layout: LayoutFacts;
  /** How many records its index has. */
  records: number;
  /** How many lines of its index named a key again. */
  duplicateKeys: number;
  /** The `property` file's first line, if there is one: classes, height, width. */
  property?: string;
  /** The list that its labels are taken from, if they are. */
  labelList?: LabelListFacts;
  /** What was chosen of it, if not all is wanted. */
  chosen?: SelectionFacts;
  /**
   * What is known of its images, if they are files.
   *
   * @ignore
   */
  images?: ImagesFacts;
}
