import type { ShareSize } from "../dataset/share.ts";
import type { SinkStore } from "../sink/sink.ts";
import type { Source } from "../source/source.ts";
import { ShardPlan, shareOfShard } from "./plan_shards.ts";
import { requireSharable, storeOfShare } from "./shares.ts";

/** What a share is going to do. Plain data. */
export interface PlannedShare extends ShareSize {
  /** Files that it writes. */
  files: number;
}

/**
 * Says what shares of some work are going to do.
 *
 * @param sources What is read, in order.
 * @param store What is written.
 * @param count How many shares there are.
 * @returns The shares, in order.
 * @throws {UnrecError} If the work cannot be shared out.
 */
export function planShares(
  sources: readonly Source[],
  store: SinkStore,
  count: number,
): PlannedShare[] {
  const { cut, inSequence = false, output } = storeOfShare(store, { index: 0, count });
  requireSharable(sources, inSequence, output);
  const orders = sources.map(({ order }) => order!);
  const shares: PlannedShare[] = Array.from({ length: count }, () => ({ images: 0, bytes: 0, files: 0 }));
  if (cut === undefined) {
    for (const order of orders) {
      for (const [i, { images, bytes }] of order.sizesOfShares(count).entries()) {
        shares[i].images += images;
        shares[i].files += images;
        shares[i].bytes += bytes;
      }
    }
    return shares;
  }
  const bytes = orders.map((order) => order.recordBytes());
  const plan = new ShardPlan([...orders.entries()], cut);
  for (let shard = 0; shard < plan.count; shard++) {
    const share = shares[shareOfShard(shard, plan.count, count)];
    share.files++;
    for (const { source, count } of plan.stretchesOf(shard)) {
      share.images += count;
      for (let i = 0; i < count; i++) share.bytes += bytes[source].next().value ?? 0;
    }
  }
  return shares;
}
