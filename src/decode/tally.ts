import type { Dataset } from "../dataset/dataset.ts";
import type { Layout } from "../dataset/layout.ts";
import { addLostRange, type LostRange } from "../dataset/lost_range.ts";
import { LabelSet } from "../label_set.ts";
import type { DatasetLoss } from "./dataset_loss.ts";
import type { TaskOutcome, Written } from "./image_writer.ts";

/** What is known of a dataset that was decoded. */
export interface DecodedDataset {
  /** Name of its record file. */
  path: string;
  /** Its layout. */
  layout: Layout;
  /** How many records its index has. */
  records: number;
  /** How many lines of its index named a key again. */
  duplicateKeys: number;
  /** The `property` file's first line, if there is one: classes, height, width. */
  property: string | undefined;
}

/** What is known of an open dataset, in the form of the report. */
export function decodedDataset({ path, layout, index, property }: Dataset): DecodedDataset {
  return { path, layout, records: index.rows, duplicateKeys: index.duplicates, property };
}

/** What `decode` did. */
export interface DecodeReport {
  /** The datasets read to their ends, in order. */
  datasets: DecodedDataset[];
  /** Images written. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** Different labels among them, that is, folders. */
  labels: number;
  /** Labels that images of more than one dataset have: their people share a folder. */
  sharedLabels: number;
  /** Images written that have no bytes. */
  emptyImages: number;
  /** Images written whose records were stored in several parts. */
  multiPartImages: number;
  /** Images that could not be read and were left out, dataset by dataset, if there are any. */
  lost: DatasetLoss[];
  /** What earlier runs wrote of it, if there were any that did not end. */
  resumed?: Written;
  /** Seconds that all jobs together waited for images to be durable, if they are to be. */
  syncSeconds?: number;
  /** Whether a signal ended it before its end. */
  interrupted: boolean;
}

/** Adds up what was done. */
export class Tally {
  /** Images written. */
  images = 0;
  /** The datasets read to their ends. */
  readonly datasets: DecodedDataset[] = [];
  /** What was lost of them. */
  readonly lost: DatasetLoss[] = [];
  readonly #lostOf: LostRange[][] = [];
  #bytes = 0;
  #emptyImages = 0;
  #multiPartImages = 0;
  #resumed: Written = { images: 0, bytes: 0 };
  #syncSeconds = 0;
  readonly #labels = new LabelSet();
  readonly #shared = new LabelSet();
  readonly #labelsOf: LabelSet[] = [];

  /** The label behind the highest one so far; 0 if there is none. */
  get nextLabel(): number {
    return this.#labels.size === 0 ? 0 : this.#labels.highest + 1;
  }

  /**
   * Counts what came of a task.
   *
   * @param dataset Number of its dataset, counted over all that are decoded.
   * @param outcome What came of it.
   */
  add(dataset: number, outcome: TaskOutcome): void {
    this.images += outcome.images;
    this.#bytes += outcome.bytes;
    this.#emptyImages += outcome.emptyImages;
    this.#multiPartImages += outcome.multiPartImages;
    if (outcome.lost !== undefined) (this.#lostOf[dataset] ??= []).push(...outcome.lost);
    this.addSyncSeconds(outcome.syncSeconds ?? 0);
    const own = this.#labelsOf[dataset] ??= new LabelSet();
    for (const label of outcome.labels) {
      if (own.add(label) && !this.#labels.add(label)) this.#shared.add(label);
    }
  }

  /** The images of a dataset that could not be read so far, in reading order. */
  lostOf(dataset: number): LostRange[] {
    const merged: LostRange[] = [];
    const ranges = this.#lostOf[dataset] ?? [];
    for (const range of ranges.sort((a, b) => a.ordinal - b.ordinal)) addLostRange(merged, range);
    return merged;
  }

  /**
   * Counts what came of a task in an earlier run.
   *
   * @param dataset Number of its dataset.
   * @param outcome What came of it.
   */
  addResumed(dataset: number, outcome: TaskOutcome): void {
    this.add(dataset, outcome);
    this.#resumed.images += outcome.images;
    this.#resumed.bytes += outcome.bytes;
  }

  /** Counts seconds that were waited for images to be durable. */
  addSyncSeconds(seconds: number): void {
    this.#syncSeconds += seconds;
  }

  /** The report. */
  report(interrupted: boolean): DecodeReport {
    return {
      datasets: this.datasets,
      images: this.images,
      bytes: this.#bytes,
      labels: this.#labels.size,
      sharedLabels: this.#shared.size,
      emptyImages: this.#emptyImages,
      multiPartImages: this.#multiPartImages,
      lost: this.lost,
      ...(this.#resumed.images > 0 ? { resumed: this.#resumed } : {}),
      ...(this.#syncSeconds > 0 ? { syncSeconds: this.#syncSeconds } : {}),
      interrupted,
    };
  }
}
