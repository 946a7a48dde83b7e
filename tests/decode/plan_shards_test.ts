import { assertEquals } from "@std/assert";
import { ShardPlan } from "../../src/decode/plan_shards.ts";
import type { ReadingOrder } from "../../src/dataset/reading_order.ts";
import { ShardCutter } from "../../src/sink/shard_cutter.ts";
import { DatasetPlace } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { type TestRecord, writeDataset } from "../write_dataset.ts";

/** The first images of shards, when records of these sizes come. */
function begins(sizes: number[], images: number, bytes: number): number[] {
  const cutter = new ShardCutter({ images, bytes });
  return Array.from(sizes.keys()).filter((place) => cutter.beginsShard(sizes[place]));
}

Deno.test("ShardCutter: no shard is larger than it may be, unless a single image is", () => {
  const tens = Array(7).fill(10);
  assertEquals(begins(tens, 3, Infinity), [3, 6]);
  assertEquals(begins(tens, 7, Infinity), []);
  assertEquals(begins(tens, 1, Infinity), [1, 2, 3, 4, 5, 6]);
  assertEquals(begins(tens, Infinity, 30), [3, 6]);
  assertEquals(begins(tens, Infinity, 29), [2, 4, 6]);
  assertEquals(begins(tens, 2, 30), [2, 4, 6]);
  assertEquals(begins(tens, Infinity, 1), [1, 2, 3, 4, 5, 6]);
  assertEquals(begins([50, 10, 10, 50, 10], Infinity, 20), [1, 3, 4]);
  assertEquals(begins([], 1, 1), []);
});

Deno.test("ShardPlan: shards go on over sources, by images and by bytes", async () => {
  using folder = temporaryFolder();
  using opened = new DisposableStack();
  const orders: [number, ReadingOrder][] = [];
  // Sources 1 and 4 have no label with as many images as are asked for.
  for (const [source, count, minPerLabel] of [[0, 5, 1], [1, 3, 4], [2, 1, 1], [3, 7, 1], [4, 1, 2]]) {
    const path = `${folder.path}/${source}`;
    const records = Array.from(
      { length: count },
      (_, key): TestRecord => ({ key, label: 0, image: new Uint8Array(8) }),
    );
    writeDataset(path, records);
    const place = new DatasetPlace(`${path}/train.rec`, undefined, undefined, { minPerLabel });
    orders.push([source, opened.use(await place.open({})).order]);
  }
  const plan = (images: number, bytes = Infinity) => {
    const shards = new ShardPlan(orders, { images, bytes });
    return Array.from({ length: shards.count }, (_, shard) => {
      const stretches = shards.stretchesOf(shard);
      assertEquals(shards.imagesOf(shard), stretches.reduce((sum, { count }) => sum + count, 0));
      return stretches.map(({ source, place, count }) => `${source}:${place}+${count}`).join(" ");
    });
  };
  assertEquals(plan(4), ["0:0+4", "0:4+1 2:0+1 3:0+2", "3:2+4", "3:6+1"]);
  assertEquals(plan(100), ["0:0+5 2:0+1 3:0+7"]);
  assertEquals(plan(5), ["0:0+5", "2:0+1 3:0+4", "3:4+3"]);
  // A record takes 40 bytes: 8 of its frame, 24 of its header, 8 of its image.
  assertEquals(plan(Infinity, 6 * 40), ["0:0+5 2:0+1", "3:0+6", "3:6+1"]);
  assertEquals(plan(Infinity, 6 * 40 - 1), ["0:0+5", "2:0+1 3:0+4", "3:4+3"]);
  assertEquals(new ShardPlan([], { images: 1, bytes: 1 }).count, 0);
});
