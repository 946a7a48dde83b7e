import type { LostRange } from "../dataset/lost_range.ts";
import { LabelSet } from "../label_set.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";
import { type RecordScanner, ROW } from "../recordio/types.ts";
import type { ImageSink } from "../sink/image_sink.ts";

/** What was written so far. */
export interface Written {
  /** Images. */
  images: number;
  /** Their bytes. */
  bytes: number;
}

/** An image that has its place in the output. Plain data. */
export interface PlacedImage {
  /** Its label, shifted. */
  label: number;
  /** Its number. */
  ordinal: number;
  /** Its bytes. */
  bytes: number;
}

/** What came of a task. Plain data. */
export interface TaskOutcome extends Written {
  /** Images written that have no bytes. */
  emptyImages: number;
  /** Images written whose record was stored in several parts. */
  multiPartImages: number;
  /** Labels of the images written, shifted, each once. */
  labels: Float64Array<ArrayBuffer>;
  /** Images that could not be read, where those are left out. */
  lost?: LostRange[];
  /** The image written last. */
  last?: PlacedImage;
  /** Whether all images of the task are written and their files closed. */
  finished?: true;
  /** Seconds it took to make them durable. */
  syncSeconds?: number;
  /** Why the task ended early: a record that cannot be read, or what else went wrong, as a sentence. */
  failure?: { problem: RecordProblem } | { message: string };
}

/** Thrown out of a task that was asked to stop. */
export class Stopped extends Error {}

/** Gives images to a sink as views of a scanner's memory, and counts them. */
export class ImageWriter implements Written {
  images = 0;
  bytes = 0;
  #emptyImages = 0;
  #multiPartImages = 0;
  readonly #last: PlacedImage = { label: NaN, ordinal: NaN, bytes: NaN };
  readonly #labels = new LabelSet();
  readonly #sink: ImageSink;
  readonly #labelShift: number;
  readonly #stop: Int32Array<SharedArrayBuffer>;

  /**
   * @param sink Takes the images.
   * @param labelShift What is added to their labels.
   * @param stop Not 0 when no further image is to be written.
   */
  constructor(sink: ImageSink, labelShift: number, stop: Int32Array<SharedArrayBuffer>) {
    this.#sink = sink;
    this.#labelShift = labelShift;
    this.#stop = stop;
  }

  /**
   * Writes an image.
   *
   * @param scanner After the scan that found it.
   * @param row The word of its table where the record's row begins.
   * @param ordinal The image's number.
   * @param offset Where the record begins in its file.
   * @throws {RecordError} If its label names no class.
   * @throws {UnrecError} If the sink refuses it.
   * @throws {Stopped} If no further image is to be written.
   */
  write(scanner: RecordScanner, row: number, ordinal: number, offset: number): void {
    if (Atomics.load(this.#stop, 0) !== 0) throw new Stopped();
    const { table } = scanner;
    const label = Math.trunc(scanner.labels[row + ROW.LABEL]) + this.#labelShift;
    if (!Number.isFinite(label)) throw new RecordError({ kind: "label", offset, position: offset, value: label });
    const start = table[row + ROW.IMAGE];
    const length = table[row + ROW.LENGTH];
    this.#sink.write(label, ordinal, scanner.chunk.subarray(start, start + length));
    this.#labels.add(label);
    this.#last.label = label;
    this.#last.ordinal = ordinal;
    this.#last.bytes = length;
    this.images++;
    this.bytes += length;
    if (length === 0) this.#emptyImages++;
    if (table[row + ROW.PARTS] > 1) this.#multiPartImages++;
  }

  /** What was written. */
  outcome(): TaskOutcome {
    return {
      images: this.images,
      bytes: this.bytes,
      emptyImages: this.#emptyImages,
      multiPartImages: this.#multiPartImages,
      labels: Float64Array.from(this.#labels),
      ...(this.images === 0 ? {} : { last: this.#last }),
    };
  }
}
