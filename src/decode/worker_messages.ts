import type { Written } from "./image_writer.ts";

/** What a worker is told: once what it needs to know, then tasks. */
export type ToWorker<Setup, Task> =
  | { kind: "setup"; setup: Setup }
  | { kind: "task"; task: Task };

/** What a worker tells. */
export type FromWorker<Outcome> =
  | { kind: "progress"; written: Written }
  | { kind: "outcome"; outcome: Outcome };
