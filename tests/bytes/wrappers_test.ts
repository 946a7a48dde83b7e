/** What is wrapped around a source that waits: reading ahead, merging, keeping blocks. */
import { assertEquals, assertRejects } from "@std/assert";
import { BlockCache } from "../../src/bytes/block_cache.ts";
import { MergedRanges } from "../../src/bytes/merged_ranges.ts";
import { BLOCKS_AHEAD, ReadAhead } from "../../src/bytes/read_ahead.ts";
import type { ByteSource } from "../../src/bytes/reading.ts";
import { UnrecError } from "../../src/errors.ts";
import { seededRandom } from "../write_dataset.ts";

const KIB = 2 ** 10;

/** Bytes in memory that come when the test says so; what was asked for is noted. */
class HeldSource implements ByteSource {
  readonly name = "held";
  readonly size: number;
  readonly bytes: Uint8Array;
  /** The first byte and the length of each read. */
  readonly reads: [offset: number, length: number][] = [];
  /** The offset of a read that fails, once. */
  failing: number | undefined;
  /** How many bytes come at once, at most. */
  most = Infinity;
  held: PromiseWithResolvers<void> | undefined;
  disposed = false;

  constructor(size: number) {
    this.size = size;
    this.bytes = Uint8Array.from({ length: size }, (_, i) => i * 7 + (i >> 8));
  }

  async read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    this.reads.push([offset, into.length]);
    await this.held?.promise;
    if (offset === this.failing) {
      this.failing = undefined;
      throw new UnrecError(`no byte ${offset}`);
    }
    const found = this.bytes.subarray(offset, offset + Math.min(this.most, into.length));
    into.set(found);
    return found.length;
  }

  [Symbol.dispose](): void {
    this.disposed = true;
  }
}

async function readSome(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, await source.read(offset, bytes));
}

Deno.test("ReadAhead: four blocks are under way before anything is wanted, and another for each that is passed", async () => {
  const base = new HeldSource(1000);
  base.held = Promise.withResolvers();
  const ahead = new ReadAhead(base, 100);
  ahead.goTo(50, 890);
  assertEquals(base.reads, [[50, 100], [150, 100], [250, 100], [350, 100]]);
  base.held.resolve();
  assertEquals(await readSome(ahead, 50, 60), base.bytes.subarray(50, 110));
  // What a block has, and no more: who wants more asks again.
  assertEquals(await readSome(ahead, 110, 60), base.bytes.subarray(110, 150));
  assertEquals(base.reads.length, BLOCKS_AHEAD);
  assertEquals(await readSome(ahead, 150, 10), base.bytes.subarray(150, 160));
  assertEquals(base.reads.slice(BLOCKS_AHEAD), [[450, 100]]);
  assertEquals(await readSome(ahead, 849, 99), base.bytes.subarray(849, 850));
  assertEquals(await readSome(ahead, 850, 99), base.bytes.subarray(850, 890));
  assertEquals(base.reads.at(-1), [850, 40]);
  // Blocks that were jumped over were under way, and others never are.
  assertEquals(base.reads.length, BLOCKS_AHEAD + 1 + 2);
});

Deno.test("ReadAhead: what lies before the block it is at, or after the stretch, is read by itself", async () => {
  const base = new HeldSource(1000);
  const ahead = new ReadAhead(base, 100);
  ahead.goTo(0, 500);
  await readSome(ahead, 300, 1);
  const before = base.reads.length;
  assertEquals(await readSome(ahead, 10, 5), base.bytes.subarray(10, 15));
  assertEquals(await readSome(ahead, 600, 5), base.bytes.subarray(600, 605));
  assertEquals(base.reads.slice(before), [[10, 5], [600, 5]]);
  assertEquals(await readSome(ahead, 305, 5), base.bytes.subarray(305, 310));
  assertEquals(base.reads.length, before + 2);
});

Deno.test("ReadAhead: whatever is read in whatever pieces, the bytes are right; also of stretch after stretch", async () => {
  const random = seededRandom(5);
  const base = new HeldSource(5000);
  const ahead = new ReadAhead(base, 64);
  for (let round = 0; round < 200; round++) {
    base.most = 1 + Math.floor(random() * 100);
    const start = Math.floor(random() * 5000);
    ahead.goTo(start, start + Math.floor(random() * 1500));
    for (let at = start, reads = 0; reads < 20 && at < 5000; reads++) {
      const bytes = await readSome(ahead, at, 1 + Math.floor(random() * 200));
      assertEquals(bytes, base.bytes.subarray(at, at + bytes.length));
      at = Math.max(0, at + bytes.length + Math.floor((random() - 0.2) * 100));
    }
  }
});

Deno.test("ReadAhead: a block that fails is told to who wants it, and to nobody else", async () => {
  const base = new HeldSource(1000);
  base.failing = 200;
  const ahead = new ReadAhead(base, 100);
  ahead.goTo(0, 1000);
  assertEquals(await readSome(ahead, 100, 5), base.bytes.subarray(100, 105));
  await assertRejects(() => readSome(ahead, 200, 5), UnrecError, "no byte 200");
  assertEquals(await readSome(ahead, 300, 5), base.bytes.subarray(300, 305));
});

Deno.test("MergedRanges: what is asked for at once and lies near together is one read; what lies apart is not", async () => {
  const base = new HeldSource(500 * KIB);
  using merged = new MergedRanges(base);
  const wanted: [number, number][] = [[300 * KIB, 10], [0, 100], [40 * KIB, 100], [50, 500], [300 * KIB, 10]];
  const found = await Promise.all(wanted.map(([offset, length]) => readSome(merged, offset, length)));
  found.forEach((bytes, i) => assertEquals(bytes, base.bytes.slice(wanted[i][0], wanted[i][0] + wanted[i][1])));
  assertEquals(base.reads, [[0, 40 * KIB + 100], [300 * KIB, 10]]);
  // It keeps nothing.
  await readSome(merged, 0, 100);
  assertEquals(base.reads.at(-1), [0, 100]);
});

Deno.test("MergedRanges: no read grows without end", async () => {
  const base = new HeldSource(17 * 2 ** 20);
  using merged = new MergedRanges(base);
  await Promise.all(Array.from({ length: 17 }, (_, i) => merged.read(i * 2 ** 20, new Uint8Array(2 ** 20))));
  assertEquals(base.reads, [[0, 8 * 2 ** 20], [8 * 2 ** 20, 8 * 2 ** 20], [16 * 2 ** 20, 2 ** 20]]);
});

Deno.test("MergedRanges: short reads, the end, and failures reach everybody", async () => {
  const base = new HeldSource(1000);
  using merged = new MergedRanges(base);
  base.most = 30;
  const [a, b, c] = await Promise.all([readSome(merged, 0, 20), readSome(merged, 20, 20), readSome(merged, 200, 20)]);
  assertEquals([a, b, c], [base.bytes.slice(0, 20), base.bytes.slice(20, 30), base.bytes.slice(200, 220)]);
  const [last, none] = await Promise.all([readSome(merged, 990, 20), readSome(merged, 1000, 20)]);
  assertEquals([last, none.length], [base.bytes.slice(990), 0]);
  base.failing = 5;
  const failed = await Promise.allSettled([readSome(merged, 5, 5), readSome(merged, 7, 5)]);
  assertEquals(failed.map(({ status }) => status), ["rejected", "rejected"]);
});

Deno.test("BlockCache: a block is read once, also by those who want it at the same time", async () => {
  const base = new HeldSource(50 * KIB);
  using cache = new BlockCache(base);
  const both = await Promise.all([readSome(cache, 10, 10), readSome(cache, 15 * KIB, 10)]);
  assertEquals(both, [base.bytes.slice(10, 20), base.bytes.slice(15 * KIB, 15 * KIB + 10)]);
  assertEquals(await readSome(cache, 1000, 1000), base.bytes.slice(1000, 2000));
  assertEquals(base.reads, [[0, 16 * KIB]]);
  assertEquals(await readSome(cache, 15 * KIB, 34 * KIB), base.bytes.slice(15 * KIB, 49 * KIB));
  assertEquals(base.reads.slice(1), [[16 * KIB, 16 * KIB], [32 * KIB, 16 * KIB], [48 * KIB, 2 * KIB]]);
  assertEquals(await readSome(cache, 49 * KIB, 5 * KIB), base.bytes.slice(49 * KIB));
  assertEquals((await readSome(cache, 50 * KIB, 5)).length, 0);
  assertEquals(base.reads.length, 4);
});

Deno.test("BlockCache: around what merges, neighbours are one request", async () => {
  const base = new HeldSource(500 * KIB);
  using cache = new BlockCache(new MergedRanges(base));
  assertEquals(await readSome(cache, 100 * KIB, 100 * KIB), base.bytes.slice(100 * KIB, 200 * KIB));
  assertEquals(base.reads, [[96 * KIB, 112 * KIB]]);
});

Deno.test("BlockCache: of 16 MiB the blocks used last are kept", async () => {
  const block = 16 * KIB;
  const base = new HeldSource(1100 * block);
  using cache = new BlockCache(base);
  for (let i = 0; i < 1024; i++) await readSome(cache, i * block, 1);
  await readSome(cache, 0, 1);
  assertEquals(base.reads.length, 1024);
  await readSome(cache, 1024 * block, 1);
  await readSome(cache, 0, 1);
  assertEquals(base.reads.length, 1025);
  await readSome(cache, block, 1);
  assertEquals(base.reads.at(-1), [block, block]);
});

Deno.test("BlockCache: a block that failed is read again, and large reads keep nothing", async () => {
  const base = new HeldSource(4 * 2 ** 20);
  using cache = new BlockCache(base);
  base.failing = 0;
  await assertRejects(() => readSome(cache, 5, 5), UnrecError, "no byte 0");
  assertEquals(await readSome(cache, 5, 5), base.bytes.slice(5, 10));
  await cache.read(7, new Uint8Array(2 ** 20));
  assertEquals(base.reads.slice(2), [[7, 2 ** 20]]);
});

Deno.test("what is wrapped around a source closes it", () => {
  const base = new HeldSource(10);
  new BlockCache(new MergedRanges(base))[Symbol.dispose]();
  assertEquals(base.disposed, true);
});
