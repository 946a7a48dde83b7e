/** How far work is. Plain data. */
export interface Progress {
  /** Images written or read. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** Bytes read of streams, where it is not known before how many images they have. */
  read: number;
}

/** Told what was done since it was told last. */
export type ProgressListener = (progress: Progress) => void;

/** Runs one task: pauses now and then, and returns what came of it. */
export type Steps<Outcome> = Generator<void, Outcome> | AsyncGenerator<void, Outcome>;

/** Does tasks of a kind, one after the other, in the thread that it is in. */
export interface Work<Task, Outcome> extends Disposable {
  /** What was done of all tasks so far. */
  readonly progress: Progress;
  /**
   * Does a task.
   *
   * @param task What to do.
   */
  run(task: Task): Steps<Outcome>;
}

/** Asks all threads to stop: a word of memory that they share. */
export class StopFlag {
  /** The memory, to be given to other threads. */
  readonly word: Int32Array<SharedArrayBuffer>;

  /** @param word That of another thread; without it a new one is made. */
  constructor(word: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))) {
    this.word = word;
  }

  /** Whether it was asked for. */
  get isSet(): boolean {
    return Atomics.load(this.word, 0) !== 0;
  }

  /** Asks all that share the flag to stop. */
  set(): void {
    Atomics.store(this.word, 0, 1);
    Atomics.notify(this.word, 0);
  }

  /**
   * For what waits: a signal that is aborted when it was asked for. It begins to listen now.
   *
   * @returns The signal; its reason is a {@linkcode Stopped}.
   */
  signal(): AbortSignal {
    const asked = new AbortController();
    const abort = () => asked.abort(new Stopped());
    const { async, value } = Atomics.waitAsync(this.word, 0, 0);
    if (async) value.then(abort);
    else abort();
    return asked.signal;
  }
}

/** Milliseconds between two turns of the event loop. */
const TURN_EVERY = 100;

/** Gives the event loop its turn now and then in work that does not wait: signals and displays wait there. */
export class Pause {
  #last = performance.now();

  /** Whether the last turn is long ago. */
  get isDue(): boolean {
    return performance.now() - this.#last >= TURN_EVERY;
  }

  /** Gives the event loop its turn. */
  async take(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#last = performance.now();
  }
}

/** Thrown out of a task that was asked to stop. */
export class Stopped extends Error {}

/** Milliseconds between two reports of a running task. */
const REPORT_EVERY = 100;

/**
 * Runs a task to its end.
 *
 * @param work Does it.
 * @param task The task.
 * @param onProgress Told now and then, and at the end, what was done.
 * @param turn Gives the event loop its turn now and then, where signals and displays wait there: one for all tasks of a
 * thread, for each of them may be short.
 * @returns What came of the task.
 */
export async function runTask<Task, Outcome>(
  work: Work<Task, Outcome>,
  task: Task,
  onProgress: ProgressListener,
  turn?: Pause,
): Promise<Outcome> {
  const told = { ...work.progress };
  const tell = () => {
    const { images, bytes, read } = work.progress;
    onProgress({ images: images - told.images, bytes: bytes - told.bytes, read: read - told.read });
    Object.assign(told, work.progress);
  };
  const steps = work.run(task);
  let last = performance.now();
  for (;;) {
    const next = steps.next();
    // Most steps do not wait, and a promise each would cost more than the step.
    const step = next instanceof Promise ? await next : next;
    const now = performance.now();
    if (step.done || now - last >= REPORT_EVERY) {
      tell();
      last = now;
    }
    if (turn?.isDue) await turn.take();
    if (step.done) return step.value;
  }
}
