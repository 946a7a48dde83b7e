import { RecordMemory } from "../recordio/record_memory.ts";
import type { RecordView } from "../recordio/record_view.ts";
import type { Finished, Receipt, Sink, SinkSpec, SinkTask } from "./sink.ts";
import { WholeFile } from "./whole_file.ts";

/** Where images are set aside. Plain data. */
export interface SpillSpec extends SinkSpec {
  /** The folder; it must exist. */
  folder: string;
  /** What the names of files begin with. */
  prefix: string;
  /** Whether files are durable when they are whole. */
  fsync: boolean;
}

/** What a spill file holds. Plain data. */
export interface SpillReceipt extends Receipt {
  /** Its name. */
  spill: string;
  /** Its bytes. */
  bytes: number;
  /** The byte where its images end and what tells where each is begins. */
  end: number;
  /** How many images it has. */
  images: number;
}

/**
 * Whether a receipt is one of a spill file: anybody can write a journal.
 *
 * @param receipt What the journal has.
 */
export function isSpillReceipt(receipt: Receipt): receipt is SpillReceipt {
  const { spill, bytes, end, images } = receipt;
  return typeof spill === "string" && [bytes, end, images].every(Number.isSafeInteger);
}

/**
 * What is said of other files than spills.
 *
 * @param receipts What is said of all.
 */
export function withoutSpills(receipts: readonly Receipt[]): Receipt[] {
  return receipts.filter((receipt) => !isSpillReceipt(receipt));
}

/** Memory is asked for in blocks of so many bytes, or of one record if that has more. */
const BLOCK_BYTES = 2 ** 23;

/** Where an image is held. */
interface Held {
  place: number;
  memory: RecordMemory;
  at: number;
  bytes: number;
}

/**
 * Sets images aside that are to be written in another order than they are read in: those of a task go to a file of their
 * own, sorted by their places in what will be written. So all images of any stretch of places follow each other there,
 * and to merge the files is to read a piece of each. Programs that sort more than memory holds call such files spills.
 *
 * A file has the records, packed as {@linkcode RecordView.pack} does, then the place of each (u32), then where each begins
 * (u32, in units of 8 bytes), then the names of their sources (JSON).
 */
export class SpillSink implements Sink {
  readonly #spec: SpillSpec;
  readonly #blocks: RecordMemory[] = [];
  readonly #held: Held[] = [];
  readonly #sources: string[] = [];
  /** The block that is being filled, and how far. */
  #block = -1;
  #filled = 0;
  #firstNumber = 0;

  /** @param spec Where it writes. */
  constructor(spec: SpillSpec) {
    this.#spec = spec;
  }

  begin(_task: SinkTask): void {
    this.#empty();
  }

  write(record: RecordView): void {
    const bytes = record.packedBytes;
    const memory = this.#memoryFor(bytes);
    const at = this.#filled;
    record.pack(memory, at, this.#numberOf(record.source));
    this.#filled += bytes;
    if (this.#held.length === 0) this.#firstNumber = record.number;
    this.#held.push({ place: record.place!, memory, at, bytes });
  }

  finish(): Finished {
    const held = this.#held.sort((a, b) => a.place - b.place);
    if (held.length === 0) return {};
    const { folder, prefix, fsync } = this.#spec;
    const spill = `${prefix}${this.#firstNumber}`;
    const file = new WholeFile(folder, spill, { fsync });
    try {
      const places = new Uint32Array(held.length);
      const starts = new Uint32Array(held.length);
      for (const [i, { place, memory, at, bytes }] of held.entries()) {
        places[i] = place;
        starts[i] = file.position / 8;
        file.write(memory.chunk.subarray(at, at + bytes));
      }
      const end = file.position;
      file.write(new Uint8Array(places.buffer));
      file.write(new Uint8Array(starts.buffer));
      file.write(new TextEncoder().encode(JSON.stringify(this.#sources)));
      const begin = performance.now();
      const [{ bytes }] = file.finish();
      const syncSeconds = (performance.now() - begin) / 1000;
      const receipt: SpillReceipt = { spill, bytes: Number(bytes), end, images: held.length };
      return { receipts: [receipt], ...fsync ? { syncSeconds } : {} };
    } catch (error) {
      file.abandon();
      throw error;
    } finally {
      this.#empty();
    }
  }

  abandon(): void {
    this.#empty();
  }

  #empty(): void {
    this.#held.length = 0;
    this.#sources.length = 0;
    this.#block = -1;
    this.#filled = 0;
  }

  #memoryFor(bytes: number): RecordMemory {
    if (this.#block < 0 || this.#filled + bytes > this.#blocks[this.#block].chunk.length) {
      this.#block++;
      this.#filled = 0;
      // Blocks serve again in the next task.
      if ((this.#blocks[this.#block]?.chunk.length ?? 0) < bytes) {
        this.#blocks[this.#block] = new RecordMemory(Math.max(bytes, BLOCK_BYTES));
      }
    }
    return this.#blocks[this.#block];
  }

  #numberOf(source: string): number {
    const number = this.#sources.indexOf(source);
    return number < 0 ? this.#sources.push(source) - 1 : number;
  }
}
