import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { DatasetPlace, openDataset } from "../../src/source/dataset_source.ts";
import { firstLine } from "../../src/source/file_facts.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { encodeRecord, seededRandom, writeDataset } from "../write_dataset.ts";

const image = (length: number) => new Uint8Array(length).fill(7);

/** What the images of a dataset are said to have, by number, over all tasks. */
async function sizesOf(path: string, taskBytes: number): Promise<number[]> {
  using dataset = await openDataset(path, { onError: "skip" });
  const sizes: number[] = [];
  for (const task of dataset.tasks(taskBytes)) {
    const { first, list } = task.numbers;
    [...dataset.imageBytes(task)].forEach((bytes, i) => sizes[first + (list?.[i] ?? i)] = bytes);
  }
  return sizes;
}

Deno.test("imageBytes: up to where the next record begins, in whatever order the index is", async () => {
  using folder = temporaryFolder();
  const random = seededRandom(31);
  const lengths = Array.from({ length: 60 }, () => Math.floor(random() * 300));
  const records = lengths.map((length, key) => ({ key, label: key, image: image(length) }));
  // The records' frames end at multiples of 4, and a label of one number is in the header.
  const expected = lengths.map((length) => Math.ceil(length / 4) * 4);
  writeDataset(folder.path, records);
  for (const taskBytes of [1, 1000, 1e6]) assertEquals(await sizesOf(folder.path, taskBytes), expected);
  const lines = Deno.readTextFileSync(`${folder.path}/train.idx`).trimEnd().split("\n");
  const order = lines.map((_, i) => i).sort(() => random() - 0.5);
  Deno.writeTextFileSync(`${folder.path}/train.idx`, order.map((i) => `${lines[i]}\n`).join(""));
  // The number is the place in the index.
  for (const taskBytes of [1, 1000, 1e6]) {
    assertEquals(await sizesOf(folder.path, taskBytes), order.map((i) => expected[i]));
  }
});

Deno.test("imageBytes: records past the end of the file, and one that several keys name", async () => {
  using folder = temporaryFolder();
  const frames = [100, 60].map((length, key) => encodeRecord({ key, label: key, image: image(length) }));
  const size = frames[0].length;
  Deno.writeFileSync(`${folder.path}/train.rec`, Uint8Array.from(frames.flatMap((frame) => [...frame])));
  Deno.writeTextFileSync(`${folder.path}/train.idx`, `0\t0\n1\t${size}\n2\t${size}\n3\t0\n4\t5000\n`);
  const [a, b, again, first, outside] = await sizesOf(folder.path, 1e6);
  assertEquals([a, b, again, first], [100, 60, 60, 100]);
  assert(outside <= 0);
});

Deno.test("openDataset: a missing file is named, and the remedies too", async () => {
  using folder = temporaryFolder();
  const remediesOf = async (path: string, message: string) =>
    (await assertRejects(() => openDataset(path), UnrecError, message)).remedies.map(({ kind }) => kind);
  assertEquals(await remediesOf(folder.path, `Cannot read ${folder.path}/train.rec: there is no such file`), []);
  writeDataset(folder.path, [{ key: 1, label: 1, image: image(9) }]);
  Deno.removeSync(`${folder.path}/train.idx`);
  const message = `Cannot open the dataset ${folder.path}/train.rec: there is no ${folder.path}/train.idx`;
  for (const path of [folder.path, `${folder.path}/train.rec`]) {
    assertEquals(await remediesOf(path, message), ["download-again", "rebuild-index"]);
  }
});

Deno.test("DatasetPlace: by what it is known again", () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, [{ key: 1, label: 1, image: image(9) }]);
  const place = new DatasetPlace(`${folder.path}/train.rec`);
  Deno.utimeSync(place.path, 1e9, 1e9);
  Deno.removeSync(place.index);
  assertEquals(place.facts(), [
    { name: "records", size: Deno.statSync(place.path).size, time: "2001-09-09T01:46:40.000Z" },
    { name: "index", size: null, time: null },
  ]);
  assertEquals(place.property, undefined);
  Deno.writeTextFileSync(`${folder.path}/property`, "12,112,112\r\nmore");
  assertEquals(place.property, "12,112,112");
  assertEquals(["", "\n", "  a b \nc", "x"].map(firstLine), [undefined, undefined, "a b", "x"]);
});
