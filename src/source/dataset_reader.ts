import { FileSource } from "../bytes/file_source.ts";
import { stepsOf } from "../bytes/reading.ts";
import { Cursor } from "../dataset/cursor.ts";
import type { ReadTask } from "../dataset/plan.ts";
import { readTask } from "../dataset/read_task.ts";
import type { Steps } from "../pool/work.ts";
import type { ReaderContext, ReaderSpec, RecordTaker, SourceReader } from "./source.ts";

/** What a thread needs to read a dataset. Plain data. */
export interface DatasetSpec extends ReaderSpec {
  kind: "dataset";
  /** The record file. */
  path: string;
}

/** Reads tasks of a dataset. */
export class DatasetReader implements SourceReader {
  readonly read = 0;
  readonly labelShift = 0;
  readonly #path: string;
  readonly #context: ReaderContext;
  #file: FileSource | undefined;

  /**
   * @param spec What to read; it is opened for the first task.
   * @param context What it shares with other readers.
   */
  constructor({ path }: DatasetSpec, context: ReaderContext) {
    this.#path = path;
    this.#context = context;
  }

  *run(task: ReadTask, taker: RecordTaker): Steps<undefined> {
    const file = this.#file ??= new FileSource(this.#path);
    yield* stepsOf(readTask(new Cursor(file, this.#context.scanner), task, taker), file);
    return undefined;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}
