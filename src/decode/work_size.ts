import type { Source } from "../source/source.ts";
import type { DecodeTask } from "./decode_work.ts";

/** About how much there is to read and to write. */
export class WorkSize {
  readonly #sources: readonly Source[];

  /** @param sources What is read. */
  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** Bytes that are read. */
  get bytes(): number {
    return this.#sources.reduce((sum, source) => sum + bytesToRead(source), 0);
  }

  /** Bytes that the record of an image has. */
  get imageBytes(): number {
    return this.bytes / Math.max(1, this.#sources.reduce((sum, { imageCount = 0 }) => sum + imageCount, 0));
  }

  /**
   * How many tasks some sources make.
   *
   * @param sources Their numbers.
   * @param taskBytes Bytes that a task reads.
   */
  tasks(sources: readonly number[], taskBytes: number): number {
    return sources.reduce((sum, i) => {
      const source = this.#sources[i];
      // A stream is one task.
      return sum + (source.imageCount === undefined ? 1 : Math.ceil(bytesToRead(source) / taskBytes));
    }, 0);
  }

  /**
   * How many bytes each image of a task has.
   *
   * @param task The task.
   */
  *imagesOf({ parts }: Pick<DecodeTask, "parts">): Generator<number> {
    for (const { source, reads } of parts) {
      for (const read of reads) yield* this.#sources[source].imageBytes(read);
    }
  }

  /**
   * How many labels there are.
   *
   * @param relabel Whether no two sources have the same.
   */
  async labels(relabel: boolean): Promise<number> {
    let labels = 0;
    for (const source of this.#sources) {
      const own = await source.labels() ?? 0;
      labels = relabel ? labels + own : Math.max(labels, own);
    }
    return labels;
  }
}

/** About how many bytes are read of a source: its share, if not all of its images are wanted. */
function bytesToRead({ bytes = 0, imageCount = 1, numberCount = 1 }: Source): number {
  return numberCount === 0 ? bytes : Math.ceil(bytes * imageCount / numberCount);
}
