import { type Progress, runTask, type Work } from "./work.ts";
import { type SetupOf, type WorkName, WORKS } from "./works.ts";

/** What a worker is told: once what work it is to do, then tasks. */
export type ToWorker =
  | { kind: "setup"; work: WorkName; setup: SetupOf<WorkName> }
  | { kind: "task"; task: unknown };

/** What a worker tells. */
export type FromWorker =
  | { kind: "progress"; progress: Progress }
  | { kind: "outcome"; outcome: unknown }
  | { kind: "defect"; message: string; stack: string | undefined };

let work: Promise<Work<unknown, unknown>> | undefined;

/** What is used of a worker's scope. The types of `deno.worker` cannot be asked for: JSR takes no such directive. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage: (message: FromWorker) => void;
};

scope.onmessage = async ({ data }) => {
  if (data.kind === "setup") {
    const start = WORKS[data.work] as (setup: unknown) => Promise<Work<unknown, unknown>>;
    work = start(data.setup);
    // Told when the first task asks for it.
    work.catch(() => {});
    return;
  }
  try {
    const outcome = await runTask(await work!, data.task, (progress) => tell({ kind: "progress", progress }));
    tell({ kind: "outcome", outcome });
  } catch (error) {
    // Nobody in another thread would learn where it was thrown.
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    tell({ kind: "defect", message, stack });
  }
};

function tell(message: FromWorker): void {
  scope.postMessage(message);
}
