import { assert, assertEquals, assertThrows } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { RefusedError, UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import type { SourceFacts } from "../../src/sink/sink.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, treeOf } from "../tree.ts";
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
    folderTree(folder.path).holds(labels, receipt === undefined ? [] : [receipt]);
  const receipt = { path: "id_2/2_5.jpg", bytes: 12 };
  assertEquals([holds([1, 2], receipt), holds([2], receipt), holds([], receipt)], [true, true, true]);
  assertEquals([holds([1, 2, 3], receipt), holds([4], receipt), holds([1, 2])], [false, false, false]);
  put(folder.path, "elsewhere/2_5.jpg", "id_2/notes......");
  for (
    const wrong of [
      { bytes: 13 },
      { bytes: "12" },
      { path: "id_2/2_6.jpg" },
      { path: "id_1/2_5.jpg" },
      { path: "id_2" },
      { path: "id_2/notes......" },
      { path: "elsewhere/2_5.jpg", bytes: 17 },
      { path: "id_2/../id_2/2_5.jpg" },
      { path: `${folder.path}/id_2/2_5.jpg` },
      { path: "" },
      { path: 5 },
    ]
  ) {
    assertEquals(holds([1, 2], { ...receipt, ...wrong } as typeof receipt), false, JSON.stringify(wrong));
  }
  Deno.removeSync(`${folder.path}/id_2/2_5.jpg`);
  Deno.symlinkSync(`${folder.path}/id_1/1_0.jpg`, `${folder.path}/id_2/2_5.jpg`);
  assertEquals(holds([1, 2], receipt), false);
});

Deno.test("folderTree.holds: with other names the folders that the labels tell, however deep, and no others", () => {
  using folder = temporaryFolder();
  put(folder.path, "0/7/5", "0/8/6", "1/12/7", "x/7/5", "0/007/5");
  const holds = (names: string, labels: number[], path: string) =>
    folderTree(folder.path, { names }).holds(labels, [{ path, bytes: path.length }]);
  const nested = "{label/10}/{label}/{number}";
  assertEquals([holds(nested, [7, 8, 12], "0/8/6"), holds(nested, [7, 13], "0/8/6")], [true, false]);
  assertEquals([holds(nested, [7], "0/007/5"), holds(nested, [7], "x/7/5"), holds(nested, [7], "1/7/5")], [
    false,
    false,
    false,
  ]);
  // Where labels tell no folder, only the last image is looked at.
  assertEquals(holds("{number/10}/{label}/{number}", [7, 99], "0/7/5"), true);
  assertEquals(holds("{number/10}/{label}/{number}", [7, 99], "0/7/6"), false);
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
  const removed: number[] = [];
  await folderTree(output).clear(10, { onRemoved: (images) => removed.push(images) });
  assertEquals(removed, [5]);
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

Deno.test("folderTree.clear: what was written under other names, which need not tell numbers", async () => {
  using folder = temporaryFolder();
  const store = folderTree(`${folder.path}/images`);
  for (
    const [names, from, goes, stays] of [
      ["{label/10}/{label:03}/{number}", 5, ["0/007/5", "1/012/60", "-1/-05/7"], ["0/007/4", "0/012/60", "x", "0/x/5"]],
      ["{label}/{index}.{ext}", 5, ["7/0.jpg", "7/9.png", "-1/3.bin"], ["7/0", "7/x.jpg", "id_7/7_0.jpg"]],
      ["{number}.{ext}", 5, ["5.jpg", "60.png"], ["4.jpg", "x", "5.jpg.part", ".unrec-journal"]],
    ] as const
  ) {
    put(store.output!, ...goes, ...stays);
    await store.clear(from, { form: folderTree("", { names }).form });
    assertEquals(pathsOf(store.output!).sort(), stays.filter((path) => path !== ".unrec-journal").sort(), names);
    Deno.removeSync(store.output!, { recursive: true });
  }
});

Deno.test("folderTree.clear: it can be ended within a folder, and goes on there later", async () => {
  using folder = temporaryFolder("/dev/shm");
  const images = 10_000;
  Deno.mkdirSync(`${folder.path}/id_7`);
  for (let number = 0; number < images; number++) {
    Deno.writeFileSync(`${folder.path}/id_7/7_${number}.jpg`, new Uint8Array());
  }
  const left = () => Array.from(Deno.readDirSync(`${folder.path}/id_7`)).length;
  const store = folderTree(folder.path);
  const stop = new AbortController();
  // What others do in their turn: a signal is one of these things.
  let turns = 0;
  const onRemoved = () => void setTimeout(() => ++turns === 1 && stop.abort());
  await store.clear(0, { signal: stop.signal, onRemoved });
  assert(turns > 0 && left() > 0 && left() < images, `${turns} turns, ${left()} left`);
  let removed = images - left();
  await store.clear(0, { onRemoved: (images) => removed += images });
  assertEquals([removed, Array.from(Deno.readDirSync(folder.path)).length], [images, 0]);
});

/** What a store is told of a dataset. */
async function factsOf(name: string): Promise<SourceFacts> {
  using dataset = await openDataset(`${DATA}/${name}`);
  return { path: name, streamed: false, datasets: dataset.datasets };
}

Deno.test("folderTree.check: fields that a source does not have, and names that two images would have", async () => {
  const [identity, flat] = [await factsOf("glint_mini"), await factsOf("no_identity")];
  const archive: SourceFacts = { path: "a.tgz", streamed: true, datasets: [] };
  const repeated = structuredClone(identity);
  repeated.datasets[0].layout.repeatedImages = 2;
  const refused: [string, SourceFacts[], string][] = [
    ["{identity}/{number}", [identity, flat], "no_identity has no identity records, so its images have no {identity}"],
    ["{identity}/{number}", [archive], "an archive tells no {identity} before its end, and a.tgz is one"],
    ["{key}_{number}", [identity, archive], "an archive tells no {key} before its end, and a.tgz is one"],
    ["{label}/{index}", [identity, archive], "cannot be done before the end of the archive a.tgz"],
    ["{label}/{key}", [identity, flat], "two datasets can have the same keys, so add {number}, or {label} and {index}"],
    ["{key}", [repeated], "in glint_mini 2 images are named by two identity records and written for both"],
  ];
  for (const [names, sources, why] of refused) {
    const error = assertThrows(() => folderTree("x", { names }).check(sources), UnrecError, why);
    assert(error.message.startsWith(`Cannot name files by ${names}: `), error.message);
  }
  const taken: [string, SourceFacts[]][] = [
    ["{identity}/{key}", [identity]],
    ["{identity}/{number}", [identity, identity]],
    ["{label}/{key}", [flat]],
    ["{label}/{key}_{index}", [repeated, flat]],
    ["{label}/{index}.{ext}", [archive]],
    ["{id}_{number}.{ext}", [archive, flat]],
  ];
  for (const [names, sources] of taken) folderTree("x", { names }).check(sources);
});

Deno.test("folderTree: what it asks for, and whether it tells numbers", () => {
  const of = (names?: string) => {
    const { asks, tellsNumbers, form } = folderTree("x", { names });
    return [asks, tellsNumbers, form];
  };
  assertEquals(of(), [[], true, { "name template": "id_{label}/{label}_{number}.jpg" }]);
  assertEquals(of("{label}/{index}_{number/10}"), [["index"], false, {
    "name template": "{label}/{index}_{number/10}",
  }]);
  assertEquals(of("{identity}/{key}"), [["key", "identity"], false, { "name template": "{identity}/{key}" }]);
});

Deno.test("folderTree.prepare: names that are too long for the file system", () => {
  using folder = temporaryFolder();
  // Linux takes 4,095 bytes of a path.
  const output = `${folder.path}/${`${"x".repeat(200)}/`.repeat(19)}end`;
  Deno.mkdirSync(output, { recursive: true });
  const names = `${"a".repeat(200)}/${"b".repeat(200)}/{number}`;
  const error = assertThrows(
    () => folderTree(output, { names }).prepare(),
    RefusedError,
    `Cannot name files by ${names}`,
  );
  assert(error.message.includes("more than the file system takes"), error.message);
  folderTree(output).prepare();
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
