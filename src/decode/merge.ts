import { join } from "node:path";
import { FileSource } from "../bytes/file_source.ts";
import { lastAtMost } from "../dataset/runs.ts";
import { UnrecError } from "../errors.ts";
import { Pool, startWorkers, thisThread } from "../pool/pool.ts";
import type { ProgressListener, StopFlag } from "../pool/work.ts";
import type { Receipt, SinkStore } from "../sink/sink.ts";
import { isSpillReceipt, type SpillReceipt, type SpillSpec, withoutSpills } from "../sink/spill_sink.ts";
import type { TaskOutcome } from "./decode_work.ts";
import { taskName } from "./journal_lines.ts";
import { type MergeSetup, type MergeTask, type Spill, startMergeWork } from "./merge_work.ts";
import type { ShufflePlan } from "./shuffle_plan.ts";

/** How images that were set aside are written. */
export interface MergeOptions {
  /** What they are written to. */
  store: SinkStore;
  /** Their order. */
  plan: ShufflePlan;
  /** How they were set aside. */
  spills: SpillSpec;
  /** What was said of the files there, and of what is written already. */
  receipts: readonly Receipt[];
  /** The names of tasks that are done. */
  finished: ReadonlySet<string>;
  /** How many threads write at most. */
  jobs: number;
  /** How many images each can hold in memory. */
  heldImages: number;
  stop: StopFlag;
  /** Told, before the first one is written, how many images there are left, about. */
  onBegin(images: number): void;
  onProgress: ProgressListener;
  /** Takes what came of each task. */
  take(task: MergeTask, outcome: TaskOutcome): void;
  /** Lets others have their turn now and then. */
  pause(): Promise<void> | undefined;
}

/**
 * Writes images that were set aside, in shuffled order.
 *
 * @param options How.
 * @returns Whether all are written; false if it was asked to stop.
 * @throws {UnrecError} If something cannot be read or written.
 */
export async function merge(options: MergeOptions): Promise<boolean> {
  const { store, plan, spills: { folder }, receipts, finished, stop, onBegin, onProgress, take } = options;
  const { begins, tasks } = plan.pieces(options.heldImages);
  const left = tasks.filter((task) => !finished.has(taskName(task)));
  if (left.length === 0) return true;
  onBegin(left.reduce((sum, { pieces: [first, end] }) => sum + begins[end] - begins[first], 0));
  const setup: MergeSetup = {
    ...await readSpills(folder, receipts.filter(isSpillReceipt), begins, options.pause),
    folder,
    begins,
    sink: store.spec,
    stop: stop.word,
  };
  const jobs = Math.min(options.jobs, left.length);
  const written = withoutSpills(receipts);
  const isHere = jobs === 1 || plan.inSequence || store.spec === undefined;
  const sink = isHere ? await store.open(written) : undefined;
  const threads = isHere
    ? [thisThread(await startMergeWork(setup, sink), onProgress)]
    : startWorkers(jobs, "merge", setup, onProgress);
  using pool = new Pool(threads, stop, ({ first }) => `wrote images from place ${first} on in shuffled order`);
  let open = left.length;
  try {
    await pool.run(left, (task, outcome) => {
      take(task, outcome);
      if (outcome.finished) open--;
    });
  } finally {
    // Between two tasks it may have a file open.
    sink?.abandon?.();
  }
  return open === 0;
}

/** Finds out where the pieces begin in each file. */
async function readSpills(
  folder: string,
  receipts: readonly SpillReceipt[],
  begins: Float64Array,
  pause: MergeOptions["pause"],
): Promise<Pick<MergeSetup, "spills" | "starts">> {
  const row = begins.length;
  const starts = new Uint32Array(new SharedArrayBuffer(4 * row * receipts.length));
  const spills: Spill[] = [];
  for (const receipt of receipts) {
    const { end, images } = receipt;
    const index = readIndex(folder, receipt);
    const places = new Uint32Array(index.buffer, 0, images);
    const words = new Uint32Array(index.buffer, 4 * images, images);
    for (let piece = 0; piece < row; piece++) {
      // The first one that is not before the piece.
      const at = 1 + lastAtMost(images, begins[piece] - 1, (i) => places[i]);
      starts[spills.length * row + piece] = at < images ? words[at] : end / 8;
    }
    spills.push({ name: receipt.spill, sources: JSON.parse(new TextDecoder().decode(index.subarray(8 * images))) });
    await pause();
  }
  return { spills, starts };
}

function readIndex(folder: string, { spill, bytes, end }: SpillReceipt): Uint8Array<ArrayBuffer> {
  const path = join(folder, spill);
  using file = new FileSource(path, bytes);
  const index = new Uint8Array(bytes - end);
  if (file.read(end, index) < index.length) throw new UnrecError(`Cannot read ${path}: it became shorter`);
  return index;
}
