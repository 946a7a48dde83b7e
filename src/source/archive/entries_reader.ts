import type { ReadTask } from "../../dataset/plan.ts";
import { type Steps, Stopped } from "../../pool/work.ts";
import type { ReaderContext, RecordTaker, SourceReader, StreamEnd } from "../source.ts";
import { ArchiveEntries, type ArchiveSpec } from "./archive_entries.ts";

/** Reads the datasets of an archive, whatever they are packed in. How that is read, its heirs know. */
export abstract class EntriesReader implements SourceReader {
  read = 0;
  /** What is read. */
  protected readonly spec: ArchiveSpec;
  /** What it shares with other readers. */
  protected readonly context: ReaderContext;
  #entries: ArchiveEntries | undefined;

  /**
   * @param spec What to read.
   * @param context What it shares with other readers.
   */
  constructor(spec: ArchiveSpec, context: ReaderContext) {
    this.spec = spec;
    this.context = context;
  }

  get labelShift(): number {
    return this.#entries?.labelShift ?? 0;
  }

  async *run(task: ReadTask, taker: RecordTaker): Steps<StreamEnd> {
    using entries = this.#entries = new ArchiveEntries(this.spec, this.context, task.numbers.first, taker);
    try {
      yield* this.readEntries(entries);
      return entries.end();
    } catch (error) {
      throw this.explain(error, entries);
    }
  }

  /**
   * Reads all entries that are of interest.
   *
   * @param entries Takes them.
   * @yields Now and then.
   * @throws If they cannot be read; {@linkcode explain} says why.
   */
  protected abstract readEntries(entries: ArchiveEntries): AsyncGenerator<void, void>;

  /**
   * Says why entries cannot be read.
   *
   * @param error What was thrown.
   * @param entries What took them.
   * @returns What is to be thrown.
   */
  protected abstract explain(error: unknown, entries: ArchiveEntries): unknown;

  /** Ends the reading where that was asked for: what had been coming was cut short. */
  protected requireGoesOn(): void {
    if (this.context.signal?.aborted) throw new Stopped();
  }

  [Symbol.dispose](): void {}
}
