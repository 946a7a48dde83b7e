/** What `decode` counts of odd labels and payloads does not depend on threads, chunks or engines, nor on what they come in. */
import { assertEquals, assertRejects } from "@std/assert";
import type { ImageKind, KindCounts } from "../../src/dataset/image_kinds.ts";
import { decode } from "../../src/decode/decode.ts";
import { DecodeError, type DecodeOptions } from "../../src/decode/options.ts";
import { eachImage } from "../../src/sink/sink.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { openSources } from "../../src/source/find.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { encodeRecord, seededRandom, type TestRecord, writeDataset } from "../write_dataset.ts";

/** How often something is met, and the key and the byte of the first one. */
type Met = Partial<Record<ImageKind, [images: number, key: number | undefined, offset: number, value: number]>>;

const BEGINS: [ImageKind, number[]][] = [
  ["jpeg", [0xff, 0xd8, 0xff, 0xe0]],
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["raw", [1, 2, 3]],
  ["empty", []],
];

const LABELS: [ImageKind[], (label: number) => number | number[], value: (label: number) => number][] = [
  [[], (label) => label, Number],
  [[], (label) => [label, 1], Number],
  [["fraction-label"], (label) => label + 0.5, (label) => label + 0.5],
  [["several-labels"], (label) => [label, 1, 0, 1], () => 4],
  [["detection-labels"], () => [2, 5, 1, 0.1, 0.1, 0.5, 0.5], () => 7],
];

/** Writes images of all kinds, and returns what should be met. The number of each but its place in the file is its key - 1. */
function writeOdd(folder: string, layout: "flat" | "identity"): Met {
  const random = seededRandom(layout.length);
  const met: Met = {};
  const records: TestRecord[] = [];
  const images = 500;
  const ranges: number[][] = [];
  const begin = { key: 0, label: [images + 1, NaN], image: new Uint8Array() };
  if (layout === "identity") records.push(begin);
  let offset = layout === "identity" ? encodeRecord(begin).length : 0;
  let before = NaN;
  for (let key = 1; key <= images; key++) {
    if (key === 1 || random() < 0.1) {
      ranges.push([key, key]);
      before = NaN;
    }
    ranges.at(-1)![1] = key + 1;
    const [payload, head] = BEGINS[random() < 0.9 ? 0 : Math.floor(random() * BEGINS.length)];
    const [kinds, labelOf, valueOf] = LABELS[random() < 0.9 ? 0 : Math.floor(random() * LABELS.length)];
    const number = ranges.length + (random() < 0.1 ? 1 : 0);
    const label = labelOf(number);
    const image = new Uint8Array(payload === "empty" ? 0 : 100 + Math.floor(random() * 900));
    image.set(head);
    const record = { key, label, image };
    const note = (kind: ImageKind, value: number) => (met[kind] ??= [0, key, offset, value])[0]++;
    note(payload, image.length);
    for (const kind of kinds) note(kind, valueOf(number));
    const given = Math.trunc(typeof label === "number" ? label : label[0]);
    if (layout === "identity" && !Number.isNaN(before) && given !== before) {
      note("mixed-labels", images + ranges.length);
    }
    before = given;
    records.push(record);
    offset += encodeRecord(record).length;
  }
  if (layout === "identity") {
    begin.label[1] = images + 1 + ranges.length;
    ranges.forEach((label, i) => records.push({ key: images + 1 + i, label, image: new Uint8Array() }));
  }
  writeDataset(folder, records);
  return met;
}

function figures(counts: KindCounts): Met {
  return Object.fromEntries(
    Object.entries(counts).map(([kind, { images, first: { key, offset }, value }]) => [
      kind,
      [images, key, offset, value],
    ]),
  );
}

for (const layout of ["flat", "identity"] as const) {
  Deno.test(`decode: odd images of the ${layout} layout are counted alike by any number of threads, chunk and engine`, async () => {
    using folder = temporaryFolder();
    const met = writeOdd(folder.path, layout);
    let run = 0;
    for (const engine of ["wasm", "ts"] as const) {
      for (const [jobs, chunkBytes] of [[1, 2 ** 23], [1, 256], [2, 1000], [5, 256]]) {
        using dataset = await openDataset(folder.path, { engine, chunkBytes });
        const { kinds } = await decode([dataset], folderTree(`${folder.path}/images${run++}`), { jobs });
        assertEquals(kinds.map(({ path }) => path), [dataset.path]);
        assertEquals(figures(kinds[0].counts), met);
      }
    }
  });

  Deno.test(`decode: odd images of the ${layout} layout are counted alike where they come in an archive`, async () => {
    using folder = temporaryFolder();
    const met = writeOdd(`${folder.path}/faces`, layout);
    Deno.writeFileSync(`${folder.path}/faces.tgz`, makeTar({ names: ["faces"], from: folder.path }));
    const output = `${folder.path}/images`;
    const count = async (options: DecodeOptions) => {
      const [archive] = await openSources([`${folder.path}/faces.tgz`]);
      using _ = archive;
      return (await decode([archive], folderTree(output), options)).kinds.map(({ counts }) => figures(counts));
    };
    const kinds = await count({ jobs: 1 });
    // Only what the index is needed for has a key.
    for (const [kind, figures] of Object.entries(met)) if (kind !== "mixed-labels") figures[1] = undefined;
    assertEquals(kinds, [met]);
    // The journal knows them.
    assertEquals(await count({ jobs: 2 }), [met]);
  });

  Deno.test(`decode: odd images of the ${layout} layout are counted once where a run is gone on with`, async () => {
    using folder = temporaryFolder();
    const met = writeOdd(folder.path, layout);
    const output = folderTree(`${folder.path}/images`);
    using dataset = await openDataset(folder.path, { chunkBytes: 1000 });
    const bytes = Deno.readFileSync(dataset.path);
    for (const [from, jobs] of [[0.2, 1], [0.5, 2], [0.9, 5]]) {
      const changed = bytes.slice();
      changed.fill(0, bytes.length * from);
      // The same file, as far as its size and time tell, with an end that cannot be read yet.
      const { mtime } = Deno.statSync(dataset.path);
      Deno.writeFileSync(dataset.path, changed);
      Deno.utimeSync(dataset.path, mtime!, mtime!);
      await assertRejects(() => decode([dataset], output, { jobs }), DecodeError);
      Deno.writeFileSync(dataset.path, bytes);
      Deno.utimeSync(dataset.path, mtime!, mtime!);
    }
    const { kinds, resumed, images } = await decode([dataset], output, { jobs: 2 });
    assertEquals([resumed.images > 0, resumed.images < images, images], [true, true, 500]);
    assertEquals(figures(kinds[0].counts), met);
    const again = await decode([dataset], output, { jobs: 1 });
    assertEquals([again.alreadyComplete, figures(again.kinds[0].counts)], [true, met]);
  });
}

Deno.test("decode: the first image of a kind in an archive is the first of all its datasets", async () => {
  using folder = temporaryFolder();
  const image = (key: number, label: number) => ({ key, label, image: Uint8Array.of(0xff, 0xd8, 0xff, key) });
  const empty = new Uint8Array();
  // The label changes at the third image of the one, and at the second of the other.
  for (const [name, labels] of [["a", [1, 1, 2]], ["b", [1, 2, 2]]] as const) {
    writeDataset(`${folder.path}/${name}`, [
      { key: 0, label: [4, 5], image: empty },
      ...labels.map((label, i) => image(i + 1, label)),
      { key: 4, label: [1, 4], image: empty },
    ]);
  }
  Deno.writeFileSync(`${folder.path}/all.tar`, makeTar({ names: ["a", "b"], from: folder.path, gzip: false }));
  const [archive] = await openSources([`${folder.path}/all.tar`]);
  using _ = archive;
  const { kinds: [{ counts }] } = await decode([archive], eachImage(() => {}));
  assertEquals(counts["mixed-labels"], { images: 2, first: { number: 2, offset: 112, key: 3 }, value: 4 });
});

Deno.test("decode: an order that jumps about is compared as it lies in the file, whatever the cuts are", async () => {
  using folder = temporaryFolder();
  const random = seededRandom(29);
  const images = Array.from({ length: 200 }, (_, i) => ({
    key: i + 1,
    label: Math.floor(i / 20) + (random() < 0.2 ? 1 : 0),
    image: Uint8Array.of(0xff, 0xd8, 0xff, i),
  }));
  const ranges = Array.from({ length: 10 }, (_, i) => ({
    key: 201 + i,
    label: [20 * i + 1, 20 * i + 21],
    image: new Uint8Array(),
  }));
  const shuffled = images.toSorted(() => random() - 0.5);
  writeDataset(folder.path, [{ key: 0, label: [201, 211], image: new Uint8Array() }, ...shuffled, ...ranges]);
  const counts: unknown[] = [];
  for (const [jobs, chunkBytes] of [[1, 2 ** 23], [1, 256], [3, 300]]) {
    using dataset = await openDataset(folder.path, { chunkBytes });
    counts.push((await decode([dataset], folderTree(`${folder.path}/${counts.length}`), { jobs })).kinds[0].counts);
  }
  for (const other of counts) assertEquals(other, counts[0]);
});

Deno.test("decode: what a caller's function is given is counted too, source by source", async () => {
  using folder = temporaryFolder();
  const met = writeOdd(folder.path, "flat");
  using first = await openDataset(folder.path);
  using second = await openDataset(folder.path);
  const { kinds } = await decode([first, second], eachImage(() => {}));
  assertEquals(kinds.map(({ counts }) => figures(counts)), [met, met]);
});
