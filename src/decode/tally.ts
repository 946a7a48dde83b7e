import type { DatasetFacts } from "../dataset/dataset.ts";
import { LabelSet } from "../dataset/label_set.ts";
import { addLostRange, type DatasetLoss, type LostRange } from "../dataset/loss.ts";
import type { TaskOutcome, Written } from "./decode_work.ts";
import { labelsOfRanges, type TaskLine } from "./journal_lines.ts";

/** What `decode` did. */
export interface DecodeReport {
  /** The datasets that were read to their ends, in order. */
  datasets: DatasetFacts[];
  /** Images written, those that earlier runs wrote included. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** Different labels among them, that is, folders. */
  labels: number;
  /** Labels that images of more than one source have: their people share a folder. */
  sharedLabels: number;
  /** Images written that have no bytes. */
  emptyImages: number;
  /** Images written whose records were stored in several parts. */
  multiPartImages: number;
  /** What could not be read and was left out or guessed, dataset by dataset, if there is any. */
  lost: DatasetLoss[];
  /** What earlier runs wrote of it. */
  resumed: Written;
  /** Seconds that all jobs together waited for images to be durable. */
  syncSeconds: number;
  /** Whether an earlier run had written all already. */
  alreadyComplete: boolean;
  /** Whether a signal ended it before its end. */
  interrupted: boolean;
}

/** Adds up what was done. */
export class Tally {
  /** Images written. */
  images = 0;
  /** The datasets read to their ends. */
  datasets: DatasetFacts[] = [];
  /** What was lost of them. */
  lost: DatasetLoss[] = [];
  readonly #lostOf: LostRange[][] = [];
  #bytes = 0;
  #emptyImages = 0;
  #multiPartImages = 0;
  readonly #resumed: Written = { images: 0, bytes: 0 };
  #syncSeconds = 0;
  readonly #labels = new LabelSet();
  readonly #shared = new LabelSet();
  readonly #labelsOf: LabelSet[] = [];

  /** What earlier runs wrote. */
  get resumed(): Readonly<Written> {
    return this.#resumed;
  }

  /**
   * Counts what came of a task.
   *
   * @param source Number of its source.
   * @param outcome What came of it.
   */
  add(source: number, outcome: Omit<TaskOutcome, "labels"> & { labels: Iterable<number> }): void {
    this.images += outcome.images;
    this.#bytes += outcome.bytes;
    this.#emptyImages += outcome.emptyImages;
    this.#multiPartImages += outcome.multiPartImages;
    if (outcome.lost !== undefined) (this.#lostOf[source] ??= []).push(...outcome.lost);
    this.#syncSeconds += outcome.syncSeconds ?? 0;
    const own = this.#labelsOf[source] ??= new LabelSet();
    for (const label of outcome.labels) {
      if (own.add(label) && !this.#labels.add(label)) this.#shared.add(label);
    }
  }

  /**
   * Counts what came of a task in an earlier run.
   *
   * @param line What the journal says of it.
   */
  addResumed(line: TaskLine): void {
    this.add(line.source, { ...line, labels: labelsOfRanges(line.labels) });
    this.#resumed.images += line.images;
    this.#resumed.bytes += line.bytes;
  }

  /**
   * The images of a source that could not be read so far.
   *
   * @param source Its number.
   * @returns In reading order.
   */
  lostOf(source: number): LostRange[] {
    const merged: LostRange[] = [];
    const ranges = this.#lostOf[source] ?? [];
    for (const range of ranges.sort((a, b) => a.number - b.number)) addLostRange(merged, range);
    return merged;
  }

  /**
   * The report.
   *
   * @param how Whether all was there already, or a signal ended it.
   */
  report({ alreadyComplete = false, interrupted = false } = {}): DecodeReport {
    return {
      datasets: this.datasets,
      images: this.images,
      bytes: this.#bytes,
      labels: this.#labels.size,
      sharedLabels: this.#shared.size,
      emptyImages: this.#emptyImages,
      multiPartImages: this.#multiPartImages,
      lost: this.lost,
      resumed: this.#resumed,
      syncSeconds: this.#syncSeconds,
      alreadyComplete,
      interrupted,
    };
  }
}
