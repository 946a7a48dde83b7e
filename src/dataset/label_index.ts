import { labelProblem } from "../recordio/label_kind.ts";
import { RecordError } from "../recordio/problem.ts";
import type { Dataset } from "./dataset.ts";
import type { OnError } from "./layout.ts";
import { numberAt, type ReadTask } from "./plan.ts";

/**
 * Reads the labels of all images, whether chosen or not: all headers, and so nearly all of the file.
 *
 * @param dataset Their dataset.
 * @param onError Whether an image that cannot be read, or has no label, is an error or left out.
 * @param onStep Called after each read; it may wait.
 * @returns Labels in reading order; NaN for those left out.
 * @throws {UnrecError} At the first one that cannot be read, unless those are left out.
 */
export async function readLabels(
  dataset: Dataset,
  onError: OnError,
  onStep?: () => void | Promise<void>,
): Promise<Float64Array<ArrayBuffer>> {
  const labels = new Float64Array(dataset.whole.images).fill(NaN);
  const skips = onError === "skip";
  await dataset.visit(
    {
      record(view) {
        const problem = labelProblem(view);
        if (problem === undefined) labels[view.number] = view.label;
        else if (!skips) throw new RecordError(problem);
      },
      ...skips ? { lost() {} } : {},
    },
    onStep,
    dataset.whole,
  );
  return labels;
}

/** Counts the images of each label. */
export class LabelCounter {
  readonly #counts = new Map<number, number>();

  /**
   * Counts an image.
   *
   * @param label Its label.
   * @returns How many of that label came before it.
   */
  count(label: number): number {
    const before = this.#counts.get(label) ?? 0;
    this.#counts.set(label, before + 1);
    return before;
  }
}

/**
 * The place of each image among those of its label.
 *
 * @param labels Labels in reading order; NaN for images that have none, which count among themselves.
 * @param shift What is added to the labels.
 * @param counter Has counted the datasets before this one.
 * @returns Places from 0.
 */
export function labelIndices(labels: Float64Array, shift: number, counter: LabelCounter): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(labels, (label) => counter.count(label + shift));
}

/**
 * Adds to tasks the places of their images among those of their label.
 *
 * @param tasks The tasks.
 * @param indices What {@linkcode labelIndices} gave.
 * @param firstNumber The number of the dataset's first image.
 * @returns The same tasks.
 */
export function* withIndices(
  tasks: Iterable<ReadTask>,
  indices: Uint32Array,
  firstNumber: number,
): Generator<ReadTask> {
  for (const task of tasks) {
    const { numbers, offsets } = task;
    task.indices = { first: 0, list: Uint32Array.from(offsets, (_, i) => indices[numberAt(numbers, i) - firstNumber]) };
    yield task;
  }
}
