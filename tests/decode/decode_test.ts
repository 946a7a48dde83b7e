import { assert, assertEquals, assertRejects } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { DecodeError } from "../../src/decode/options.ts";
import type { Progress } from "../../src/pool/work.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { eachImage } from "../../src/sink/sink.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf } from "../tree.ts";
import { faces, type FacesOptions, writeDataset } from "../write_dataset.ts";

const FACES: FacesOptions = { identities: 10, images: 400, bytes: [50, 400], record0: "first" };

/** A store that keeps what it is given, and calls back after each image. */
function keep(after: (count: number) => void = () => {}) {
  const images: { label: number; number: number; bytes: Uint8Array }[] = [];
  const store = eachImage(({ label, number, bytes }) => {
    images.push({ label, number, bytes: bytes.slice() });
    after(images.length);
  });
  return { images, store };
}

Deno.test("decode: to a function of one's own, numbered on over two datasets", async () => {
  using folder = temporaryFolder();
  const records = [...faces(FACES)];
  writeDataset(folder.path, records);
  using first = await openDataset(folder.path);
  using second = await openDataset(folder.path);
  const { images, store } = keep();
  const { kinds, ...report } = await decode([first, second], store);
  assertEquals(images.map(({ number }) => number), Array.from({ length: 800 }, (_, i) => i));
  assert(images.every(({ label, number, bytes }) => {
    const record = records[1 + number % 400];
    return label === (record.label as number[])[0] && bytes.every((byte, i) => byte === record.image[i]);
  }));
  const bytes = 2 * records.reduce((sum, { image }) => sum + image.length, 0);
  assertEquals(report, {
    datasets: [first.facts, second.facts],
    images: 800,
    bytes,
    labels: 10,
    sharedLabels: 10,
    multiPartImages: 0,
    lost: [],
    properties: [],
    labelShifts: [0, 0],
    resumed: { images: 0, bytes: 0 },
    syncSeconds: 0,
    alreadyComplete: false,
    interrupted: false,
  });
  assertEquals(kinds.map(({ path, counts }) => [path, counts.jpeg?.images]), [[first.path, 400], [second.path, 400]]);
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
    const { labels, sharedLabels } = await decode([a, b, c], folderTree(output), {
      relabel: true,
      jobs: 3,
    });
    assertEquals([labels, sharedLabels], [12, 0]);
    // The labels of `a` are 5 to 8; those of `b` begin at 9 and those of `c`, 3 to 6 in its headers, at 13 + 3.
    const expected = [5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 18, 19].map((label) => `id_${label}`).sort();
    assertEquals(Array.from(Deno.readDirSync(output), ({ name }) => name).sort(), [".unrec-journal", ...expected]);
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
    const onProgress = (written: Progress) => {
      images += written.images;
      bytes += written.bytes;
    };
    const report = await decode([dataset], folderTree(output), { jobs, onProgress });
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
  const { images, store } = keep((count) => count === 123 && controller.abort());
  const report = await decode([dataset], store, { signal: controller.signal });
  assertEquals([report.images, report.interrupted, images.length], [123, true, 123]);
  const again = await decode([dataset], store, { signal: controller.signal });
  assertEquals([again.images, again.interrupted], [0, true]);
});

Deno.test("decode: an abort after the last image is none", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces(FACES));
  using dataset = await openDataset(folder.path);
  const controller = new AbortController();
  const { store } = keep((count) => count === 400 && controller.abort());
  assertEquals((await decode([dataset], store, { signal: controller.signal })).interrupted, false);
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
      await decode([dataset], folderTree(`${folder.path}/images`), { jobs, overwrite: true });
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
  const { store } = keep((count) => {
    if (count === 5) throw new RangeError("five");
  });
  await assertRejects(() => decode([dataset], store), RangeError, "five");
});

Deno.test("decode: no dataset", async () => {
  assertEquals((await decode([], keep().store)).images, 0);
});
