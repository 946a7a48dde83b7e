import { assertEquals, assertThrows } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** Makes files below a folder, each with its own name in it. */
function put(folder: string, ...paths: string[]): void {
  for (const path of paths) {
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, path);
  }
}

const pathsOf = (folder: string) => treeOf(folder).map((line) => line.split("  ")[1]);

Deno.test("folderTree.entries: what somebody has put there", () => {
  using folder = temporaryFolder();
  const store = folderTree(`${folder.path}/images`);
  assertEquals(store.entries(), []);
  store.prepare();
  put(store.output!, ".unrec-journal", ".directory", "lost+found/x", "id_1/1_0.jpg", "notes");
  assertEquals(store.entries().sort(), ["id_1", "notes"]);
  assertThrows(() => folderTree(`${store.output}/notes`).prepare(), UnrecError, "it exists already, and is no folder");
});

Deno.test("folderTree.holds: the last image as it was, and a folder for each label", () => {
  using folder = temporaryFolder();
  put(folder.path, "id_1/1_0.jpg", "id_2/2_5.jpg", "id_3");
  const holds = (labels: number[], receipt?: Record<string, number | string>) =>
    folderTree(folder.path).holds(labels, receipt);
  const receipt = { label: 2, number: 5, bytes: 12 };
  assertEquals([holds([1, 2], receipt), holds([2], receipt), holds([], receipt)], [true, true, true]);
  assertEquals([holds([1, 2, 3], receipt), holds([4], receipt), holds([1, 2])], [false, false, false]);
  for (
    const wrong of [
      { bytes: 13 },
      { bytes: "12" },
      { number: 6 },
      { number: "5" },
      { number: -5 },
      { number: 0.5 },
      { label: 1 },
      { label: 0.5 },
      { label: 1e308 },
      { label: "../elsewhere/2" },
      { label: NaN },
      { number: "../2_5.jpg" },
    ]
  ) {
    assertEquals(holds([1, 2], { ...receipt, ...wrong } as typeof receipt), false, JSON.stringify(wrong));
  }
  Deno.removeSync(`${folder.path}/id_2/2_5.jpg`);
  Deno.symlinkSync(`${folder.path}/id_1/1_0.jpg`, `${folder.path}/id_2/2_5.jpg`);
  assertEquals(holds([1, 2], receipt), false);
});

Deno.test("folderTree.clear: images from a number on, and nothing else", async () => {
  using folder = temporaryFolder();
  const stays = [
    "id_1/1_9.jpg",
    "id_1/notes",
    "id_1/1_010.jpg",
    "id_1/2_10.jpg",
    "id_007/7_10.jpg",
    "notes",
    "x/1_10.jpg",
  ];
  const goes = ["id_1/1_10.jpg", "id_1/1_1000000.jpg", "id_2/2_10.jpg", "id_-3/-3_11.jpg", "id_4/4_12.jpg"];
  const output = `${folder.path}/images`;
  put(output, ...stays, ...goes);
  // A folder of such a name, and what links lead to.
  put(folder.path, "elsewhere/5_10.jpg");
  put(output, "id_1/1_11.jpg/file");
  Deno.symlinkSync(`${folder.path}/elsewhere`, `${output}/id_5`);
  Deno.symlinkSync(`${folder.path}/elsewhere/5_10.jpg`, `${output}/id_4/4_13.jpg`);
  await folderTree(output).clear(10);
  Deno.removeSync(`${output}/id_5`);
  assertEquals(pathsOf(output).sort(), [...stays, "id_1/1_11.jpg/file", "id_4/4_13.jpg"].sort());
  assertEquals(Deno.readTextFileSync(`${folder.path}/elsewhere/5_10.jpg`), "elsewhere/5_10.jpg");
  // A folder that is empty now is gone, others are not.
  assertEquals(Array.from(Deno.readDirSync(output), ({ name }) => name).sort(), [
    "id_007",
    "id_1",
    "id_4",
    "notes",
    "x",
  ]);
  await folderTree(`${folder.path}/none`).clear(0);
  put(folder.path, "none");
  await folderTree(`${folder.path}/none`).clear(0);
});

Deno.test("folderTree: one store serves run after run", async () => {
  using folder = temporaryFolder();
  writeDataset(`${folder.path}/faces`, faces({ identities: 4, images: 40, bytes: [10, 90], record0: "first" }));
  using dataset = await openDataset(`${folder.path}/faces`, { chunkBytes: 256 });
  const store = folderTree(`${folder.path}/images`);
  const run = async () => {
    const { images, resumed, alreadyComplete } = await decode([dataset], store, { jobs: 1 });
    return [images, resumed.images, alreadyComplete];
  };
  assertEquals(await run(), [40, 0, false]);
  Deno.removeSync(`${folder.path}/images/id_2`, { recursive: true });
  const [images, resumed] = await run();
  assertEquals([images, Number(resumed) > 0 && Number(resumed) < 40], [40, true]);
  assertEquals(await run(), [40, 40, true]);
});
