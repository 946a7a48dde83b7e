import type { Dataset } from "../dataset/dataset.ts";
import { lastAtMost } from "../dataset/last_at_most.ts";
import type { LostRange } from "../dataset/lost_range.ts";
import { describeProblem } from "../recordio/problem.ts";

/** An image that could not be read. */
export interface LostImage {
  /** Its key. */
  key: number;
  /** The key of the identity record that names it; undefined in the flat layout. */
  identity: number | undefined;
  /** Its number in the tree. */
  ordinal: number;
  /** Byte of the record file where its record should begin; undefined if the index does not have its key. */
  offset: number | undefined;
}

/** Images of neighbouring records that could not be read. */
export interface LostPlace {
  /** Byte of the record file where the first one begins; undefined if the index does not have their keys. */
  start: number | undefined;
  /** Where the record behind the last one begins, as the index tells, or the file ends. */
  end: number | undefined;
  /** Key of the first one and of the last one, in reading order. */
  keys: [number, number];
  /** How many. */
  images: number;
  /** Why the first one cannot be read. */
  reason: string;
}

/** An identity record that is not whole any more. */
export interface LostIdentity {
  /** Its key. */
  key: number;
  /** How many images it names. */
  images: number;
  /** How many of them are lost. */
  lost: number;
}

/** What could not be read of a dataset. */
export class DatasetLoss {
  /** Name of the record file. */
  readonly path: string;
  /** How many images are lost. */
  readonly images: number;
  /** Where, in reading order. */
  readonly places: LostPlace[] = [];
  readonly #dataset: Dataset;
  readonly #ranges: LostRange[];
  readonly #firstOrdinal: number;

  /**
   * Puts keys and identities to what was lost.
   *
   * @param dataset The dataset, open.
   * @param ranges What could not be read, with ordinals counted over all datasets.
   * @param firstOrdinal The ordinal of its first image.
   */
  constructor(dataset: Dataset, ranges: LostRange[], firstOrdinal: number) {
    this.path = dataset.path;
    this.#dataset = dataset;
    this.#ranges = ranges;
    this.#firstOrdinal = firstOrdinal;
    let images = 0;
    for (const range of ranges) {
      images += range.images;
      const { ordinal, problem, lastOffset } = range;
      this.places.push({
        start: problem.offset,
        end: Math.max(lastOffset, Math.min(dataset.bytes, dataset.index.offsetBehind(lastOffset))),
        keys: [this.#keyOf(ordinal), this.#keyOf(ordinal + range.images - 1)],
        images: range.images,
        reason: describeProblem(problem),
      });
    }
    for (const { key, count } of dataset.layout.missing) {
      images += count;
      const reason = "the index does not have them";
      this.places.push({ start: undefined, end: undefined, keys: [key, key + count - 1], images: count, reason });
    }
    this.images = images;
  }

  /** Every image that is lost, those whose keys are missing behind the others. */
  *lostImages(): Generator<LostImage> {
    const { index, layout } = this.#dataset;
    for (const { ordinal, images } of this.#ranges) {
      for (let i = ordinal; i < ordinal + images; i++) {
        const row = this.#rowOf(i);
        yield {
          key: index.keys.at(row),
          identity: this.#identityOf(i - this.#firstOrdinal),
          ordinal: i,
          offset: index.offsets[row],
        };
      }
    }
    for (const { key, count, ordinal } of layout.missing) {
      for (let i = 0; i < count; i++) {
        yield {
          key: key + i,
          identity: this.#identityOf(ordinal + i),
          ordinal: this.#firstOrdinal + ordinal + i,
          offset: undefined,
        };
      }
    }
  }

  /** The identity records that images are lost of, in the order of their keys. */
  identities(): LostIdentity[] {
    const { identityOrdinals } = this.#dataset.layout;
    const lost = new Map<number, number>();
    for (const { identity } of this.lostImages()) {
      if (identity !== undefined) lost.set(identity, (lost.get(identity) ?? 0) + 1);
    }
    return [...lost].sort(([a], [b]) => a - b).map(([key, count]) => {
      const i = key - this.#firstIdentity();
      return { key, images: identityOrdinals[i + 1] - identityOrdinals[i], lost: count };
    });
  }

  #rowOf(ordinal: number): number {
    const { order, ordinals } = this.#dataset.layout;
    const within = ordinal - this.#firstOrdinal;
    if (ordinals === undefined) return order.at(within);
    // Ordinals rise; the place of one is found through the run that holds it.
    const run = lastAtMost(ordinals.count, within, (i) => ordinals.starts[i]);
    return order.at(ordinals.positions[run] + within - ordinals.starts[run]);
  }

  #keyOf(ordinal: number): number {
    return this.#dataset.index.keys.at(this.#rowOf(ordinal));
  }

  /** The identity record that names the image with an ordinal within the dataset. */
  #identityOf(within: number): number | undefined {
    const { identityOrdinals, kind } = this.#dataset.layout;
    if (kind === "flat") return undefined;
    return this.#firstIdentity() + lastAtMost(identityOrdinals.length - 1, within, (i) => identityOrdinals[i]);
  }

  #firstIdentity(): number {
    return this.#dataset.layout.firstIdentity;
  }
}
