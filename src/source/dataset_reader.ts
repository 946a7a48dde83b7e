import { type BytesSpec, openStretches, type Stretches } from "../bytes/stretches.ts";
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

/** Reads tasks of a dataset. */
export class DatasetReader implements SourceReader {
  readonly read = 0;
  readonly labelShift = 0;
  readonly #records: BytesSpec;
  readonly #context: ReaderContext;
  #file: Stretches | undefined;

  /**
   * @param spec What to read; it is opened for the first task.
   * @param context What it shares with other readers.
   */
  constructor({ records }: DatasetSpec, context: ReaderContext) {
    this.#records = records;
    this.#context = context;
  }

  get traffic(): Traffic | undefined {
    return this.#file?.traffic;
  }

  run(task: ReadTask, taker: RecordTaker): Steps<void> {
    const { scanner, signal } = this.#context;
    const file = this.#file ??= openStretches(this.#records, { chunkBytes: scanner.chunk.length, signal });
    return file.run(readTask(new Cursor(file.source, scanner), task, taker), task.start, task.end);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}
