import type { DatasetIndex } from "./dataset_index.ts";
import { withIdentities } from "./identities.ts";
import type { LabelList } from "./label_list.ts";
import type { Layout } from "./layout.ts";
import { type CutOptions, cutPiece, cutTasks, type ReadTask, recordBytes } from "./plan.ts";
import { layoutOfChosen } from "./selection/chosen_layout.ts";
import { lastAtMost, type Runs } from "./runs.ts";
import { numbersOfShare, type Share, type ShareSize, sizesOfShares } from "./share.ts";
import { RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import type { Choice } from "./selection/choice.ts";
import { withToldLabels } from "./selection/with_told_labels.ts";

/** Farther apart than this, two wanted records are not read together. */
const MOST_GAP = RECORD_CHUNK_BYTES;

/** To read this many bytes takes about as long as to go past them: a hard disk does 200 MB/s, and a step in 1 to 2 ms. */
const LEAST_GAP = 2 ** 18;

/** What a {@linkcode ReadingOrder} is made from. */
export interface OrderedRecords {
  /** Where the records are. */
  readonly index: DatasetIndex;
  /** Their labels, if a list beside the dataset tells them. */
  readonly labelList: LabelList | undefined;
  /** Size of the record file in bytes. */
  readonly bytes: number;
}

/** The images of a dataset in reading order, and how reading them is cut into tasks. */
export class ReadingOrder {
  readonly #records: OrderedRecords;
  readonly #layout: Layout;
  readonly #choice: Choice | undefined;
  readonly #isPart: boolean;

  /**
   * @param records The records.
   * @param layout Which of them are images, in which order.
   * @param choice How these images were chosen, if not all are wanted.
   * @param isPart Whether records may lie between them that are not wanted.
   */
  constructor(records: OrderedRecords, layout: Layout, choice?: Choice, isPart: boolean = choice !== undefined) {
    this.#records = records;
    this.#layout = layout;
    this.#choice = choice;
    this.#isPart = isPart;
  }

  /** How many images there are to be read: those that the index lacks are not counted. */
  get length(): number {
    return this.#layout.order.length;
  }

  /**
   * The number of an image within its dataset.
   *
   * @param place Its place in this order.
   */
  numberAt(place: number): number {
    return this.#layout.numbers?.at(place) ?? place;
  }

  /**
   * The place of an image in this order.
   *
   * @param number Its number within its dataset; one of this order's.
   */
  placeOf(number: number): number {
    const { numbers } = this.#layout;
    if (numbers === undefined) return number;
    const run = lastAtMost(numbers.count, number, (run) => numbers.starts[run]);
    return numbers.positions[run] + number - numbers.starts[run];
  }

  /**
   * Some of the images.
   *
   * @param numbers Their numbers within the dataset, rising; those of this order's.
   */
  only(numbers: Runs): ReadingOrder {
    return new ReadingOrder(this.#records, layoutOfChosen(this.#layout, numbers), this.#choice, true);
  }

  /**
   * The images of one share of the work.
   *
   * @param share The share.
   */
  shareOf(share: Share): ReadingOrder {
    const { index, bytes } = this.#records;
    return this.only(numbersOfShare(index, this.#layout, bytes, share));
  }

  /**
   * What each of several shares of the work has to read.
   *
   * @param count How many shares there are.
   */
  sizesOfShares(count: number): ShareSize[] {
    const { index, bytes } = this.#records;
    return sizesOfShares(index, this.#layout.order, bytes, count);
  }

  /** About how many bytes the record of each image takes in the file. */
  recordBytes(): Generator<number> {
    const { index, bytes } = this.#records;
    return recordBytes(index, this.#layout.order, bytes);
  }

  /**
   * Cuts all images into tasks of neighbouring bytes.
   *
   * @param taskBytes About how many bytes a task reads.
   * @param firstNumber The number of the dataset's first image.
   * @returns The tasks, made when they are asked for.
   */
  tasks(taskBytes: number, firstNumber: number): Iterable<ReadTask> {
    const tasks = cutTasks(this.#records.index, this.#layout.order, this.#cut(taskBytes, firstNumber));
    return this.#named(tasks, firstNumber);
  }

  /**
   * Cuts some images that follow each other into tasks of neighbouring bytes.
   *
   * @param place The place of the first one in this order.
   * @param count How many.
   * @param taskBytes About how many bytes a task reads.
   * @param firstNumber The number of the dataset's first image.
   * @returns The tasks, in the order of the file.
   */
  tasksOf(place: number, count: number, taskBytes: number, firstNumber: number): Iterable<ReadTask> {
    const cut = this.#cut(taskBytes, firstNumber);
    const tasks = cutPiece(this.#records.index, this.#layout.order, place, count, cut);
    return this.#named(tasks, firstNumber);
  }

  #cut(taskBytes: number, firstNumber: number): CutOptions {
    const { numbers } = this.#layout;
    const leastGap = this.#isPart ? LEAST_GAP : undefined;
    return { fileBytes: this.#records.bytes, taskBytes, maxGap: MOST_GAP, leastGap, numbers, firstNumber };
  }

  /** Adds what else is known of the images. */
  #named(tasks: Iterable<ReadTask>, firstNumber: number): Iterable<ReadTask> {
    const named = withIdentities(tasks, this.#layout, firstNumber);
    const { labelList } = this.#records;
    if (labelList !== undefined) return labelList.addedTo(named);
    const told = this.#choice?.told;
    return told === undefined ? named : withToldLabels(named, told, firstNumber);
  }
}
