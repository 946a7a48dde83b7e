import { addTraffic, noTraffic, type Traffic } from "../bytes/traffic.ts";
import type { DatasetFacts } from "../dataset/dataset.ts";
import { type KindCounts, KindSum } from "../dataset/image_kinds.ts";
import { compareProperty, type PropertyDifference } from "../dataset/classes.ts";
import { LabelSet } from "../dataset/label_set.ts";
import { addLostRange, type DatasetLoss, type LostRange } from "../dataset/loss.ts";
import type { FoundSource } from "../source/source.ts";
import type { PartOutcome, Written } from "./decode_work.ts";
import type { PartLine } from "./journal_lines.ts";
import { labelsOfRanges } from "./label_ranges.ts";

/** The images of a source by kind. Plain data. */
export interface SourceKinds {
  /** Name of the source. */
  path: string;
  /** How many of its images that were written are of which kind. */
  counts: KindCounts;
}

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
  /** What kinds of payloads and labels the images written have, source by source. */
  kinds: SourceKinds[];
  /** Images written whose records were stored in several parts. */
  multiPartImages: number;
  /** What could not be read and was left out or guessed, dataset by dataset, if there is any. */
  lost: DatasetLoss[];
  /** Datasets whose `property` file says something else than their images, as far as that can be known. */
  properties: PropertyDifference[];
  /** What was added to the labels of each source. */
  labelShifts: number[];
  /** What earlier runs wrote of it. */
  resumed: Written;
  /** Seconds that all jobs together waited for images to be durable. */
  syncSeconds: number;
  /** Whether an earlier run had written all already. */
  alreadyComplete: boolean;
  /** Whether a signal ended it before its end. */
  interrupted: boolean;
  /** What went over a network, if something of it is at a URL. */
  traffic?: Traffic;
}

/** Adds up what was done. */
export class Tally {
  /** Images written. */
  images = 0;
  /** The datasets read to their ends. */
  datasets: DatasetFacts[] = [];
  /** What was added to the labels of each source that was read to its end. */
  readonly labelShifts: number[] = [];
  /** What was lost of them. */
  lost: DatasetLoss[] = [];
  readonly #properties: PropertyDifference[] = [];
  readonly #lostOf: LostRange[][] = [];
  #bytes = 0;
  #multiPartImages = 0;
  readonly #resumed: Written = { images: 0, bytes: 0 };
  /** Seconds that all jobs together waited for what they wrote to be durable. */
  syncSeconds = 0;
  readonly #labels = new LabelSet();
  readonly #shared = new LabelSet();
  readonly #labelsOf: LabelSet[] = [];
  readonly #sources: readonly Pick<FoundSource, "path" | "traffic">[];
  readonly #traffic = noTraffic();
  readonly #kindsOf: readonly KindSum[];

  /** @param sources The sources: their names, and what went over a network to open them. */
  constructor(sources: readonly Pick<FoundSource, "path" | "traffic">[]) {
    this.#sources = sources;
    this.#kindsOf = sources.map(() => new KindSum());
  }

  /** How many different labels the images have. */
  get labels(): number {
    return this.#labels.size;
  }

  /** What earlier runs wrote. */
  get resumed(): Readonly<Written> {
    return this.#resumed;
  }

  /**
   * Counts what came of a part of a task.
   *
   * @param outcome What came of it.
   */
  add(outcome: Omit<PartOutcome, "labels"> & { labels: Iterable<number> }): void {
    const { source } = outcome;
    this.images += outcome.images;
    this.#bytes += outcome.bytes;
    this.#kindsOf[source].add(outcome.kinds);
    for (const mixed of outcome.stream?.mixedLabels ?? []) {
      this.#kindsOf[source].add({ counts: { "mixed-labels": mixed } });
    }
    this.#multiPartImages += outcome.multiPartImages;
    if (outcome.traffic !== undefined) addTraffic(this.#traffic, outcome.traffic);
    if (outcome.lost !== undefined) (this.#lostOf[source] ??= []).push(...outcome.lost);
    const own = this.#labelsOf[source] ??= new LabelSet();
    for (const label of outcome.labels) {
      if (own.add(label) && !this.#labels.add(label)) this.#shared.add(label);
    }
  }

  /**
   * Counts what came of a part of a task in an earlier run.
   *
   * @param line What the journal says of it.
   */
  addResumed(line: PartLine): void {
    this.add({ ...line, labels: labelsOfRanges(line.labels) });
    this.#resumed.images += line.images;
    this.#resumed.bytes += line.bytes;
  }

  /**
   * Compares what `property` files say with the images, when all of a source was read.
   *
   * @param source Its number.
   * @param datasets Its datasets. Of several in one archive nobody knows which label is whose.
   * @param labelShift What was added to its labels.
   */
  compareProperty(source: number, datasets: readonly DatasetFacts[], labelShift: number): void {
    const labels = this.#labelsOf[source];
    if (datasets.length !== 1 || labels === undefined) return;
    const difference = compareProperty(datasets[0], { size: labels.size, highest: labels.highest - labelShift });
    if (difference !== undefined) this.#properties.push(difference);
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
    const isRemote = this.#sources.some(({ traffic }) => traffic !== undefined);
    const traffic = { ...this.#traffic };
    for (const source of this.#sources) if (source.traffic !== undefined) addTraffic(traffic, source.traffic);
    return {
      datasets: this.datasets,
      images: this.images,
      bytes: this.#bytes,
      labels: this.#labels.size,
      sharedLabels: this.#shared.size,
      kinds: this.#sources.map(({ path }, i) => ({ path, counts: this.#kindsOf[i].counts })),
      multiPartImages: this.#multiPartImages,
      lost: this.lost,
      properties: this.#properties,
      labelShifts: this.labelShifts,
      resumed: this.#resumed,
      syncSeconds: this.syncSeconds,
      alreadyComplete,
      interrupted,
      ...isRemote ? { traffic } : {},
    };
  }
}
