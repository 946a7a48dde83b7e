/** What is known of a dataset whose images are files. Plain data. */
export interface ImagesFacts {
  /** What tells the images: folders, or a list. */
  from: "folder" | "list";
  /** How many different labels they have. */
  labels: number;
  /** Whether labels are the numbers of names, and not numbers that stand there. */
  named: boolean;
  /** One of the names that are no number where others are; undefined if there are none, or all are. */
  unlike?: string;
  /** How many labels a line of the list has, of which the first is taken. */
  labelsALine: number;
  /** Files that are not read. */
  left: LeftFiles;
}

/** Files that are not read, because their names are not those of images, or they are in no person's folder. Plain data. */
export interface LeftFiles {
  /** How many. */
  count: number;
  /** The first few. */
  first: string[];
}
