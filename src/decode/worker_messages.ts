import type { FolderSinkOptions } from "../sink/folder_sink.ts";
import type { TaskOutcome, Written } from "./image_writer.ts";
import type { DecodeTask, RunnerSetup } from "./task_runner.ts";

/** What a worker is told: once what it needs to know, then tasks. */
export type ToWorker =
  | { kind: "setup"; setup: RunnerSetup; output: string; options: FolderSinkOptions }
  | { kind: "task"; task: DecodeTask };

/** What a worker tells. */
export type FromWorker =
  | { kind: "progress"; written: Written }
  | { kind: "outcome"; outcome: TaskOutcome };
