import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { UnrecError } from "../../src/errors.ts";
import type { EngineName } from "../../src/recordio/types.ts";
import { type DatasetSource, openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { encodeFrames, encodeRecord, faces, seededRandom, type TestRecord, writeDataset } from "../write_dataset.ts";

const ENGINES: EngineName[] = ["wasm", "ts"];

/** Opens a dataset with both engines, with a small chunk and a large one, and gives what a look at it returns. */
async function inspect<T>(
  path: string,
  look: (dataset: DatasetSource) => T | Promise<T>,
  onError: "stop" | "skip" = "stop",
): Promise<T> {
  const seen: T[] = [];
  for (const engine of ENGINES) {
    for (const chunkBytes of [256, 2 ** 20]) {
      using dataset = await openDataset(path, { engine, chunkBytes, onError });
      seen.push(await look(dataset));
    }
  }
  for (const other of seen) assertEquals(other, seen[0]);
  return seen[0];
}

/** Bytes that no other call gives. */
function image(length: number, seed = length): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => random() * 256);
}

for (
  const [name, kind, record0, identityRecords, images] of [
    ["glint_mini", "identity", "first", 24, 82],
    ["header_last", "identity", "last", 8, 32],
    ["shared_label", "identity", "last", 12, 32],
    ["no_identity", "flat", "missing", 0, 40],
    ["shuffled", "flat", "first", 0, 23],
  ] as const
) {
  Deno.test(`openDataset: the layout of ${name}`, async () => {
    const layout = await inspect(join(DATA, name), ({ layout }) => layout);
    assertEquals(
      [layout.kind, layout.record0, layout.identityRecords, layout.order.length],
      [kind, record0, identityRecords, images],
    );
    assertEquals([layout.backwardRanges, layout.unnamedRecords, layout.repeatedImages], [0, 0, 0]);
  });
}

Deno.test("openDataset: a .rec file whose index lies beside it, and the property file", async () => {
  const [path, property] = await inspect(join(DATA, "glint_mini/train.rec"), ({ path, property }) => [path, property]);
  assertEquals([path, property], [join(DATA, "glint_mini/train.rec"), "24,112,112"]);
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 1, images: 2, bytes: [9, 9], record0: "first" }));
  assertEquals(await inspect(folder.path, ({ property }) => property), undefined);
});

Deno.test("Dataset.images: keys, labels, ids and bytes", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 7, images: 50, bytes: [0, 600], record0: "last", firstLabel: 100 })];
  writeDataset(folder.path, records);
  const images = await inspect(folder.path, (dataset) => Array.fromAsync(dataset.images()));
  assertEquals(
    images,
    records.slice(0, 50).map(({ key, label, image }, number) => {
      const labels = Float32Array.from(label as number[]);
      return { key, number, label: labels[0], labels, id: BigInt(key), bytes: image.slice() };
    }),
  );
});

Deno.test("Dataset.images: scalar and vector labels in one file", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, [
    { key: 1, label: 3, image: image(5) },
    { key: 2, label: [4, 0.5], image: image(6) },
    { key: 3, label: -1.5, image: image(7) },
    { key: 4, label: [16777216], image: image(8) },
  ]);
  const images = await inspect(folder.path, (dataset) => Array.fromAsync(dataset.images()));
  assertEquals(images.map(({ label }) => label), [3, 4, -1.5, 16777216]);
  assertEquals(images.map(({ labels }) => [...labels]), [[3], [4, 0.5], [-1.5], [16777216]]);
});

Deno.test("Dataset.images: records of other sizes than the chunk, a record with many parts among them", async () => {
  using folder = temporaryFolder();
  const parts = new Uint8Array(40_000);
  for (let at = 0; at < parts.length; at += 20) parts.set([0x0a, 0x23, 0xd7, 0xce], at);
  const large = [image(3), image(70_000), parts, image(0), image(3_000_000), image(1)];
  writeDataset(folder.path, large.map((image, key) => ({ key, label: key, image })));
  const bytes = await inspect(folder.path, (dataset) => Array.fromAsync(dataset.images(), ({ bytes }) => bytes));
  assert(bytes.every((image, i) => image.length === large[i].length && image.every((byte, j) => byte === large[i][j])));
});

Deno.test("Dataset.images: reading order and file order differ", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 9, images: 120, bytes: [10, 900], record0: "first" })];
  const random = seededRandom(9);
  const shuffled = records.slice().sort(() => random() - 0.5);
  writeDataset(folder.path, shuffled);
  const images = await inspect(folder.path, (dataset) => Array.fromAsync(dataset.images()));
  // They come in the order of the file, and say their place in reading order, which is that of the keys.
  assertEquals(images.map(({ key }) => key), shuffled.map(({ key }) => key).filter((key) => key >= 1 && key <= 120));
  assertEquals(images.every(({ key, number }) => number === key - 1), true);
  assertEquals(images.every(({ key, bytes }) => bytes.every((byte, i) => byte === records[key].image[i])), true);
});

Deno.test("Dataset.images: what the index does not name is walked over, bytes that are no frames are jumped over", async () => {
  using folder = temporaryFolder();
  const record = (key: number) => encodeRecord({ key, label: key, image: image(40, key) });
  const pieces = [
    record(1),
    image(64, 900),
    record(2),
    record(77),
    record(3),
    image(2000, 901),
    record(4),
    image(12, 902),
  ];
  let offset = 0;
  const offsets = pieces.map((piece) => {
    offset += piece.length;
    return offset - piece.length;
  });
  using file = Deno.openSync(join(folder.path, "train.rec"), { create: true, write: true });
  for (const piece of pieces) file.writeSync(piece);
  const index = `1\t${offsets[0]}\n2\t${offsets[2]}\n3\t${offsets[4]}\n4\t${offsets[6]}\n`;
  Deno.writeTextFileSync(join(folder.path, "train.idx"), index);
  const images = await inspect(
    folder.path,
    (dataset) => Array.fromAsync(dataset.images(), ({ key, bytes }) => [key, bytes]),
    "skip",
  );
  assertEquals(images, [1, 2, 3, 4].map((key) => [key, image(40, key)]));
});

Deno.test("Dataset.images: records that do not begin at a multiple of 4", async () => {
  using folder = temporaryFolder();
  const frames = [1, 2, 3].map((key) => encodeRecord({ key, label: key, image: image(41, key) }));
  using file = Deno.openSync(join(folder.path, "train.rec"), { create: true, write: true });
  file.writeSync(new Uint8Array(3));
  for (const frame of frames) file.writeSync(frame);
  Deno.writeTextFileSync(
    join(folder.path, "train.idx"),
    frames.map((f, i) => `${i + 1}\t${3 + i * f.length}\n`).join(""),
  );
  const images = await inspect(
    folder.path,
    (dataset) => Array.fromAsync(dataset.images(), ({ bytes }) => bytes),
    "skip",
  );
  assertEquals(images, [1, 2, 3].map((key) => image(41, key)));
});

Deno.test("Dataset.images: images before a damaged one are handed out", async () => {
  using folder = temporaryFolder();
  const records = Array.from({ length: 5 }, (_, key) => ({ key, label: key, image: image(30, key) }));
  writeDataset(folder.path, records);
  const path = join(folder.path, "train.rec");
  const bytes = Deno.readFileSync(path);
  bytes[3 * encodeRecord(records[0]).length] ^= 1;
  Deno.writeFileSync(path, bytes);
  const result = await inspect(folder.path, async (dataset) => {
    const keys: number[] = [];
    try {
      for await (const { key } of dataset.images()) keys.push(key);
    } catch (error) {
      return [...keys, error instanceof UnrecError];
    }
  });
  assertEquals(result, [0, 1, 2, true]);
});

Deno.test("Dataset.get: every record by its key, identity records too", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 3, images: 20, bytes: [100, 2000], record0: "first" })];
  writeDataset(folder.path, records);
  const found = await inspect(folder.path, (dataset) => Promise.all(records.map(({ key }) => dataset.get(key))));
  assertEquals(
    found.map((record) => [record?.key, record?.bytes]),
    records.map(({ key, image }) => [key, image.slice()]),
  );
  assertEquals(found[0]?.label, 21);
  const none = await inspect(folder.path, (dataset) => Promise.all([24, -1, 0.5].map((key) => dataset.get(key))));
  assertEquals(none, [undefined, undefined, undefined]);
});

/** Images 1 to 6, of labels 1 to 3, and identity records with the ranges given. */
function withRanges(ranges: number[][], keys = [1, 2, 3, 4, 5, 6], first = 7): TestRecord[] {
  return [
    { key: 0, label: [first, first + ranges.length], image: new Uint8Array() },
    ...keys.map((key) => ({ key, label: [Math.ceil(key / 2), 0], image: image(20, key) })),
    ...ranges.map((label, i) => ({ key: first + i, label, image: new Uint8Array() })),
  ];
}

/** A dataset that is refused: what is wrong, its records, and what is said. */
type Wrong = [name: string, records: TestRecord[], message: string];

Deno.test("openDataset: overlapping, empty and backward ranges", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, withRanges([[1, 4], [3, 6], [4, 4], [6, 2]]));
  const [layout, order] = await inspect(folder.path, async (dataset) =>
    [
      dataset.layout,
      (await Array.fromAsync(dataset.images(), ({ number, key }) => [number, key])).sort((a, b) => a[0] - b[0]),
    ] as const);
  assertEquals(order, [[0, 1], [1, 2], [2, 3], [3, 3], [4, 4], [5, 5]]);
  assertEquals(layout, { ...layout, identityRecords: 4, repeatedImages: 1, backwardRanges: 1, unnamedRecords: 1 });
});

Deno.test("openDataset: keys that are missing across two identities are missing of each", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, withRanges([[1, 4], [4, 7]], [1, 2, 5, 6]));
  const [images, missing] = await inspect(folder.path, ({ layout }) => [layout.images, layout.missing], "skip");
  assertEquals([images, missing], [6, [{ key: 3, count: 1, number: 2 }, { key: 4, count: 1, number: 3 }]]);
});

for (
  const [name, records, message] of [
    [
      "an identity names a key that is missing",
      withRanges([[1, 7]], [1, 2, 3, 5, 6]),
      "names the images 1 to 6, but the index has no key 4",
    ],
    [
      "an identity names an identity record",
      withRanges([[1, 8]]),
      "identity record 7 names the keys 1 to 7, and the identity records begin at 7",
    ],
    ["an identity with no number", withRanges([[1, NaN]]), "identity record 7 names the keys 1 to NaN"],
    ["an identity with infinity", withRanges([[1, Infinity]]), "identity record 7 names the keys 1 to Infinity"],
    [
      "an identity names record 0",
      withRanges([[0, 4]]),
      "identity record 7 names the keys 0 to 3, and keys of images begin at 1",
    ],
    [
      "an identity names keys below 0",
      withRanges([[-3, 4]]),
      "identity record 7 names the keys -3 to 3, and keys of images begin at 1",
    ],
    [
      "an identity record that is an image",
      withRanges([[1, 7], [1, 7]]).with(8, { key: 8, label: [1, 7], image: image(20) }),
      "identity record 8 has an image in place of a range of keys",
    ],
    ["an identity with one label", withRanges([[7]]), "identity record 7 has one label in place of a range of keys"],
    [
      "an identity with a scalar label",
      [...withRanges([]), { key: 7, label: 3, image: new Uint8Array() }].with(0, {
        key: 0,
        label: [7, 8],
        image: new Uint8Array(),
      }),
      "identity record 7 has a scalar label in place of a range of keys",
    ],
    [
      "identities that are not there",
      withRanges([]).with(0, { key: 0, label: [7, 9], image: new Uint8Array() }),
      "names the identity records 7 to 8, but the index has no key 7",
    ],
    [
      "record 0 with a backward range",
      withRanges([]).with(0, { key: 0, label: [9, 7], image: new Uint8Array() }),
      "record 0 names the keys 9 to 7, which is no range",
    ],
    ...[[NaN, 8], [7, NaN], [7, Infinity], [-Infinity, 8], [-2, 8], [0, 8], [7, 2 ** 33]].map((label): Wrong => [
      `record 0 with the range ${label.join(" to ")}`,
      withRanges([[1, 7]]).with(0, { key: 0, label, image: new Uint8Array() }),
      `record 0 names the keys ${label.map((key) => `${key}`).join(" to ")}, which is no range of keys`,
    ]),
    [
      "record 0 with one label",
      withRanges([[1, 7]]).with(0, { key: 0, label: [7], image: new Uint8Array() }),
      "record 0 has one label in place of a range of keys",
    ],
    [
      "record 0 names keys outside the index",
      withRanges([[1, 7]]).with(0, { key: 0, label: [1000, 1001], image: new Uint8Array() }),
      "names the identity records 1000 to 1000, but the index has no key 1000",
    ],
    [
      "record 0 names far more than there is",
      withRanges([[1, 7]]).with(0, { key: 0, label: [1000, 100000], image: new Uint8Array() }),
      "record 0 names 99000 identity records, and the index has only 8 keys",
    ],
    [
      "record 0 names no identity record",
      withRanges([]),
      "record 0 says that identity records have the keys from 7 up to, but without, 7, so there is none",
    ],
    ["identity records that name no image", withRanges([[1, 1], [4, 2]]), "none of its 2 identity records names any"],
    [
      "identities that name far more than there is",
      withRanges(Array(40).fill([1, 41]), Array.from({ length: 40 }, (_, i) => 1 + i), 41),
      "the identity records are damaged",
    ],
  ] as Wrong[]
) {
  Deno.test(`openDataset: ${name}`, async () => {
    using folder = temporaryFolder();
    writeDataset(folder.path, records);
    for (const engine of ENGINES) {
      await assertRejects(() => openDataset(folder.path, { engine }), UnrecError, message);
    }
  });
}

Deno.test("whole datasets: 1,500 mutations are read alike by both engines and by any chunk size", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 4, images: 14, bytes: [0, 90], record0: "first" }));
  const record = Deno.readFileSync(join(folder.path, "train.rec"));
  const index = Deno.readFileSync(join(folder.path, "train.idx"));
  const random = seededRandom(1500);
  let damaged = 0;
  for (let i = 0; i < 1500; i++) {
    for (const [name, original] of [["train.rec", record], ["train.idx", index]] as const) {
      const bytes = original.slice();
      if (random() < 0.6) {
        bytes[Math.floor(random() * bytes.length)] = random() < 0.5 ? 0x30 + random() * 10 : random() * 256;
      }
      Deno.writeFileSync(join(folder.path, name), random() < 0.9 ? bytes : bytes.slice(0, random() * bytes.length));
    }
    const outcomes = [];
    for (const engine of ENGINES) {
      for (const chunkBytes of [256, 2 ** 16]) {
        const outcome: unknown[] = [];
        try {
          using dataset = await openDataset(folder.path, { engine, chunkBytes });
          for await (const image of dataset.images()) outcome.push(image);
        } catch (error) {
          assert(error instanceof UnrecError, `${(error as Error).stack}`);
          // What stands after a damaged frame is searched as far as it is read, and a larger chunk reads farther.
          outcome.push(error.message.replace(/, and the next such word at byte \d+/, ""));
        }
        outcomes.push(outcome);
      }
    }
    for (const other of outcomes) assertEquals(other, outcomes[0], `mutation ${i}`);
    if (typeof outcomes[0].at(-1) === "string") damaged++;
  }
  assert(damaged > 300 && damaged < 1300, `${damaged} of the mutations are errors`);
});

Deno.test("Dataset.images: a frame that claims 2^29 bytes costs no memory if the file does not have them", async () => {
  using folder = temporaryFolder();
  const frames = encodeFrames(image(64));
  new DataView(frames.buffer).setUint32(4, 2 ** 29 - 1, true);
  Deno.writeFileSync(join(folder.path, "train.rec"), frames);
  Deno.writeTextFileSync(join(folder.path, "train.idx"), "1\t0\n");
  for (const engine of ENGINES) {
    using dataset = await openDataset(folder.path, { engine });
    const before = Deno.memoryUsage();
    await assertRejects(
      () => Array.fromAsync(dataset.images()),
      UnrecError,
      "536870848 bytes are missing",
    );
    const { external, heapTotal } = Deno.memoryUsage();
    assert(external + heapTotal - before.external - before.heapTotal < 64 * 2 ** 20);
  }
});
