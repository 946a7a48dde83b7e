import { numberAt, type ReadTask } from "../plan.ts";
import { lastAtMost } from "../runs.ts";
import type { LabelStretches } from "./choice.ts";

/**
 * Adds to tasks the labels that their images were chosen by, so that each is compared with its own.
 *
 * @param tasks The tasks.
 * @param told The labels, by the numbers of the images.
 * @param firstNumber The number of the dataset's first image.
 * @returns The same tasks.
 */
export function* withToldLabels(
  tasks: Iterable<ReadTask>,
  { starts, labels }: LabelStretches,
  firstNumber: number,
): Generator<ReadTask> {
  let stretch = 0;
  for (const task of tasks) {
    task.toldLabels = Float64Array.from(task.offsets, (_, i) => {
      const number = numberAt(task.numbers, i) - firstNumber;
      // Neighbours mostly have the same one: a search for each is not needed.
      if (number < starts[stretch] || number >= starts[stretch + 1]) {
        stretch = lastAtMost(labels.length, number, (i) => starts[i]);
      }
      return labels[stretch];
    });
    yield task;
  }
}
