import { systemReason, UnrecError } from "../errors.ts";
import { Pause, type ProgressListener, runTask, type StopFlag, type Work } from "./work.ts";
import type { FromWorker, ToWorker } from "./worker.ts";
import type { OutcomeOf, SetupOf, TaskOf, WorkName } from "./works.ts";

/** A worker met a defect, or ended of itself; what it says is all that is known. */
class ThreadDeath extends Error {
  /** @param message Why. @param stack The calls that led to it, if it tells. */
  constructor(message: string, stack?: string) {
    super(message);
    if (stack !== undefined) this.stack = stack;
  }
}

/** A thread that runs tasks, one at a time. */
export interface Thread<Task, Outcome> extends Disposable {
  /**
   * Runs a task.
   *
   * @param task The task.
   * @returns What came of it.
   * @throws {Error} If the thread died of it.
   */
  run(task: Task): Promise<Outcome>;
}

/**
 * Makes this very thread one of a pool.
 *
 * @param work Does the tasks.
 * @param onProgress Told what was done.
 */
export function thisThread<Task, Outcome>(
  work: Work<Task, Outcome>,
  onProgress: ProgressListener,
): Thread<Task, Outcome> {
  const turn = new Pause();
  return {
    run: (task) => runTask(work, task, onProgress, turn),
    [Symbol.dispose]: () => work[Symbol.dispose](),
  };
}

/**
 * Starts workers: threads with a WebAssembly instance and open files of their own.
 *
 * @param count How many.
 * @param name What work they do.
 * @param setup What the work is made from.
 * @param onProgress Told what was done.
 * @returns The threads; dispose of each.
 * @throws {UnrecError} If the system does not give so many threads.
 */
export function startWorkers<Name extends WorkName>(
  count: number,
  name: Name,
  setup: SetupOf<Name>,
  onProgress: ProgressListener,
): Thread<TaskOf<Name>, OutcomeOf<Name>>[] {
  using started = new DisposableStack();
  const threads = Array.from({ length: count }, (_, i) => {
    try {
      return started.use(startWorker(name, setup, onProgress));
    } catch (error) {
      throw new UnrecError(
        `Cannot start thread ${i + 1} of ${count}: ${systemReason(error)}`,
        { kind: "fewer-jobs", jobs: Math.max(1, Math.floor(i / 2)) },
      );
    }
  });
  started.move();
  return threads;
}

function startWorker<Name extends WorkName>(
  name: Name,
  setup: SetupOf<Name>,
  onProgress: ProgressListener,
): Thread<TaskOf<Name>, OutcomeOf<Name>> {
  // `deno compile` embeds the worker by this very expression.
  const worker = new Worker(new URL("./worker.ts", import.meta.url).href, { type: "module" });
  const tell = (message: ToWorker) => worker.postMessage(message);
  let pending: PromiseWithResolvers<OutcomeOf<Name>> | undefined;
  let death: Error | undefined;
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "progress") onProgress(data.progress);
    else if (data.kind === "outcome") pending?.resolve(data.outcome as OutcomeOf<Name>);
    else die(new ThreadDeath(data.message, data.stack));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    die(new ThreadDeath(event.message));
  };
  function die(why: ThreadDeath): void {
    death = why;
    pending?.reject(death);
  }
  tell({ kind: "setup", work: name, setup });
  return {
    run(task) {
      pending = Promise.withResolvers();
      if (death !== undefined) pending.reject(death);
      else tell({ kind: "task", task });
      return pending.promise;
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}

/** Threads that share tasks among them. */
export class Pool<Task, Outcome> implements Disposable {
  readonly #threads: readonly Thread<Task, Outcome>[];
  readonly #stop: StopFlag;
  readonly #nameOf: (task: Task) => string;

  /**
   * @param threads At least one.
   * @param stop When it is set no further task is begun. It is set when something fails.
   * @param nameOf Says what a thread does in a task, "reads ...", for the message if it dies of it.
   */
  constructor(threads: readonly Thread<Task, Outcome>[], stop: StopFlag, nameOf: (task: Task) => string) {
    this.#threads = threads;
    this.#stop = stop;
    this.#nameOf = nameOf;
  }

  /**
   * Runs tasks in any order.
   *
   * @param tasks The tasks, asked for when a thread is free.
   * @param take Takes what came of each, as it comes; that of a task which was asked to stop too. What it throws ends
   * the run, after the tasks that are under way.
   * @throws {Error} The first thing that was thrown.
   */
  async run(tasks: Iterable<Task>, take: (task: Task, outcome: Outcome) => void): Promise<void> {
    await this.#share(tasks, async (thread, task) => take(task, await this.#runOn(thread, task)));
  }

  /**
   * Runs tasks, and hands on what came of them in the order of the tasks.
   *
   * @param tasks The tasks, asked for when a thread is free.
   * @param accept Takes what came of each, in order. It may return a task to be run in place of this one, whose outcome
   * it is given next. It is not called any more when all is asked to stop.
   * @throws {Error} The first thing that was thrown.
   */
  async runInOrder(tasks: Iterable<Task>, accept: (task: Task, outcome: Outcome) => Task | undefined): Promise<void> {
    const waiting = new Map<number, { task: Task; outcome: Outcome }>();
    let begun = 0;
    let accepted = 0;
    let accepting = false;
    await this.#share(tasks, async (thread, task) => {
      const place = begun++;
      const outcome = await this.#runOn(thread, task);
      waiting.set(place, { task, outcome });
      // One at a time hands on, also while it runs a task again.
      if (accepting) return;
      accepting = true;
      for (let ready = waiting.get(accepted); ready !== undefined; ready = waiting.get(accepted)) {
        if (this.#stop.isSet) return;
        const again = accept(ready.task, ready.outcome);
        if (again !== undefined) {
          waiting.set(accepted, { task: again, outcome: await this.#runOn(thread, again) });
          continue;
        }
        waiting.delete(accepted);
        accepted++;
      }
      accepting = false;
    });
  }

  /** Ends the threads. */
  [Symbol.dispose](): void {
    for (const thread of this.#threads) thread[Symbol.dispose]();
  }

  async #share(
    tasks: Iterable<Task>,
    run: (thread: Thread<Task, Outcome>, task: Task) => Promise<void>,
  ): Promise<void> {
    // One iterator for all: each task goes to the thread that asks first.
    const shared = tasks[Symbol.iterator]();
    let failure: { error: unknown } | undefined;
    await Promise.all(this.#threads.map(async (thread) => {
      try {
        while (!this.#stop.isSet) {
          const next = shared.next();
          if (next.done) return;
          await run(thread, next.value);
        }
      } catch (error) {
        failure ??= { error };
        this.#stop.set();
      }
    }));
    if (failure !== undefined) throw failure.error;
  }

  async #runOn(thread: Thread<Task, Outcome>, task: Task): Promise<Outcome> {
    try {
      return await thread.run(task);
    } catch (error) {
      if (!(error instanceof ThreadDeath)) throw error;
      throw new Error(`a thread ended while it ${this.#nameOf(task)}: ${error.message}`, { cause: error });
    }
  }
}

/** Tasks of every job: enough that the last ones end together. */
const TASKS_A_JOB = 8;
/** A task that reads more ties up a thread for long. */
const CHUNKS_A_TASK = 4;
/** A task that reads less costs more than it shares out. */
const LEAST_TASK_BYTES = 2 ** 16;

/**
 * About how many bytes a task should read: every job has several tasks, however small the input is.
 *
 * @param bytes Of all input.
 * @param jobs How many threads share it.
 * @param chunkBytes How many bytes are read at once.
 * @returns Bytes, at least one.
 */
export function bytesOfTask(bytes: number, jobs: number, chunkBytes: number): number {
  const share = Math.max(LEAST_TASK_BYTES, Math.ceil(bytes / (TASKS_A_JOB * jobs)));
  return Math.min(share, CHUNKS_A_TASK * chunkBytes);
}
