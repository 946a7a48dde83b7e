/** Labels told by few images: that of the first of each identity record, and which images those are. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type Dataset, readDataset } from "../../src/dataset/dataset.ts";
import type { OnError } from "../../src/dataset/layout.ts";
import { readToldLabels, type TellingImage, tellingImages } from "../../src/dataset/told_labels.ts";
import { UnrecError } from "../../src/errors.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { MemorySource, SlowSource } from "../bytes/sources.ts";
import { highKeySet } from "../high_keys.ts";
import { DATA } from "../tree.ts";
import { encodeRecord, faces, seededRandom, type TestRecord } from "../write_dataset.ts";

/** The files of a dataset, in memory. */
function filesOf(records: Iterable<TestRecord>) {
  const frames: Uint8Array[] = [];
  let text = "";
  let offset = 0;
  for (const record of records) {
    const bytes = encodeRecord(record);
    frames.push(bytes);
    text += `${record.key}\t${offset}\n`;
    offset += bytes.length;
  }
  const bytes = new Uint8Array(offset);
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return { bytes, index: new MemorySource(new TextEncoder().encode(text), "train.idx") };
}

/** Images by label, as the telling images say. */
async function toldBy(records: readonly TestRecord[], onError: OnError = "stop"): Promise<Map<number, number>> {
  const { bytes, index } = filesOf(records);
  const files = { records: new MemorySource(bytes, "train.rec"), index };
  using dataset = await readDataset(files, { engine: wasmEngine, onError });
  const told = new Map<number, number>();
  await readToldLabels(dataset, tellingImages(dataset.layout, dataset.index), {
    told: (label, { images }) => told.set(label, (told.get(label) ?? 0) + images),
  });
  return told;
}

function countsOf(images: readonly TestRecord[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { label } of images) {
    const first = typeof label === "number" ? label : label[0];
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

Deno.test("tellingImages: one for each identity record, or every image of a flat set", async () => {
  for (
    const [name, images] of [["glint_mini", 24], ["header_last", 8], ["shared_label", 12], ["shuffled", 23]] as const
  ) {
    using dataset = await openDataset(join(DATA, name));
    const telling = [...tellingImages(dataset.layout, dataset.index)];
    const spokenFor = telling.reduce((sum, { images }) => sum + images, 0);
    assertEquals([telling.length, spokenFor], [images, dataset.imageCount], name);
    assertEquals(telling[0].row, dataset.layout.order.at(0));
  }
});

Deno.test("tellingImages: where float32 has rounded the ranges no image is taken for one of the neighbour's", async () => {
  const random = seededRandom(11);
  for (let i = 0; i < 300; i++) {
    const sizes = Array.from({ length: 1 + Math.floor(9 * random()) }, () => 1 + Math.floor(9 * random()));
    const { images, records } = highKeySet({ start: 2 ** (24 + i % 3) - Math.floor(30 * random()), sizes });
    assertEquals(
      await toldBy(records),
      countsOf(images),
      JSON.stringify(records.map(({ key, label }) => [key, label])),
    );
  }
});

Deno.test("tellingImages: images that the index lacks are not counted, and others take their place", async () => {
  const random = seededRandom(12);
  for (let i = 0; i < 100; i++) {
    const records = [...faces({ identities: 6, images: 20, bytes: [9, 12], record0: "first" })];
    const there = records.filter(({ image }) => image.length === 0 || random() < 0.6);
    if (there.length === 7) continue;
    assertEquals(await toldBy(there, "skip"), countsOf(there.filter(({ image }) => image.length > 0)));
  }
});

/** Reads the labels of rows; NaN for those that are lost, whose problems come as well. */
async function labelsOf(dataset: Dataset, rows: readonly number[]) {
  const labels = Array.from(rows, () => NaN);
  const lost: [string, number][] = [];
  const images = rows.map((row): TellingImage => ({ row, images: 1 }));
  await readToldLabels(dataset, images, {
    told: (label, image) => labels[images.indexOf(image)] = label,
    lost: ({ kind }, image) => lost.push([kind, images.indexOf(image)]),
  });
  return { labels, lost };
}

Deno.test("readToldLabels: labels and lost images are those of whole records, with both engines and short reads", async () => {
  const image = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xd9]);
  const MAGIC = 0xced7230a;
  const words = new Uint8Array(Uint32Array.of(MAGIC, MAGIC).buffer);
  const records: TestRecord[] = [
    { key: 1, label: 7, image },
    { key: 2, label: [8, 1], image },
    { key: 3, label: 0.5, image },
    { key: 4, label: -3, image },
    // In several frames, one of them cut within the header.
    { key: 5, label: 9, image: words },
    { key: MAGIC, label: 10, image },
    { key: 6, label: 2 ** 24 + 2, image },
    { key: 7, label: NaN, image },
    { key: 8, label: 11, image: new Uint8Array() },
    { key: 9, label: 12, image },
    { key: 10, label: [13, 0], image },
    { key: 11, label: 14, image },
  ];
  const { bytes, index } = filesOf(records);
  const offset = (row: number) => records.slice(0, row).reduce((sum, record) => sum + encodeRecord(record).length, 0);
  bytes[offset(9)] ^= 1;
  // The vector that is announced is not there.
  new DataView(bytes.buffer).setUint32(offset(11) + 8, 2, true);
  // The last one is cut.
  const cut = bytes.subarray(0, bytes.length - 4);
  const rows = records.map((_, row) => row);
  for (const engine of [wasmEngine, tsEngine]) {
    for (const source of [new MemorySource(cut, "train.rec"), new SlowSource(cut, 5, "train.rec")]) {
      using dataset = await readDataset({ records: source, index }, { engine, onError: "skip" });
      const { labels, lost } = await labelsOf(dataset, rows);
      assertEquals(labels, [7, 8, 0.5, -3, 9, 10, 2 ** 24 + 2, NaN, 11, NaN, 13, NaN]);
      assertEquals(lost, [["label", 7], ["bad-magic", 9], ["truncated", 11]]);
      const images = rows.map((row) => ({ row, images: 1 }));
      const error = await assertRejects(() => readToldLabels(dataset, images, { told() {} }), UnrecError);
      assert(error.message.includes("of key 7 at byte"), error.message);
    }
  }
  const { bytes: whole, index: again } = filesOf(records.slice(-2));
  new DataView(whole.buffer).setUint32(encodeRecord(records[10]).length + 8, 2, true);
  using dataset = await readDataset({ records: new MemorySource(whole), index: again }, { engine: wasmEngine });
  assertEquals((await labelsOf(dataset, [0, 1])).lost, [["no-label-vector", 1]]);
});

Deno.test("readToldLabels: a read of 36 bytes for each ordinary image, and none where a list has the labels", async () => {
  const { bytes, index } = filesOf(faces({ identities: 30, images: 300, bytes: [400, 800], record0: "first" }));
  const source = new MemorySource(bytes, "train.rec");
  using dataset = await readDataset({ records: source, index }, { engine: wasmEngine });
  const rows = Array.from(tellingImages(dataset.layout, dataset.index), ({ row }) => row);
  source.reads.length = 0;
  assertEquals((await labelsOf(dataset, rows)).labels, Array.from({ length: 30 }, (_, label) => label));
  assertEquals(source.reads, rows.map((row) => [dataset.index.offsets[row], 36]));

  using listed = await openDataset(join(DATA, "cases/label_list/file.rec"), {
    labelsFrom: join(DATA, "cases/label_list/list.txt"),
  });
  const labels: number[] = [];
  for await (const { label } of listed.images()) labels.push(label);
  const all = Array.from(tellingImages(listed.layout, listed.index), ({ row }) => row);
  assertEquals((await labelsOf(listed, all)).labels, labels);
});
