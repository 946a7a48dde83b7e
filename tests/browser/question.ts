/** What the browser test asks its page, and what it answers; plain JSON. */
import type { EngineName } from "../../src/recordio/types.ts";

/** How to read which dataset. */
export interface PageQuestion {
  /** A folder of `tests/data`. */
  dataset: string;
  /** Which scanners. */
  engine: EngineName;
  /** Where the bytes come from. */
  from: "ranges" | "blob";
  /** How many bytes are read at once. */
  chunkBytes: number;
  /** How many come at once out of a blob, at most. */
  mostAtOnce: number;
}

/** What was read. */
export interface PageAnswer {
  /** The kind of the layout. */
  layout: string;
  /** The images, in the order they came. */
  images: { key: number; number: number; label: number; labels: number[]; id: string; sha256: string }[];
  /** What `get` gave of the key in the middle. */
  got: { key: number; sha256: string };
}
