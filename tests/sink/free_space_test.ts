import { assert, assertEquals, assertThrows } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import type { DecodeOptions } from "../../src/decode/options.ts";
import { RefusedError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { checkSpace, type FileSystemFacts } from "../../src/sink/free_space.ts";
import { eachImage, type SpaceNeeded, type WorkLeft } from "../../src/sink/sink.ts";
import { type DatasetSource, openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";
import { watchedStore } from "./watched_store.ts";

/** What a run needs that has nothing to write. */
const NOTHING: SpaceNeeded = { images: 0, bytes: 0, inodes: 0, subfolders: 0, otherNames: undefined };

/** A file system with room for everything. */
const LARGE: FileSystemFacts = { bsize: 4096, bavail: 1e9, bfree: 1e9, files: 1e9, ffree: 1e9 };

const left = (imageBytes: number[], labels = 0): WorkLeft => ({ imageBytes, labels });

Deno.test("checkSpace: a file takes whole blocks, and blocks are no larger than 4 KiB whatever the system says", () => {
  using folder = temporaryFolder();
  const store = folderTree(folder.path);
  // Three files of one, one and two blocks: 16 KiB.
  const files = left([1, 4096, 4097, 0, -20]);
  const check = (facts: Partial<FileSystemFacts>) => checkSpace(store, files, { ...LARGE, ...facts });
  check({ bavail: 4, bfree: 4 });
  assertThrows(
    () => check({ bavail: 3, bfree: 3 }),
    RefusedError,
    `Cannot write 5 images to ${folder.path}: they need about 0.1 MB, and 0.0 MB are free there`,
  );
  check({ bsize: 512, bavail: 18, bfree: 18 });
  assertThrows(() => check({ bsize: 512, bavail: 17, bfree: 17 }), RefusedError);
  // Network file systems name the size of a good read, which is no block of a file.
  check({ bsize: 2 ** 20, bavail: 1, bfree: 1 });
  const many = left(Array(10_000).fill(6000));
  checkSpace(store, many, { ...LARGE, bsize: 2 ** 20, bavail: 79, bfree: 79 });
  assertThrows(
    () => checkSpace(store, many, { ...LARGE, bsize: 2 ** 20, bavail: 78, bfree: 78 }),
    RefusedError,
    "they need about 82.0 MB, and 81.7 MB are free there",
  );
});

Deno.test("checkSpace: an inode a file, and one a folder that is not there yet", () => {
  using folder = temporaryFolder();
  const store = folderTree(folder.path);
  Deno.mkdirSync(`${folder.path}/id_3`);
  Deno.mkdirSync(`${folder.path}/.hidden`);
  const images = Array(1500).fill(10);
  const check = (ffree: number, labels: number) => checkSpace(store, left(images, labels), { ...LARGE, ffree });
  check(2500, 1001);
  const error = assertThrows(
    () => check(2499, 1001),
    RefusedError,
    `Cannot write 1,500 images to ${folder.path}: they need about 2,500 inodes, one a file or folder, and 2,499 are free`,
  );
  // However many labels there are, no image has two folders.
  check(2999, 360_232);
  assertEquals(error.remedies.map(({ kind }) => kind), ["make-room", "no-space-check"]);
  // Some file systems make inodes as they are needed, and say that there are none.
  checkSpace(store, left([10], 5), { ...LARGE, files: 0, ffree: 0 });
});

Deno.test("checkSpace: the folders that other names need", () => {
  using folder = temporaryFolder();
  const inodes = (names: string) =>
    folderTree(folder.path, { names }).space(left(Array(5000).fill(10), 2500), 1).inodes - 5000;
  assertEquals([inodes("{number}"), inodes("{label/1000}/{label}/{number}"), inodes("{number/100}/{number}")], [
    0,
    2503,
    50,
  ]);
});

Deno.test("checkSpace: more folders than one takes, where the file system is known to have such a bound", () => {
  using folder = temporaryFolder();
  const images = Array(70_000).fill(10);
  const check = (type: string | undefined, labels: number, names?: string) =>
    checkSpace(folderTree(folder.path, { names }), left(images, labels), { ...LARGE, type });
  for (const type of ["ext2", "ext3"]) {
    check(type, 64_998);
    const error = assertThrows(
      () => check(type, 64_999),
      RefusedError,
      `Cannot write 70,000 images to ${folder.path}: they need about 64,999 folders in one, and the file system there, ` +
        `${type}, takes 64,998`,
    );
    const [first, second] = error.remedies;
    assertEquals([first, second.kind], [
      { kind: "other-names", names: "{label/1000}/id_{label}/{label}_{number}.jpg" },
      "no-space-check",
    ]);
    check(type, 70_000, (first as { names: string }).names);
    check(type, 70_000, "{number}.jpg");
  }
  for (const type of ["ext4", "xfs", "tmpfs", undefined]) check(type, 70_000);
});

Deno.test("checkSpace: nothing to write needs nothing, and an unknown file system forbids nothing", () => {
  using folder = temporaryFolder();
  const full: FileSystemFacts = { bsize: 4096, bavail: 0, bfree: 0, files: 10, ffree: 0 };
  checkSpace(folderTree(folder.path), left([], 9), full);
  checkSpace(eachImage(() => {}), left([1e15], 1e9));
  // The folder that is not made yet is on the file system of the one that it will be in.
  checkSpace(folderTree(`${folder.path}/a/b/c`), left([10], 1));
  assertThrows(() => checkSpace(folderTree(`${folder.path}/a/b/c`), left([1e18], 1)), RefusedError);
});

/** What a run says is left to write, before it writes it; it writes nothing. */
async function neededBy(
  sources: DatasetSource[],
  output: string,
  blockBytes: number,
  options: DecodeOptions = {},
): Promise<SpaceNeeded> {
  const store = folderTree(output);
  let needed: SpaceNeeded | undefined;
  const watched = watchedStore(store, {
    space: (left) => needed = store.space(left, blockBytes),
  });
  await decode(sources, watched, { jobs: 1, checkSpace: true, dryRun: true, ...options });
  return needed!;
}

Deno.test("decode: the space it needs is each image by its record, and what is finished not at all", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 10, images: 300, bytes: [1, 9000], record0: "last" })];
  writeDataset(folder.path, records);
  using dataset = await openDataset(folder.path, { chunkBytes: 4096 });
  const output = `${folder.path}/images`;
  const needed = (blockBytes: number, options: DecodeOptions = {}) =>
    neededBy([dataset, dataset], output, blockBytes, options);
  const bytes = 2 * records.reduce((sum, { image }) => sum + image.length, 0);
  // Records have two labels each, and up to 3 bytes after the image.
  const all = await needed(1);
  assert(all.bytes >= bytes + 600 * 8 && all.bytes <= bytes + 600 * 11, `${all.bytes} for ${bytes}`);
  assertEquals([all.images, all.inodes, (await needed(1, { relabel: true })).inodes], [600, 610, 620]);
  assertEquals((await needed(2 ** 20)).bytes, 600 * 2 ** 20);

  await decode([dataset, dataset], folderTree(output), { jobs: 1 });
  assertEquals(await needed(1), NOTHING);
  // Without its last image no task counts as finished. Of those that are not, as many as there are jobs may have been
  // begun, and what they have written is there.
  Deno.removeSync(`${output}/id_9/9_599.jpg`);
  assertEquals(await needed(1), NOTHING);
  Deno.removeSync(`${output}/id_9/9_299.jpg`);
  const one = await needed(1);
  assert(one.images > 0 && one.images < 50 && one.bytes > 0, JSON.stringify(one));
  assertEquals((await needed(1, { jobs: 2 })).images, 0);
});

Deno.test("decode: the space for an index in disorder, and folders by what the property file says", async () => {
  for (const name of ["shuffled", "no_identity"]) {
    using folder = temporaryFolder();
    using dataset = await openDataset(`${DATA}/${name}`);
    const needed = await neededBy([dataset], `${folder.path}/images`, 1);
    assertEquals(needed.images, dataset.layout.order.length);
    assert(needed.bytes < dataset.bytes && needed.bytes > dataset.bytes - 60 * needed.images, JSON.stringify(needed));
    assertEquals(needed.inodes - needed.images, Number(/^\d+/.exec(dataset.property!)![0]));
  }
});

Deno.test("decode: the folders of a set that does not say how many it has are guessed from its labels", async () => {
  using folder = temporaryFolder();
  const image = new Uint8Array(10);
  const inodes = async (labels: number[]) => {
    writeDataset(`${folder.path}/faces`, labels.map((label, key) => ({ key, label, image })));
    using dataset = await openDataset(`${folder.path}/faces`);
    return (await neededBy([dataset], `${folder.path}/images`, 1)).inodes - labels.length;
  };
  // A folder for each of 400 people, and not one for all of them.
  assertEquals(await inodes(Array.from({ length: 2000 }, (_, key) => Math.floor(key / 5))), 400);
  assertEquals(await inodes(Array.from({ length: 2000 }, () => 7)), 1);
  // There are no more folders than images, and what is no label counts for none.
  assertEquals(await inodes([0, 1e20, NaN]), 3);
  assertEquals(await inodes([NaN, Infinity]), 1);
});
