import { assert, assertEquals, assertRejects } from "@std/assert";
import { openDataset } from "../../src/dataset/dataset.ts";
import { decode, DecodeError } from "../../src/decode/decode.ts";
import { decodedDataset } from "../../src/decode/tally.ts";
import type { ImageSink } from "../../src/sink/image_sink.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf } from "../tree.ts";
import { faces, type FacesOptions, writeDataset } from "../write_dataset.ts";

const FACES: FacesOptions = { identities: 10, images: 400, bytes: [50, 400], record0: "first" };

/** A sink that keeps what it is given, and calls back after each image. */
function keep(after: (count: number) => void = () => {}) {
  const images: { label: number; ordinal: number; bytes: Uint8Array }[] = [];
  const sink: ImageSink = {
    write(label, ordinal, bytes) {
      images.push({ label, ordinal, bytes: bytes.slice() });
      after(images.length);
    },
  };
  return { images, sink };
}

Deno.test("decode: to a sink of one's own, numbered on over two datasets", async () => {
  using folder = temporaryFolder();
  const records = [...faces(FACES)];
  writeDataset(folder.path, records);
  using first = await openDataset(folder.path);
  using second = await openDataset(folder.path);
  const { images, sink } = keep();
  const report = await decode([first, second], sink);
  assertEquals(images.map(({ ordinal }) => ordinal), Array.from({ length: 800 }, (_, i) => i));
  assert(images.every(({ label, ordinal, bytes }) => {
    const record = records[1 + ordinal % 400];
    return label === (record.label as number[])[0] && bytes.every((byte, i) => byte === record.image[i]);
  }));
  const bytes = 2 * records.reduce((sum, { image }) => sum + image.length, 0);
  const counts = { emptyImages: 0, multiPartImages: 0, lost: [], interrupted: false };
  const datasets = [first, second].map(decodedDataset);
  assertEquals(report, { datasets, images: 800, bytes, labels: 10, sharedLabels: 10, ...counts });
});

Deno.test("decode: with relabel no folder is shared", async () => {
  using folder = temporaryFolder();
  for (const [name, firstLabel] of [["a", 5], ["b", 0], ["c", 3]] as const) {
    writeDataset(
      `${folder.path}/${name}`,
      faces({ ...FACES, identities: 4, images: 40, firstLabel, seed: firstLabel }),
    );
  }
  for (const chunkBytes of [256, 2 ** 20]) {
    using a = await openDataset(`${folder.path}/a`, { chunkBytes });
    using b = await openDataset(`${folder.path}/b`, { chunkBytes });
    using c = await openDataset(`${folder.path}/c`, { chunkBytes });
    const output = `${folder.path}/images${chunkBytes}`;
    const { labels, sharedLabels } = await decode([a, b, c], output, { relabel: true, jobs: 3 });
    assertEquals([labels, sharedLabels], [12, 0]);
    // The labels of `a` are 5 to 8; those of `b` begin at 9 and those of `c`, 3 to 6 in its headers, at 13 + 3.
    const expected = [5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 18, 19].map((label) => `id_${label}`).sort();
    assertEquals(Array.from(Deno.readDirSync(output), ({ name }) => name).sort(), expected);
    assertEquals(treeOf(output).length, 120);
  }
});

Deno.test("decode: workers report progress that adds up, and the same tree as one thread", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces(FACES));
  using dataset = await openDataset(folder.path, { chunkBytes: 1024 });
  const trees = [];
  for (const jobs of [1, 3]) {
    let images = 0;
    let bytes = 0;
    const output = `${folder.path}/images${jobs}`;
    const onProgress = (written: { images: number; bytes: number }) => {
      images += written.images;
      bytes += written.bytes;
    };
    const report = await decode([dataset], output, { jobs, onProgress });
    assertEquals([images, bytes], [report.images, report.bytes]);
    trees.push(treeOf(output));
  }
  assertEquals(trees[0].length, 400);
  assertEquals(trees[1], trees[0]);
});

Deno.test("decode: an abort ends it before the next image", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces(FACES));
  using dataset = await openDataset(folder.path);
  const controller = new AbortController();
  const { images, sink } = keep((count) => count === 123 && controller.abort());
  const report = await decode([dataset], sink, { signal: controller.signal });
  assertEquals([report.images, report.interrupted, images.length], [123, true, 123]);
  const again = await decode([dataset], sink, { signal: controller.signal });
  assertEquals([again.images, again.interrupted], [0, true]);
});

Deno.test("decode: an abort after the last image is none", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces(FACES));
  using dataset = await openDataset(folder.path);
  const controller = new AbortController();
  const { sink } = keep((count) => count === 400 && controller.abort());
  assertEquals((await decode([dataset], sink, { signal: controller.signal })).interrupted, false);
});

Deno.test("decode: a failure knows what was written", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces(FACES));
  using dataset = await openDataset(folder.path, { chunkBytes: 1024 });
  Deno.mkdirSync(`${folder.path}/images`);
  Deno.writeTextFileSync(`${folder.path}/images/id_4`, "in the way");
  for (const jobs of [1, 2]) {
    let failure: unknown;
    try {
      await decode([dataset], `${folder.path}/images`, { jobs });
    } catch (error) {
      failure = error;
    }
    assert(failure instanceof DecodeError);
    assert(failure.message.startsWith(`Cannot make the folder ${folder.path}/images/id_4: `), failure.message);
    const files = treeOf(`${folder.path}/images`).length - 1;
    assert(files > 0);
    // With one job all of them are of this run.
    if (jobs === 1) assertEquals(failure.report.images, files);
  }
});

Deno.test("decode: what a sink throws that is no fault of the data is passed on", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces(FACES));
  using dataset = await openDataset(folder.path);
  const { sink } = keep((count) => {
    if (count === 5) throw new RangeError("five");
  });
  await assertRejects(() => decode([dataset], sink), RangeError, "five");
});

Deno.test("decode: no dataset", async () => {
  assertEquals((await decode([], keep().sink)).images, 0);
});
