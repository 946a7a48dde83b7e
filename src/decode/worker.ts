import { FolderSink, type FolderSinkOptions } from "../sink/folder_sink.ts";
import { serveTasks } from "./serve_tasks.ts";
import { type RunnerSetup, TaskRunner } from "./task_runner.ts";

/** What a decoding worker needs to know. Plain data. */
export interface WorkerSetup {
  /** What to read, and how. */
  setup: RunnerSetup;
  /** The folder for the images; it must exist. */
  output: string;
  /** How they are written there. */
  options: FolderSinkOptions;
}

serveTasks(({ setup, output, options }: WorkerSetup) => TaskRunner.create(setup, new FolderSink(output, options)));
