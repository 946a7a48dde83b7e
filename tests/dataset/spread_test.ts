/** Images spread over a set: which ones, and that they are read with what is known of them. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import type { ByteSource } from "../../src/bytes/reading.ts";
import { readDataset } from "../../src/dataset/dataset.ts";
import { spreadPlaces, visitSpread } from "../../src/dataset/spread.ts";
import { UnrecError } from "../../src/errors.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { MemorySource, SlowSource } from "../bytes/sources.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

Deno.test("spreadPlaces: evenly, with both ends; all if there are no more", () => {
  assertEquals([...spreadPlaces(0, 5)], []);
  assertEquals([...spreadPlaces(1, 5)], [0]);
  assertEquals([...spreadPlaces(5, 5)], [0, 1, 2, 3, 4]);
  assertEquals([...spreadPlaces(101, 5)], [0, 25, 50, 75, 100]);
  assertEquals([...spreadPlaces(4, 3)], [0, 2, 3]);
  const many = spreadPlaces(2 ** 32, 1000);
  assertEquals([many[0], many[999], new Set(many).size], [0, 2 ** 32 - 1, 1000]);
});

for (const name of ["glint_mini", "header_last", "shuffled", "no_identity", "multipart"]) {
  Deno.test(`visitSpread: the images of ${name} that stand at those places, in the order of the file`, async () => {
    for (const engine of ["wasm", "ts"] as const) {
      using dataset = await openDataset(join(DATA, name), { engine });
      const all: { key: number; number: number; label: number; length: number }[] = [];
      for await (const { key, number, label, bytes: { length } } of dataset.images()) {
        all.push({ key, number, label, length });
      }
      for (const most of [2, 7, all.length - 1, all.length, 1000]) {
        const places = new Set(spreadPlaces(all.length, most));
        const seen: typeof all = [];
        await visitSpread(dataset, most, {
          record: ({ key, number, label, length }) => seen.push({ key: key!, number, label, length }),
        });
        assertEquals(seen, all.filter(({ number }) => places.has(number)));
      }
    }
  });
}

Deno.test("visitSpread: where reads wait, several are under way at once, and the same images come", async () => {
  const bytes = Deno.readFileSync(join(DATA, "glint_mini/train.rec"));
  const text = Deno.readFileSync(join(DATA, "glint_mini/train.idx"));
  let most = 0;
  let open = 0;
  const records: ByteSource = {
    name: "train.rec",
    size: bytes.length,
    async read(offset, into) {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve));
      open--;
      into.set(bytes.subarray(offset, offset + into.length));
      return Math.min(into.length, bytes.length - offset);
    },
    [Symbol.dispose]() {},
  };
  using dataset = await readDataset({ records, index: new MemorySource(text) }, { engine: wasmEngine });
  most = 0;
  const numbers: number[] = [];
  await visitSpread(dataset, 24, { record: ({ number }) => numbers.push(number) });
  assertEquals([most, numbers.sort((a, b) => a - b)], [8, [...spreadPlaces(82, 24)]]);
});

Deno.test("visitSpread: an image that two identity records name comes once", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 2, images: 20, bytes: [9, 20], record0: "first" })];
  for (const { key, label } of records) if (key > 20) (label as number[]).splice(0, 2, 1, 21);
  writeDataset(folder.path, records);
  using dataset = await openDataset(folder.path);
  assertEquals([dataset.imageCount, dataset.layout.repeatedImages], [40, 20]);
  const keys: number[] = [];
  await visitSpread(dataset, 39, { record: ({ key }) => keys.push(key!) });
  assertEquals(keys, Array.from({ length: 20 }, (_, i) => i + 1));
});

Deno.test("visitSpread: what cannot be read ends it, when all reads have ended", async () => {
  const bytes = Deno.readFileSync(join(DATA, "cases/damage_in_the_middle/train.rec"));
  const text = Deno.readFileSync(join(DATA, "cases/damage_in_the_middle/train.idx"));
  for (const records of [new MemorySource(bytes), new SlowSource(bytes, 100)]) {
    using dataset = await readDataset({ records, index: new MemorySource(text) }, { engine: wasmEngine });
    let seen = 0;
    await assertRejects(() => visitSpread(dataset, 39, { record: () => seen++ }), UnrecError, "at byte 1280");
    const before = seen;
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(seen, before);
  }
});

Deno.test("visitSpread: a list's labels go with the images, and one that is damaged is told", async () => {
  using listed = await openDataset(join(DATA, "cases/label_list/file.rec"), {
    labelsFrom: join(DATA, "cases/label_list/list.txt"),
  });
  const seen: [number, number | undefined][] = [];
  await visitSpread(listed, 3, { record: ({ key, listedLabel }) => seen.push([key!, listedLabel]) });
  const labels = [...listed.labelList!].filter(({ key }) => seen.some(([seenKey]) => seenKey === key));
  assertEquals(seen, labels.map(({ key, label }) => [key, label]));

  using damaged = await openDataset(join(DATA, "cases/damage_in_the_middle"));
  const lost: number[] = [];
  let whole = 0;
  await visitSpread(damaged, damaged.imageCount - 1, {
    record: () => whole++,
    lost: (_, number) => lost.push(number),
  });
  assertEquals([whole + lost.length, lost.length > 0], [damaged.imageCount - 1, true]);
});
