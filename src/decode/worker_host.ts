import type { FolderSinkOptions } from "../sink/folder_sink.ts";
import type { ProgressListener, TaskHost } from "./task_host.ts";
import type { TaskOutcome } from "./image_writer.ts";
import type { DecodeTask, RunnerSetup } from "./task_runner.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** Runs tasks in a worker: a thread with a WebAssembly instance, open files and a folder sink of its own. */
export class WorkerHost implements TaskHost {
  readonly #worker: Worker;
  #pending: PromiseWithResolvers<TaskOutcome> | undefined;

  /**
   * @param setup What to read, and how.
   * @param output The folder for the images; it must exist.
   * @param options Of the sink.
   * @param onProgress Told what was written.
   */
  constructor(setup: RunnerSetup, output: string, options: FolderSinkOptions, onProgress: ProgressListener) {
    // `deno compile` embeds the worker by this very expression.
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url).href, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "progress") onProgress(data.written);
      else this.#pending?.resolve(data.outcome);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#pending?.reject(new Error(`a worker ended: ${event.message}`));
    };
    this.#tell({ kind: "setup", setup, output, options });
  }

  run(task: DecodeTask): Promise<TaskOutcome> {
    this.#pending = Promise.withResolvers();
    this.#tell({ kind: "task", task });
    return this.#pending.promise;
  }

  close(): void {
    this.#worker.terminate();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
