/** What is counted of datasets: against what reading all of their images gives, and how little it reads. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { payloadCounts } from "../../src/dataset/image_kinds.ts";
import { datasetInfo, type LookOptions } from "../../src/info/dataset_info.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED, expectedTree } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

const ENOUGH: LookOptions = { images: 1000, labelReads: 1000 };

/** What is known of a dataset, which must be the same with both engines. */
async function infoOf(path: string, options: Partial<LookOptions> = {}, labelsFrom?: string) {
  const found = [];
  for (const engine of ["wasm", "ts"] as const) {
    using dataset = await openDataset(path, { engine, labelsFrom });
    found.push(await datasetInfo(dataset, { ...ENOUGH, ...options }));
  }
  assertEquals(found[0], found[1]);
  return found[0];
}

/** How many images each label has in the tree that is expected of a dataset. */
function expectedCounts(name: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of expectedTree(name)) {
    const label = Number(/id_(\d+)\//.exec(line)![1]);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

for (const name of EXPECTED.filter((name) => !name.includes("+"))) {
  Deno.test(`datasetInfo: ${name}, all of it and by few images`, async () => {
    const path = join(DATA, name);
    const counts = expectedCounts(name);
    const images = expectedTree(name).length;
    let bytes = 0;
    using dataset = await openDataset(path);
    for await (const image of dataset.images()) bytes += image.bytes.length;
    const all = await infoOf(path);
    const { imagesPerLabel } = all.labels!;
    assertEquals(
      [all.isAll, all.images, all.looked.images, all.looked.bytes, all.labelBasis, all.labels?.labels],
      [true, images, images, bytes, "images", counts.size],
    );
    assertEquals(payloadCounts(all.looked.kinds), { jpeg: images });
    assertEquals(all.looked.sizes, [{ width: 112, height: 112, images }]);
    assertEquals([all.lostImages, all.problem], [0, undefined]);
    const sorted = [...counts.values()].sort((a, b) => a - b);
    assertEquals([imagesPerLabel.least, imagesPerLabel.most], [sorted[0], sorted[sorted.length - 1]]);
    assertEquals([all.labels?.lowest, all.labels?.highest], [Math.min(...counts.keys()), Math.max(...counts.keys())]);

    const few = await infoOf(path, { images: 5 });
    const isFlat = few.datasets[0].layout.kind === "flat";
    assertEquals([few.isAll, few.looked.images, few.labelBasis], [false, 5, isFlat ? "images" : "identity-records"]);
    assertEquals([few.images, few.labels], [images, all.labels]);
    assertEquals(few.looked.sizes, [{ width: 112, height: 112, images: 5 }]);

    const fewest = await infoOf(path, { images: 2, labelReads: 5 });
    assertEquals([fewest.labelBasis, fewest.looked.images], ["sample", 2]);
    assert(fewest.labels!.labels <= 2);
  });
}

Deno.test("datasetInfo: labels of a list count, and take no reads", async () => {
  const folder = join(DATA, "cases/label_list");
  const all = await infoOf(join(folder, "file.rec"), {}, join(folder, "list.txt"));
  assertEquals([all.labelBasis, all.labels?.labels, all.datasets[0].labelList?.by], ["images", 3, "key"]);
  const few = await infoOf(join(folder, "file.rec"), { images: 2, labelReads: 0 }, join(folder, "list.txt"));
  assertEquals([few.isAll, few.labelBasis, few.labels], [false, "images", all.labels]);
});

Deno.test("datasetInfo: of identity records whose images have several labels only all images tell", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 4, images: 20, bytes: [9, 20], record0: "first" })];
  records[3].label = [77, 0];
  writeDataset(folder.path, records);
  const all = await infoOf(folder.path);
  assertEquals([all.labels?.labels, all.labels?.highest, all.looked.kinds["mixed-labels"]?.images], [5, 77, 2]);
  const few = await infoOf(folder.path, { images: 3 });
  assertEquals([few.labels?.labels, few.labels?.highest], [4, 3]);
});

Deno.test("datasetInfo: what cannot be read is counted once, and the first one says why", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 6, images: 60, bytes: [40, 60], record0: "first" })];
  writeDataset(folder.path, records);
  // The first image, which speaks for its identity record and is looked at as well, and the 21st.
  const index = Deno.readTextFileSync(`${folder.path}/train.idx`).split("\n").map((line) =>
    Number(line.split("\t")[1])
  );
  using file = Deno.openSync(`${folder.path}/train.rec`, { write: true });
  for (const key of [1, 21]) {
    file.seekSync(index[key], Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(4));
  }
  for (const images of [1000, 4]) {
    const info = await infoOf(folder.path, { images });
    assertEquals([info.isAll, info.lostImages, info.images], [images === 1000, 2, 60]);
    assert(
      /of key 1 at byte 40 of .*train.rec: no frame begins there/.test(info.problem!.message),
      info.problem?.message,
    );
    assertEquals(info.labels?.labels, images === 1000 ? 6 : 4);
  }
});

Deno.test("datasetInfo: where all is looked at, records without a key are told", async () => {
  using folder = temporaryFolder();
  const path = folder.path;
  writeDataset(path, faces({ identities: 2, images: 6, bytes: [9, 9], record0: "first" }));
  // Nothing names the sixth image any more: the last identity record ends before it.
  const records = [...faces({ identities: 2, images: 6, bytes: [9, 9], record0: "first" })];
  records.find(({ key }) => key === 8)!.label = [4, 6];
  writeDataset(path, records);
  const lines = Deno.readTextFileSync(`${path}/train.idx`).split("\n");
  Deno.writeTextFileSync(`${path}/train.idx`, lines.filter((line) => !line.startsWith("6\t")).join("\n"));
  const { problem, images } = await infoOf(path);
  assertEquals(images, 5);
  assert(/does not name all that the file has; the first byte without a key is \d+/.test(problem!.message));
});

Deno.test("datasetInfo: each step says how much of what is done, and what a step throws ends it", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 30, images: 90, bytes: [9, 20], record0: "last" }));
  using dataset = await openDataset(folder.path);
  const steps: [number, number][] = [];
  await datasetInfo(dataset, { ...ENOUGH, images: 10, onStep: (done, total) => void steps.push([done, total]) });
  assertEquals([steps.filter(([, total]) => total === 10).at(-1), steps.at(-1)], [[9, 10], [30, 30]]);
  let ended = 0;
  const onStep = () => {
    throw new Error("ended");
  };
  await datasetInfo(dataset, { ...ENOUGH, onStep }).catch(() => ended++);
  assertEquals(ended, 1);
});
