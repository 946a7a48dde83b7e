import type { ReadingOrder } from "../dataset/reading_order.ts";
import { lastAtMost } from "../dataset/runs.ts";
import { ShardCutter } from "../sink/shard_cutter.ts";
import type { ShardCut } from "../sink/sink.ts";

/** Images of one source that follow each other in reading order. */
export interface Stretch {
  /** Which source, from 0. */
  source: number;
  /** Place of the first one in its reading order. */
  place: number;
  /** How many. */
  count: number;
}

/**
 * Images shared out among files, over all sources. What is kept of a file is where it begins: there may be as many files
 * as images.
 */
export class ShardPlan {
  readonly #orders: readonly (readonly [number, ReadingOrder])[];
  /** The place of each source's first image among all images, and last how many these are. */
  readonly #starts: number[] = [0];
  /** The place of each file's first image among all images, and last how many these are. */
  readonly #begins: number[] = [];

  /**
   * @param orders The images of each source, with its number.
   * @param cut Where files end.
   */
  constructor(orders: readonly (readonly [number, ReadingOrder])[], cut: ShardCut) {
    this.#orders = orders;
    const cutter = new ShardCutter(cut);
    let images = 0;
    for (const [, order] of orders) {
      const bytes = cut.bytes === Infinity ? undefined : order.recordBytes();
      for (const end = images + order.length; images < end; images++) {
        if (cutter.beginsShard(bytes?.next().value ?? 0) || images === 0) this.#begins.push(images);
      }
      this.#starts.push(images);
    }
    this.#begins.push(images);
  }

  /** How many files there are. */
  get count(): number {
    return this.#begins.length - 1;
  }

  /**
   * How many images a file gets.
   *
   * @param shard Its number, from 0.
   */
  imagesOf(shard: number): number {
    return this.#begins[shard + 1] - this.#begins[shard];
  }

  /**
   * The images that a file gets.
   *
   * @param shard Its number, from 0.
   * @returns At least one stretch, source by source.
   */
  stretchesOf(shard: number): Stretch[] {
    const stretches: Stretch[] = [];
    const end = this.#begins[shard + 1];
    for (let image = this.#begins[shard]; image < end;) {
      const i = lastAtMost(this.#orders.length, image, (i) => this.#starts[i]);
      const count = Math.min(end, this.#starts[i + 1]) - image;
      stretches.push({ source: this.#orders[i][0], place: image - this.#starts[i], count });
      image += count;
    }
    return stretches;
  }
}

/**
 * The share that writes a shard: each has neighbouring ones.
 *
 * @param shard The number of the shard, from 0.
 * @param shards How many there are.
 * @param shares How many shares there are.
 */
export function shareOfShard(shard: number, shards: number, shares: number): number {
  // The last one whose first shard, floor(shards * share / shares), is at most this one.
  return Math.ceil((shard + 1) * shares / shards) - 1;
}
