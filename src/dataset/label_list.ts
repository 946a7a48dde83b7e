import { UnrecError } from "../errors.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import type { Layout } from "./layout.ts";
import { numberAt, type Numbers, type ReadTask } from "./plan.ts";

/** What is known of a list of labels. Plain data. */
export interface LabelListFacts {
  /** Its name in messages. */
  path: string;
  /** How a line finds its image: by the key it begins with, or by its place, the first line for the first image. */
  by: "key" | "place";
  /** How many labels a line has. The first is the class. */
  labelsALine: number;
  /** Lines with a key that the index does not have. */
  otherKeys: number;
}

/** The labels that a list beside a dataset gives its images in place of their headers. */
export class LabelList {
  /** What is known of it. */
  readonly facts: LabelListFacts;
  readonly #index: DatasetIndex;
  readonly #layout: Layout;
  /** The label of each row of the index; NaN where there is none. */
  readonly #labels: Float64Array<ArrayBuffer>;

  /**
   * Use `readLabelList`.
   *
   * @param facts What is known of the list.
   * @param index The dataset's.
   * @param layout The dataset's.
   * @param labels A label for each row of the index; NaN where there is none.
   * @throws {UnrecError} If an image has no label.
   */
  constructor(facts: LabelListFacts, index: DatasetIndex, layout: Layout, labels: Float64Array<ArrayBuffer>) {
    this.facts = facts;
    this.#index = index;
    this.#layout = layout;
    this.#labels = labels;
    this.#requireAll();
  }

  /**
   * The label of a record.
   *
   * @param row Its row in the index.
   * @returns undefined if the list does not have it.
   */
  labelOfRow(row: number): number | undefined {
    const label = this.#labels[row];
    return Number.isNaN(label) ? undefined : label;
  }

  /**
   * Adds to tasks the labels of their images.
   *
   * @param tasks The tasks.
   * @returns The same tasks.
   */
  *addedTo(tasks: Iterable<ReadTask>): Generator<ReadTask> {
    for (const task of tasks) {
      task.listedLabels = this.#labelsOf(task.keys, task.offsets.length);
      yield task;
    }
  }

  /** The labels of all images by their numbers, cut to whole ones as Python's `int` does. */
  labelsByNumber(): Float64Array<ArrayBuffer> {
    const { order, numbers, images } = this.#layout;
    const labels = new Float64Array(images).fill(NaN);
    for (let run = 0; run < order.count; run++) {
      const position = order.positions[run];
      for (let i = 0; i < order.lengthOf(run); i++) {
        const number = numbers === undefined ? position + i : numbers.at(position + i);
        labels[number] = Math.trunc(this.#labels[order.starts[run] + i]);
      }
    }
    return labels;
  }

  /** The labels of all images with their keys, in reading order. */
  *[Symbol.iterator](): Generator<{ key: number; label: number }> {
    const { order } = this.#layout;
    for (let run = 0; run < order.count; run++) {
      const end = order.starts[run] + order.lengthOf(run);
      for (let row = order.starts[run]; row < end; row++) {
        yield { key: this.#index.keys.at(row), label: this.#labels[row] };
      }
    }
  }

  #labelsOf(keys: Numbers, count: number): Float64Array<ArrayBuffer> {
    const found = new Float64Array(count);
    let filled = 0;
    const take = (row: number, length: number) => {
      found.set(this.#labels.subarray(row, row + length), filled);
      filled += length;
    };
    if (keys.list === undefined) this.#index.rowsOf(keys.first, keys.first + count, take);
    else for (let i = 0; i < count; i++) this.#index.rowsOf(numberAt(keys, i), numberAt(keys, i) + 1, take);
    return found;
  }

  #requireAll(): void {
    const { order } = this.#layout;
    let without = 0;
    let first = -1;
    for (let run = 0; run < order.count; run++) {
      const end = order.starts[run] + order.lengthOf(run);
      for (let row = order.starts[run]; row < end; row++) {
        if (!Number.isNaN(this.#labels[row])) continue;
        if (without++ === 0) first = row;
      }
    }
    if (without === 0) return;
    throw new UnrecError(
      `Cannot take labels from ${this.facts.path}: it has none for ${without} of ${order.length} images; the first of ` +
        `them has the key ${this.#index.keys.at(first)}`,
      { kind: "text", text: "give the list that belongs to this dataset, with a line for every image" },
    );
  }
}
