import type { ProgressListener, TaskHost } from "./task_host.ts";
import type { Written } from "./image_writer.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** Runs tasks in a worker: a thread with a WebAssembly instance and open files of its own. */
export class WorkerHost<Setup, Task, Outcome extends Written> implements TaskHost<Task, Outcome> {
  readonly #worker: Worker;
  #pending: PromiseWithResolvers<Outcome> | undefined;

  /**
   * @param worker A worker that calls `serveTasks`; this is its only user.
   * @param setup What its runner is made from.
   * @param onProgress Told what was done.
   */
  constructor(worker: Worker, setup: Setup, onProgress: ProgressListener) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker<Outcome>>) => {
      if (data.kind === "progress") onProgress(data.written);
      else this.#pending?.resolve(data.outcome);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#pending?.reject(new Error(`a worker ended: ${event.message}`));
    };
    this.#tell({ kind: "setup", setup });
  }

  run(task: Task): Promise<Outcome> {
    this.#pending = Promise.withResolvers();
    this.#tell({ kind: "task", task });
    return this.#pending.promise;
  }

  close(): void {
    this.#worker.terminate();
  }

  #tell(message: ToWorker<Setup, Task>): void {
    this.#worker.postMessage(message);
  }
}
