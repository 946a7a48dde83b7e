/// <reference lib="deno.worker" />
import { Increments, REPORT_EVERY, type Runner } from "./task_host.ts";
import type { Written } from "./image_writer.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/**
 * Makes a worker of the module that calls it: it runs the tasks that a `WorkerHost` sends.
 *
 * @param create Makes the runner from what the host was given.
 */
export function serveTasks<Setup, Task, Outcome extends Written>(
  create: (setup: Setup) => Promise<Runner<Task, Outcome>>,
): void {
  let runner: Promise<Runner<Task, Outcome>>;
  self.onmessage = async ({ data }: MessageEvent<ToWorker<Setup, Task>>) => {
    if (data.kind === "setup") runner = create(data.setup);
    else runTask(await runner, data.task);
  };
}

function runTask<Task, Outcome extends Written>(runner: Runner<Task, Outcome>, task: Task): void {
  const increments = new Increments();
  let reported = performance.now();
  const running = runner.run(task);
  let step = running.next();
  for (; !step.done; step = running.next()) {
    const now = performance.now();
    if (now - reported < REPORT_EVERY) continue;
    reported = now;
    tell({ kind: "progress", written: increments.since(step.value) });
  }
  tell({ kind: "progress", written: increments.since(step.value) });
  tell({ kind: "outcome", outcome: step.value });
}

function tell<Outcome>(message: FromWorker<Outcome>): void {
  self.postMessage(message);
}
