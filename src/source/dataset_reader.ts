import type { BytesSpec, Stretches, StretchOptions } from "../bytes/stretches.ts";
import type { Traffic } from "../bytes/traffic.ts";
import { Cursor } from "../dataset/cursor.ts";
import type { ReadTask } from "../dataset/plan.ts";
import { readTask } from "../dataset/read_task.ts";
import type { Steps } from "../pool/work.ts";
import type { ReaderContext, ReaderSpec, RecordTaker, SourceReader } from "./source.ts";

/** What a thread needs to read a dataset. Plain data. */
export interface DatasetSpec extends ReaderSpec {
  kind: "dataset";
  /** The record file. */
  records: BytesSpec;
}

/** Reads tasks of a dataset: from its record file, or from what gives the bytes of one. */
export class DatasetReader implements SourceReader {
  readonly read = 0;
  readonly labelShift = 0;
  readonly #open: (how: StretchOptions) => Stretches;
  readonly #context: ReaderContext;
  #file: Stretches | undefined;

  /**
   * @param open Opens the records; called for the first task.
   * @param context What it shares with other readers.
   */
  constructor(open: (how: StretchOptions) => Stretches, context: ReaderContext) {
    this.#open = open;
    this.#context = context;
  }

  get traffic(): Traffic | undefined {
    return this.#file?.traffic;
  }

  run(task: ReadTask, taker: RecordTaker): Steps<void> {
    const { scanner, signal } = this.#context;
    const file = this.#file ??= this.#open({ chunkBytes: scanner.chunk.length, signal });
    return file.run(readTask(new Cursor(file.source, scanner), task, taker), task.start, task.end);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}
