import type { ReadingOrder } from "../dataset/reading_order.ts";
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
 * Shares images out among files, over all sources.
 *
 * @param orders The images of each source, with its number.
 * @param cut Where files end.
 * @returns For each file the images that it gets, source by source.
 */
export function planShards(orders: readonly (readonly [number, ReadingOrder])[], cut: ShardCut): Stretch[][] {
  const cutter = new ShardCutter(cut);
  const shards: Stretch[][] = [];
  for (const [source, order] of orders) {
    const bytes = cut.bytes === Infinity ? undefined : order.recordBytes()[Symbol.iterator]();
    let stretch: Stretch | undefined;
    for (let place = 0; place < order.length; place++) {
      const begins = cutter.beginsShard(bytes?.next().value ?? 0);
      if (begins || shards.length === 0) shards.push([]);
      if (begins || stretch === undefined) shards[shards.length - 1].push(stretch = { source, place, count: 0 });
      stretch.count++;
    }
  }
  return shards;
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
