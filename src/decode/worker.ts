/// <reference lib="deno.worker" />
import { FolderSink } from "../sink/folder_sink.ts";
import { Increments, REPORT_EVERY } from "./task_host.ts";
import { type DecodeTask, TaskRunner } from "./task_runner.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

let runner: Promise<TaskRunner>;

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "setup") runner = TaskRunner.create(data.setup, new FolderSink(data.output, data.options));
  else runTask(await runner, data.task);
};

function runTask(runner: TaskRunner, task: DecodeTask): void {
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

function tell(message: FromWorker): void {
  self.postMessage(message);
}
