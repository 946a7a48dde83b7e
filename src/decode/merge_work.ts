import { join } from "node:path";
import { FileSource } from "../bytes/file_source.ts";
import { UnrecError } from "../errors.ts";
import { type Progress, type Steps, StopFlag, Stopped, type Work } from "../pool/work.ts";
import { RecordMemory } from "../recordio/record_memory.ts";
import { RecordView } from "../recordio/record_view.ts";
import type { Sink, SinkSpec, SinkTask } from "../sink/sink.ts";
import { makeSink } from "../sink/sinks.ts";
import type { TaskOutcome } from "./decode_work.ts";
import { failureOf } from "./task_failure.ts";

/** A file of images that were set aside, as `SpillSink` writes it. Plain data. */
export interface Spill {
  /** Its name. */
  name: string;
  /** The names of its images' sources. */
  sources: readonly string[];
}

/** A file that is to be written, or a part of one. Plain data. */
export interface MergeFile extends SinkTask {
  /** The place of its first image in shuffled order. */
  begin: number;
}

/** Images that were set aside and are to be written. Plain data. */
export interface MergeTask {
  /** The place of the first one in shuffled order: it tells the task from others. */
  first: number;
  /** They are read already, so nothing of a source is counted. */
  parts: readonly never[];
  /** The first piece, and the one after the last one. */
  pieces: readonly [number, number];
  /** What becomes of them, in order; at least one. */
  files: readonly MergeFile[];
}

/** What is needed to do {@linkcode MergeTask}s. Plain data. */
export interface MergeSetup {
  /** Where the images were set aside. */
  folder: string;
  /** The files. */
  spills: readonly Spill[];
  /** The place of the first image of each piece, and last the one after all. */
  begins: Float64Array;
  /** Where each piece begins in each file, file by file, in units of 8 bytes; and where the last one ends. */
  starts: Uint32Array<SharedArrayBuffer>;
  /** What the images are written with; undefined if there is a sink already. */
  sink: SinkSpec | undefined;
  /** The word of a {@linkcode StopFlag}. */
  stop: Int32Array<SharedArrayBuffer>;
}

/** How much more memory is taken than a piece needs. */
const ROOM = 1.1;

/** After so many images others have their turn. */
const IMAGES_A_STEP = 256;

/**
 * Makes what does {@linkcode MergeTask}s in this thread.
 *
 * @param setup What it needs.
 * @param sink Takes the images; made from the setup if it is not given.
 */
export async function startMergeWork(setup: MergeSetup, sink?: Sink): Promise<Work<MergeTask, TaskOutcome>> {
  return new MergeWork(setup, sink ?? await makeSink(setup.sink!));
}

/** Where the images of a piece are in memory, by their places. */
interface Loaded {
  /** The place of the first one. */
  begin: number;
  /** The byte where each begins, in units of 8; -1 where there is none, because it could not be read. */
  starts: Int32Array;
  /** The file that each comes from. */
  spills: Uint32Array;
}

/** Merges what was set aside: reads a piece from every file, and gives its images to a sink by their places. */
class MergeWork implements Work<MergeTask, TaskOutcome> {
  readonly progress: Progress = { images: 0, bytes: 0, read: 0 };
  readonly #setup: MergeSetup;
  readonly #sink: Sink;
  readonly #stop: StopFlag;
  /** It serves for all pieces, and grows with them. */
  #memory = new RecordMemory(0);
  readonly #view = new RecordView();

  constructor(setup: MergeSetup, sink: Sink) {
    this.#setup = setup;
    this.#sink = sink;
    this.#stop = new StopFlag(setup.stop);
  }

  *run({ pieces: [first, end], files }: MergeTask): Steps<TaskOutcome> {
    const outcome: TaskOutcome = { parts: [], receipts: [], syncSeconds: 0 };
    const sink = this.#sink;
    const left = files.values();
    const finish = () => {
      const { receipts = [], syncSeconds = 0 } = sink.finish?.() ?? {};
      outcome.receipts!.push(...receipts);
      outcome.syncSeconds! += syncSeconds;
    };
    try {
      let next = left.next();
      for (let piece = first; piece < end; piece++) {
        const loaded = this.#load(piece);
        for (let i = 0; i < loaded.starts.length; i++) {
          if (this.#stop.isSet) throw new Stopped();
          if (loaded.begin + i === next.value?.begin) {
            if (next.value !== files[0]) finish();
            sink.begin?.(next.value);
            next = left.next();
          }
          if (loaded.starts[i] >= 0) this.#write(loaded, i);
          if (i % IMAGES_A_STEP === 0) yield;
        }
      }
      finish();
      outcome.finished = true;
    } catch (error) {
      sink.abandon?.();
      outcome.failure = failureOf(error);
    }
    return outcome;
  }

  #write({ starts, spills }: Loaded, i: number): void {
    const view = this.#view;
    const source = view.unpack(this.#memory, starts[i] * 8);
    view.source = this.#setup.spills[spills[i]].sources[source];
    this.#sink.write(view);
    this.progress.images++;
    this.progress.bytes += view.length;
  }

  #load(piece: number): Loaded {
    const { spills, begins, starts } = this.#setup;
    const row = begins.length;
    let words = 0;
    for (let spill = 0; spill < spills.length; spill++) {
      words += starts[spill * row + piece + 1] - starts[spill * row + piece];
    }
    // Pieces are about as large as each other: with some more room, one memory serves for nearly all.
    if (this.#memory.chunk.length < words * 8) this.#memory = new RecordMemory(Math.ceil(words * ROOM) * 8);
    const memory = this.#memory;
    const begin = begins[piece];
    const count = begins[piece + 1] - begin;
    const loaded: Loaded = { begin, starts: new Int32Array(count).fill(-1), spills: new Uint32Array(count) };
    let at = 0;
    for (const [i, { name }] of spills.entries()) {
      const start = starts[i * row + piece] * 8;
      const length = starts[i * row + piece + 1] * 8 - start;
      if (length === 0) continue;
      const end = at + length;
      this.#read(name, start, memory.chunk.subarray(at, end));
      for (; at < end; at += memory.bytesAt(at)) {
        const place = memory.placeAt(at) - begin;
        if (loaded.starts[place] !== -1) throw this.#damaged(name);
        loaded.starts[place] = at / 8;
        loaded.spills[place] = i;
      }
      if (at !== end) throw this.#damaged(name);
    }
    return loaded;
  }

  #read(name: string, start: number, into: Uint8Array<ArrayBuffer>): void {
    // There may be more of them than a process may have files open.
    using file = new FileSource(join(this.#setup.folder, name), start + into.length);
    if (file.read(start, into) < into.length) throw this.#damaged(name);
  }

  #damaged(name: string): UnrecError {
    return new UnrecError(`Cannot read ${join(this.#setup.folder, name)}: it is not what was written there`, {
      kind: "text",
      text: "remove it, and what it had is read again",
    });
  }

  [Symbol.dispose](): void {}
}
