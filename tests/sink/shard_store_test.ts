/** What becomes of files with many images in an output folder, whatever is there and however writing ends. */
import { createHash } from "node:crypto";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { DecodeError, type DecodeOptions } from "../../src/decode/options.ts";
import { RefusedError, UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import type { SinkStore } from "../../src/sink/sink.ts";
import { webDataset } from "../../src/sink/webdataset.ts";
import { WholeFile } from "../../src/sink/whole_file.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, JOURNAL, treeOf } from "../tree.ts";

/** Writes the images of a sample dataset. */
async function write(store: SinkStore, options: DecodeOptions = {}, name = "glint_mini") {
  using dataset = await openDataset(`${DATA}/${name}`);
  return await decode([dataset], store, { jobs: 1, ...options });
}

/** Shards of thirty images, three of them, and the lists. */
const shards = (output: string, prefix = "train") => webDataset(output, { images: 30, prefix, index: ["dali"] });

const NAMES = [
  ...["_info.json", "train-000000.idx", "train-000000.tar", "train-000001.idx", "train-000001.tar"],
  ...["train-000002.idx", "train-000002.tar"],
];

/** Names of everything in a folder but the journal. */
function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => name !== JOURNAL).sort();
}

Deno.test("shards: of a run that is gone on with only what is missing or cut short is written again", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shards`;
  await write(shards(output));
  const tree = treeOf(output);
  assertEquals(namesIn(output), NAMES);
  const inodes = () => NAMES.slice(1).map((name) => Deno.statSync(`${output}/${name}`).ino);
  const changes: [again: number, kept: number, change: () => void][] = [
    [0, 52, () => Deno.removeSync(`${output}/train-000000.tar`)],
    [1, 52, () => Deno.removeSync(`${output}/train-000001.idx`)],
    [2, 60, () => Deno.truncateSync(`${output}/train-000002.tar`, 5000)],
    [1, 52, () => {
      Deno.removeSync(`${output}/train-000001.tar`);
      Deno.symlinkSync("train-000000.tar", `${output}/train-000001.tar`);
    }],
  ];
  for (const [again, kept, change] of changes) {
    change();
    // What a run leaves that was killed.
    Deno.writeTextFileSync(`${output}/.train-00000${again}.tar.part`, "part");
    const { images, resumed, alreadyComplete } = await write(shards(output));
    assertEquals([images, resumed.images, alreadyComplete], [82, kept, false]);
    assertEquals(treeOf(output), tree);
    const before = inodes();
    assertEquals((await write(shards(output), { jobs: 2 })).alreadyComplete, true);
    assertEquals(inodes(), before);
  }
});

Deno.test("shards: other options or another format are refused, and restarting removes what was written and nothing else", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shards`;
  await write(shards(output));
  const refused = async (store: SinkStore, why: string, ...remedies: string[]) => {
    const error = await assertRejects(() => write(store), RefusedError, why);
    assertEquals(error.remedies.map(({ kind }) => kind as string), ["other-output", ...remedies]);
  };
  await refused(shards(output, "val"), "the prefix was train and is val", "restart-removes");
  await refused(webDataset(output), "the number of images in a shard was 30 and is 10000", "restart-removes");
  await refused(
    webDataset(output, { images: 30, bytes: 5000, index: ["dali"] }),
    "the number of bytes in a shard was any and is 5000",
    "restart-removes",
  );
  await refused(webDataset(output, { images: 30 }), "the index was dali and is none", "restart-removes");
  await refused(
    webDataset(output, { images: 30, index: ["dali"], ext: "content" }),
    "the field name of images was jpg and is content",
    "restart-removes",
  );
  await refused(
    webDataset(output, { images: 30, index: ["dali"], json: true }),
    "the fields of a sample was cls, image and is cls, image, json",
    "restart-removes",
  );
  await refused(folderTree(output), "it writes webdataset, and this one folder");
  const restarted = write(folderTree(output), { restart: true });
  await assertRejects(() => restarted, RefusedError, "it writes webdataset, and this one folder");
  assertEquals(namesIn(output), NAMES);

  // Files of others stay, also such as look nearly alike.
  const others = ["notes", "train-1.tar", "train-000000.tar.gz", "strain-000000.tar", ".val-000000.tar.part"];
  for (const name of others) Deno.writeTextFileSync(`${output}/${name}`, "mine");
  for (const name of [".train-000009.tar.part", "train-000009.tar"]) {
    Deno.writeTextFileSync(`${output}/${name}`, "ours");
  }
  Deno.mkdirSync(`${output}/train-000008.tar`);
  await write(shards(output, "val"), { restart: true });
  const own = NAMES.map((name) => name.replace("train", "val"));
  assertEquals(namesIn(output), [...own, ...others.slice(0, 4), "train-000008.tar"].sort());
});

Deno.test("shards: a folder of other files is refused, and nobody is told to compare it with a tree", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/notes`, "mine");
  const error = await assertRejects(() => write(shards(folder.path)), RefusedError, "it holds notes, and no journal");
  assertEquals(error.remedies.map(({ kind }) => kind), ["other-output", "overwrite"]);
  Deno.writeTextFileSync(`${folder.path}/elsewhere`, "mine");
  Deno.symlinkSync("elsewhere", `${folder.path}/train-000000.tar`);
  Deno.symlinkSync("elsewhere", `${folder.path}/.train-000001.tar.part`);
  Deno.symlinkSync("elsewhere", `${folder.path}/_info.json`);
  await write(shards(folder.path), { overwrite: true });
  // Links are replaced, not written through.
  assertEquals(Deno.readTextFileSync(`${folder.path}/elsewhere`), "mine");
  assertEquals(namesIn(folder.path), ["elsewhere", "notes", ...NAMES].sort());
  for (const name of NAMES) assertEquals(Deno.lstatSync(`${folder.path}/${name}`).isFile, true, name);
});

Deno.test("shards: where a file cannot get its name nothing is left of it, nor of what belongs to it", async () => {
  using folder = temporaryFolder();
  for (const name of ["train-000001.tar", ".train-000001.tar.part", "train-000001.idx"]) {
    const output = `${folder.path}/${name.replaceAll(".", "_")}`;
    Deno.mkdirSync(`${output}/${name}/inside`, { recursive: true });
    const why = `Cannot write ${output}/train-000001.${name.endsWith("idx") ? "idx" : "tar"}: `;
    const error = await assertRejects(() => write(shards(output), { overwrite: true }), DecodeError, why);
    assertEquals(error.report.images, 30);
    assertEquals(namesIn(output), ["train-000000.idx", "train-000000.tar", name].sort());
    Deno.removeSync(`${output}/${name}`, { recursive: true });
    const { images, resumed } = await write(shards(output));
    assertEquals([images, resumed.images, namesIn(output)], [82, 30, NAMES]);
  }
});

Deno.test("shards: fsync is asked for, and does not change what is written", async () => {
  using folder = temporaryFolder();
  const [output, synced] = [`${folder.path}/output`, `${folder.path}/synced`];
  await write(shards(output));
  const store = webDataset(synced, { images: 30, index: ["dali"], fsync: true });
  const { syncSeconds } = await write(store, { fsync: true });
  assertEquals([syncSeconds > 0, treeOf(synced)], [true, treeOf(output)]);
});

Deno.test("WholeFile: it is found under its name when it is whole, however large what is written is", () => {
  using folder = temporaryFolder();
  const options = { fsync: false, newMd5: () => createHash("md5") };
  const file = new WholeFile(folder.path, "file", options);
  const pieces = [3, 2 ** 20 - 4, 1, 0, 5, 2 ** 20 + 1, 7, 2 ** 20].map((length, i) => new Uint8Array(length).fill(i));
  let position = 0;
  for (const piece of pieces) {
    assertEquals(file.position, position);
    file.write(piece);
    piece.fill(99);
    position += piece.length;
  }
  assertEquals(namesIn(folder.path), [".file.part"]);
  const [receipt] = file.finish();
  assertEquals([receipt.path, receipt.bytes, namesIn(folder.path)], ["file", position, ["file"]]);
  let at = 0;
  const bytes = Deno.readFileSync(`${folder.path}/file`);
  for (const [i, { length }] of pieces.entries()) {
    assertEquals(bytes.subarray(at, at + length).every((byte) => byte === i), true, `piece ${i}`);
    at += length;
  }
  assertThrows(() => new WholeFile(`${folder.path}/none`, "file", options), UnrecError, "Cannot write");
});
