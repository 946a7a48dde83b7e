import { Increments, type ProgressListener, REPORT_EVERY, type Runner, type TaskHost } from "./task_host.ts";
import type { Written } from "./image_writer.ts";

/** Runs tasks in this thread. Now and then it lets others have it: signals and the progress display wait there. */
export class LocalHost<Task, Outcome extends Written> implements TaskHost<Task, Outcome> {
  readonly #runner: Runner<Task, Outcome>;
  readonly #onProgress: ProgressListener;
  #paused = performance.now();

  /**
   * @param runner Does the tasks.
   * @param onProgress Told what was done.
   */
  constructor(runner: Runner<Task, Outcome>, onProgress: ProgressListener) {
    this.#runner = runner;
    this.#onProgress = onProgress;
  }

  async run(task: Task): Promise<Outcome> {
    const increments = new Increments();
    const running = this.#runner.run(task);
    let step = running.next();
    for (; !step.done; step = running.next()) {
      if (performance.now() - this.#paused < REPORT_EVERY) continue;
      this.#onProgress(increments.since(step.value));
      await new Promise((resolve) => setTimeout(resolve));
      this.#paused = performance.now();
    }
    this.#onProgress(increments.since(step.value));
    return step.value;
  }

  close(): void {
    this.#runner.close();
  }
}
