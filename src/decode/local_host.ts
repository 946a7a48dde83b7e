import type { ImageSink } from "../sink/image_sink.ts";
import { Increments, type ProgressListener, REPORT_EVERY, type TaskHost } from "./task_host.ts";
import type { TaskOutcome } from "./image_writer.ts";
import { type DecodeTask, type RunnerSetup, TaskRunner } from "./task_runner.ts";

/** Runs tasks in this thread. Now and then it lets others have it: signals and the progress display wait there. */
export class LocalHost implements TaskHost {
  readonly #runner: TaskRunner;
  readonly #onProgress: ProgressListener;
  #paused = performance.now();

  private constructor(runner: TaskRunner, onProgress: ProgressListener) {
    this.#runner = runner;
    this.#onProgress = onProgress;
  }

  /**
   * @param setup What to read, and how.
   * @param sink Takes the images.
   * @param onProgress Told what was written.
   */
  static async create(setup: RunnerSetup, sink: ImageSink, onProgress: ProgressListener): Promise<LocalHost> {
    return new LocalHost(await TaskRunner.create(setup, sink), onProgress);
  }

  async run(task: DecodeTask): Promise<TaskOutcome> {
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
