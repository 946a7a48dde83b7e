import type { TaskHost } from "../decode/task_host.ts";
import { UnrecError } from "../errors.ts";
import type { Range } from "./cut_ranges.ts";
import type { VerifyOutcome, VerifyTask } from "./verify_task.ts";

/**
 * Runs tasks on all hosts and takes what came of them in the order of the file. A task begins where the one before it
 * ended. While that is not known it searches for its first record itself, and is run again if that was another one, as
 * behind damage it may be; so what is found does not depend on the number of hosts.
 *
 * @param hosts Run the tasks.
 * @param ranges Stretches of one file, from front to back.
 * @param taskOf Makes the task of a range whose first record begins at a byte, or should, if that is known.
 * @param stop Ends it when it is not 0; set when a task fails.
 * @param take Takes what came of each range, in order.
 * @throws {UnrecError} If a task failed.
 */
export async function runInOrder(
  hosts: TaskHost<VerifyTask, VerifyOutcome>[],
  ranges: Generator<Range>,
  taskOf: (range: Range, first: number | undefined) => VerifyTask,
  stop: Int32Array,
  take: (range: Range, outcome: VerifyOutcome) => void,
): Promise<void> {
  const waiting = new Map<number, { range: Range; outcome: VerifyOutcome }>();
  let taken = 0;
  let next = 0;
  let taking = false;
  async function takeReady(host: TaskHost<VerifyTask, VerifyOutcome>): Promise<void> {
    if (taking) return;
    taking = true;
    for (let ready = waiting.get(taken); ready !== undefined; ready = waiting.get(taken)) {
      waiting.delete(taken);
      const { range } = ready;
      const outcome = ready.outcome.first === next ? ready.outcome : await runTask(host, taskOf(range, next), stop);
      if (Atomics.load(stop, 0) !== 0) return;
      take(range, outcome);
      next = outcome.next;
      taken++;
    }
    taking = false;
  }
  await Promise.all(hosts.map(async (host) => {
    for (const range of ranges) {
      const outcome = await runTask(host, taskOf(range, taken === range.number ? next : undefined), stop);
      if (Atomics.load(stop, 0) !== 0) return;
      waiting.set(range.number, { range, outcome });
      await takeReady(host);
    }
  }));
}

async function runTask(
  host: TaskHost<VerifyTask, VerifyOutcome>,
  task: VerifyTask,
  stop: Int32Array,
): Promise<VerifyOutcome> {
  try {
    const outcome = await host.run(task);
    if (outcome.failure !== undefined) throw new UnrecError(outcome.failure);
    return outcome;
  } catch (error) {
    Atomics.store(stop, 0, 1);
    throw error;
  }
}
