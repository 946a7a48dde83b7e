import { pixelSize } from "../recordio/image_head.ts";
import { IndexWriter } from "../recordio/index_writer.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { RecordWriter } from "../recordio/record_writer.ts";
import { GrowingFile } from "./growing_file.ts";
import { FIRST_KEY, MOST_IMAGES, REC_FILES, type RecLayout, requireStorable, tooManyImages } from "./rec_layout.ts";
import type { RecReceipt } from "./rec_receipt.ts";
import type { Finished, Sink, SinkTask } from "./sink.ts";

/** Where a record file is written, and how. */
export interface RecOptions {
  /** The folder; it must exist. */
  output: string;
  layout: RecLayout;
  /** Whether what is written is made durable at the end of each task. */
  fsync: boolean;
}

/**
 * Writes a `train.rec` and its `train.idx`, image by image. At the end of each task all is handed to the system that was
 * written, so that a later run can go on from there. What names the images comes last and is written by the store.
 */
export class RecSink implements Sink {
  readonly #options: RecOptions;
  readonly #layout: RecLayout;
  /** What was written before. */
  readonly #written: Pick<RecReceipt, "records" | "index">;
  /** Open from the first task on. */
  #files: RecFiles | undefined;
  /** Whether there is another task after this one. */
  #goesOn = true;
  #nextKey: number;
  /** Images of the task. */
  #images = 0;
  #firstLabel = 0;
  #label = 0;
  #highest = 0;
  /** How many images follow each other that have the same label; the last of these goes on. */
  #runs: number[] = [];
  #size = "";

  /**
   * @param options Where it writes, and how.
   * @param written What earlier runs have written, task by task: it goes on after that.
   */
  constructor(options: RecOptions, written: readonly RecReceipt[]) {
    this.#options = options;
    this.#layout = options.layout;
    this.#written = written.at(-1) ?? { records: 0, index: 0 };
    this.#nextKey = written.reduce((sum, { images }) => sum + images, FIRST_KEY[this.#layout]);
  }

  begin({ goesOn }: SinkTask): void {
    // Files that are whole stay as they are where nothing is to be added.
    this.#files ??= new RecFiles(this.#options, this.#written);
    this.#goesOn = goesOn;
    this.#images = 0;
    this.#runs = [];
  }

  write(record: RecordView): void {
    const { label } = record;
    requireStorable(record, this.#layout);
    const key = this.#nextKey;
    if (key - FIRST_KEY[this.#layout] === MOST_IMAGES[this.#layout]) throw tooManyImages(this.#layout);
    if (this.#images === 0 || label !== this.#label) this.#beginRun(record);
    this.#runs[this.#runs.length - 1]++;
    this.#images++;
    this.#nextKey++;
    this.#files!.image(record, key, this.#layout === "flat");
  }

  finish(): Finished {
    const files = this.#files!;
    files.flush();
    const { fsync } = this.#options;
    const begin = performance.now();
    if (fsync) files.sync();
    const syncSeconds = (performance.now() - begin) / 1000;
    if (!this.#goesOn) files.close();
    return {
      ...this.#images === 0 ? {} : { receipts: [this.#receipt(files.written)] },
      ...fsync ? { syncSeconds } : {},
    };
  }

  /** Closes the files; what tasks have finished stays in them. */
  abandon(): void {
    this.#files?.close();
  }

  #receipt({ records, index }: Pick<RecReceipt, "records" | "index">): RecReceipt {
    return {
      records,
      index,
      images: this.#images,
      firstLabel: this.#firstLabel,
      lastLabel: this.#label,
      highest: this.#highest,
      runs: this.#runs.join(" "),
      size: this.#size,
    };
  }

  /** Takes note of an image with another label than the one before it. */
  #beginRun({ label, payload, bytes }: RecordView): void {
    if (this.#images === 0) {
      this.#firstLabel = this.#highest = label;
      const size = pixelSize(payload.name, bytes);
      this.#size = size === undefined ? "" : `${size.height},${size.width}`;
    }
    this.#label = label;
    this.#highest = Math.max(this.#highest, label);
    this.#runs.push(0);
  }
}

/** The files of a {@linkcode RecSink}, open. */
class RecFiles {
  readonly #recordFile: GrowingFile;
  readonly #indexFile: GrowingFile;
  readonly #records: RecordWriter;
  readonly #index: IndexWriter;
  #indexBytes: number;

  constructor({ output, layout }: RecOptions, { records, index }: Pick<RecReceipt, "records" | "index">) {
    this.#recordFile = new GrowingFile(output, REC_FILES.records, records);
    this.#indexFile = new GrowingFile(output, REC_FILES.index, index);
    this.#records = new RecordWriter((bytes) => this.#recordFile.append(bytes), records);
    this.#index = new IndexWriter((bytes) => {
      this.#indexFile.append(bytes);
      this.#indexBytes += bytes.length;
    });
    this.#indexBytes = index;
    if (layout === "identity" && records === 0) {
      // What it names is known when all is written.
      this.#index.append(0, 0);
      this.#records.range(0, 0, 0);
    }
  }

  /** How many bytes of each file are handed to the system, after {@linkcode flush}. */
  get written(): Pick<RecReceipt, "records" | "index"> {
    return { records: this.#records.offset, index: this.#indexBytes };
  }

  image(record: RecordView, key: number, isScalar: boolean): void {
    this.#index.append(key, this.#records.offset);
    this.#records.image(record, key, isScalar);
  }

  flush(): void {
    this.#records.flush();
    this.#index.flush();
  }

  sync(): void {
    this.#recordFile.sync();
    this.#indexFile.sync();
  }

  close(): void {
    this.#recordFile.close();
    this.#indexFile.close();
  }
}
