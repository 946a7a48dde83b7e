import type { Layout } from "./layout.ts";
import { numberAt, type Numbers, type ReadTask } from "./plan.ts";
import { lastAtMost } from "./runs.ts";

/**
 * The identity record that names an image.
 *
 * @param layout The dataset's.
 * @param number The image's place in the dataset's reading order, from 0.
 * @returns Its key; undefined in the flat layout.
 */
export function identityOf({ kind, firstIdentity, identityNumbers }: Layout, number: number): number | undefined {
  if (kind === "flat") return undefined;
  return firstIdentity + lastAtMost(identityNumbers.length - 1, number, (i) => identityNumbers[i]);
}

/**
 * The identity records that name the images of a task.
 *
 * @param layout The dataset's.
 * @param numbers The images' numbers.
 * @param count How many images.
 * @param firstNumber The number of the dataset's first image.
 * @returns Their keys; undefined in the flat layout.
 */
function identitiesOf(
  layout: Layout,
  numbers: Numbers,
  count: number,
  firstNumber: number,
): Numbers | undefined {
  if (layout.kind === "flat" || count === 0) return undefined;
  const { identityNumbers, firstIdentity } = layout;
  const list = new Uint32Array(count);
  // Neighbours mostly have the same identity record, or the next one: a search for each is not needed.
  let identity = 0;
  for (let i = 0; i < count; i++) {
    const number = numberAt(numbers, i) - firstNumber;
    if (number < identityNumbers[identity] || number >= identityNumbers[identity + 1]) {
      identity = identityOf(layout, number)! - firstIdentity;
    }
    list[i] = identity;
  }
  return { first: firstIdentity, list };
}

/**
 * Adds to tasks which identity records name their images.
 *
 * @param tasks The tasks.
 * @param layout The dataset's.
 * @param firstNumber The number of the dataset's first image.
 * @returns The same tasks.
 */
export function* withIdentities(tasks: Iterable<ReadTask>, layout: Layout, firstNumber: number): Generator<ReadTask> {
  for (const task of tasks) {
    const identities = identitiesOf(layout, task.numbers, task.offsets.length, firstNumber);
    if (identities !== undefined) task.identities = identities;
    yield task;
  }
}
