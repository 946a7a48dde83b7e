import type { Written } from "./image_writer.ts";

/** What was done since the last report. */
export interface Progress extends Written {
  /** Bytes read of archives; those of datasets are not counted. */
  read?: number;
}

/** Told what was done since it was told last. */
export type ProgressListener = (progress: Progress) => void;

/** Milliseconds between two reports of a running task. */
export const REPORT_EVERY = 100;

/** Does tasks of a kind, one after the other, in the thread that it is in. */
export interface Runner<Task, Outcome extends Written> {
  /** Does a task. Yields what was done so far, now and then; returns what came of it. */
  run(task: Task): Generator<Written, Outcome>;
  /** Closes what is open. */
  close(): void;
}

/** A thread that runs tasks, one at a time. */
export interface TaskHost<Task, Outcome extends Written> {
  /** Runs a task, reporting its progress on the way. */
  run(task: Task): Promise<Outcome>;
  /** Ends the thread. */
  close(): void;
}

/** Turns what was written so far into what was written since the last report. */
export class Increments {
  #images = 0;
  #bytes = 0;

  /** @param written What was written so far. */
  since(written: Written): Written {
    const more = { images: written.images - this.#images, bytes: written.bytes - this.#bytes };
    this.#images = written.images;
    this.#bytes = written.bytes;
    return more;
  }
}
