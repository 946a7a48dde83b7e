import type { Dataset, DatasetFacts } from "../dataset/dataset.ts";
import type { Layout } from "../dataset/layout.ts";
import { visitSpread } from "../dataset/spread.ts";
import { unindexedError } from "../dataset/survey.ts";
import { readToldLabels, singleImages, tellingImages } from "../dataset/told_labels.ts";
import type { UnrecError } from "../errors.ts";
import { FRAME_HEADER_BYTES } from "../recordio/constants.ts";
import { labelProblem } from "../recordio/label_kind.ts";
import type { RecordProblem } from "../recordio/problem.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { ImageCounts, type ImageFigures } from "./image_counts.ts";
import { LabelCounts, type LabelFigures } from "./label_counts.ts";

/**
 * By what the labels are counted: by `images`, each of which was asked; by `identity-records`, for which their first image
 * speaks; or not at all, and what is known comes from a `sample` of the images.
 */
export type LabelBasis = "images" | "identity-records" | "sample";

/** What a source holds, in figures. */
export interface SourceInfo {
  /** Its datasets. */
  datasets: readonly DatasetFacts[];
  /** How many images it has: those that are chosen, if not all are. */
  images: number;
  /** Those that were looked at. */
  looked: ImageFigures;
  /** Whether these are all. */
  isAll: boolean;
  /** Its labels; undefined if there are none. */
  labels: LabelFigures | undefined;
  /** By what these are counted. */
  labelBasis: LabelBasis;
  /** Images that were to be looked at, and cannot be read or have no label. */
  lostImages: number;
  /** Why the first one cannot be; or, where all were looked at, that the file has more than its index names. */
  problem: UnrecError | undefined;
}

/** How much of a dataset is looked at. */
export interface LookOptions {
  /** How many images are looked at, spread over the set; Infinity for all. At least 2. */
  images: number;
  /** Labels are read one by one where this many reads are enough. */
  labelReads: number;
  /**
   * Called after each read; it may wait. What it throws ends the look.
   *
   * @param done How many images were looked at, or asked for their label.
   * @param total Of how many.
   */
  onStep?(done: number, total: number): void | Promise<void>;
}

/** Images looked at, spread over a set. */
export const SAMPLE_IMAGES = 1000;

/** No set has as many identity records, and as many reads of a file take about half a second. */
export const MOST_LABEL_READS = 2 ** 19;

/** At a URL, where each is a request, no more labels than these are read one by one. */
export const MOST_LABEL_REQUESTS = 2 ** 10;

/**
 * Looks at a dataset: at all images or, in a large one, at some of them, and at what tells the labels of all.
 *
 * @param dataset The dataset.
 * @param options How much of it.
 */
export async function datasetInfo(dataset: Dataset, options: LookOptions): Promise<SourceInfo> {
  const { layout: { order } } = dataset;
  const look = new Look();
  const isAll = order.length <= options.images;
  const passed = isAll ? (offset: number) => void dataset.notePassed(offset) : undefined;
  const visitor = { record: look.record.bind(look), lost: look.lost.bind(look), passed };
  await visitSpread(dataset, options.images, visitor, () => {
    return options.onStep?.(look.images.images + look.lostImages, Math.min(order.length, options.images));
  });
  const told = isAll ? undefined : await countTold(dataset, look, options);
  const [labelBasis, labels] = told ?? [isAll ? "images" : "sample", look.labels];
  const problem = look.firstProblem ? dataset.explain(look.firstProblem) : await unindexedIn(dataset);
  return {
    datasets: [dataset.facts],
    images: order.length,
    looked: look.images.figures,
    isAll,
    labels: labels.figures,
    labelBasis,
    lostImages: look.lostImages,
    problem,
  };
}

/** Says that the file has more than its index names, if that was met. */
async function unindexedIn(dataset: Dataset): Promise<UnrecError | undefined> {
  const { unindexed, path } = dataset;
  if (unindexed.places === 0) return undefined;
  unindexed.look(await dataset.read((cursor) => cursor.peek(unindexed.first, FRAME_HEADER_BYTES), LEAST_CHUNK_BYTES));
  return unindexedError(path, unindexed);
}

/** For a few bytes. */
const LEAST_CHUNK_BYTES = 256;

/** Counts images and their labels as they are read. */
export class Look {
  /** The images. */
  readonly images = new ImageCounts();
  /** Their labels. */
  readonly labels = new LabelCounts();
  /** Why the first image that is lost cannot be read. */
  firstProblem: RecordProblem | undefined;
  readonly #lost = new Set<number>();

  /** How many images are lost. */
  get lostImages(): number {
    return this.#lost.size;
  }

  /** Takes an image. */
  record(view: RecordView): void {
    const problem = labelProblem(view);
    if (problem !== undefined) return this.lost(problem);
    this.images.add(view);
    this.labels.add(view.givenLabel, 1);
  }

  /** Takes an image that cannot be read. */
  lost(problem: RecordProblem): void {
    this.firstProblem ??= problem;
    this.#lost.add(problem.offset);
  }
}

/** Counts labels without looking at all images; undefined if that takes too many reads. */
async function countTold(
  dataset: Dataset,
  look: Look,
  { labelReads, onStep }: LookOptions,
): Promise<[LabelBasis, LabelCounts] | undefined> {
  const { layout, index, labelList } = dataset;
  const total = labelList === undefined ? leastReads(layout) : 0;
  if (total > labelReads) return undefined;
  const isEach = labelList !== undefined || layout.kind === "flat";
  const images = isEach ? singleImages(layout) : tellingImages(layout, index);
  const counts = new LabelCounts();
  let done = 0;
  await readToldLabels(
    dataset,
    images,
    { told: (label, { images }) => counts.add(label, images), lost: (problem) => look.lost(problem) },
    () => onStep?.(++done, total),
  );
  return [isEach ? "images" : "identity-records", counts];
}

function leastReads({ kind, identityRecords, order }: Layout): number {
  return kind === "flat" ? order.length : Math.min(identityRecords, order.length);
}
