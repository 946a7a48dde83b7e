import { assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { decode } from "../../src/decode/decode.ts";
import type { DecodeOptions } from "../../src/decode/options.ts";
import { UnrecError } from "../../src/errors.ts";
import type { EngineName } from "../../src/recordio/types.ts";
import { webDataset, type WebDatasetOptions } from "../../src/sink/webdataset.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { openSources } from "../../src/source/find.ts";
import { testUnless, whyNotRun } from "../needs.ts";
import { readTar } from "../read_tar.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { PROJECT } from "../run_unrec.ts";
import { copyFolder, DATA, expectedTree, includeOf, treeOf } from "../tree.ts";
import { faces, type TestRecord, writeDataset } from "../write_dataset.ts";

/** Writes shards of sample datasets, several with a `+` between them. */
async function write(
  name: string,
  output: string,
  options: WebDatasetOptions,
  how: DecodeOptions & { engine?: EngineName } = {},
) {
  using opened = new DisposableStack();
  const sources = [];
  for (const path of includeOf(name).split(",")) sources.push(opened.use(await openDataset(path, how)));
  return await decode(sources, webDataset(output, options), how);
}

/** The names of shards in a folder. */
function shardsIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => name.endsWith(".tar")).sort();
}

/** The tree that is in shards: the images under the names of the reference tree, as `sha256sum` lists them. */
function treeInShards(folder: string): string[] {
  const tree: string[] = [];
  for (const shard of shardsIn(folder)) {
    const members = readTar(Deno.readFileSync(`${folder}/${shard}`));
    for (let i = 0; i < members.length; i += 2) {
      const [label, image] = members.slice(i, i + 2);
      const [key, field] = label.name.split(".");
      assertEquals([key.length, field, image.name], [9, "cls", `${key}.jpg`]);
      const text = new TextDecoder().decode(label.bytes);
      const sum = createHash("sha256").update(image.bytes).digest("hex");
      tree.push(`${sum}  id_${text}/${text}_${Number(key)}.jpg`);
    }
  }
  return tree;
}

const byPath = (lines: string[]) => lines.toSorted((a, b) => a.slice(66) < b.slice(66) ? -1 : 1);

for (const name of ["glint_mini", "multipart", "no_identity", "shuffled", "glint_mini+second_source", "shared_label"]) {
  for (const engine of ["wasm", "ts"] as const) {
    Deno.test(`webDataset: the shards of ${name} have the tree's images in reading order, ${engine}, whatever --jobs is`, async () => {
      using folder = temporaryFolder();
      const trees: string[][] = [];
      for (const jobs of [1, 2, 5]) {
        const output = `${folder.path}/${jobs}`;
        const { images } = await write(name, output, { images: 7 }, { jobs, engine });
        const tree = treeInShards(output);
        assertEquals(byPath(tree), expectedTree(name));
        const numbers = tree.map((line) => Number(/_(\d+)\.jpg$/.exec(line)![1]));
        assertEquals(numbers, Array.from(numbers.keys()));
        assertEquals(shardsIn(output).length, Math.ceil(images / 7));
        trees.push(treeOf(output));
      }
      assertEquals(trees[1], trees[0]);
      assertEquals(trees[2], trees[0]);
    });
  }
}

Deno.test("webDataset: an archive gives the shards that its datasets give", async () => {
  using folder = temporaryFolder();
  const args = ["-cf", `${folder.path}/both.tar`, "-C", DATA, "glint_mini", "second_source"];
  assertEquals(new Deno.Command("tar", { args }).outputSync().success, true);
  const [expected, output] = [`${folder.path}/expected`, `${folder.path}/output`];
  await write("glint_mini+second_source", expected, { images: 30 });
  for (const jobs of [1, 2]) {
    using sources = new DisposableStack();
    const opened = await openSources([`${folder.path}/both.tar`]);
    opened.forEach((source) => sources.use(source));
    await decode(opened, webDataset(output, { images: 30 }), { jobs, restart: true });
    assertEquals(treeOf(output), treeOf(expected));
  }
  // By bytes too: what records take follows from what they hold.
  for (const bytes of [9000, 12_345, 60_000]) {
    using sources = new DisposableStack();
    const opened = await openSources([`${folder.path}/both.tar`]);
    opened.forEach((source) => sources.use(source));
    await decode(opened, webDataset(`${output}${bytes}`, { bytes }));
    await write("glint_mini+second_source", `${expected}${bytes}`, { bytes });
    assertEquals(treeOf(`${output}${bytes}`), treeOf(`${expected}${bytes}`));
  }
  // One after the other, a shard has images of both.
  using sources = new DisposableStack();
  const opened = await openSources([`${DATA}/glint_mini`, `${folder.path}/both.tar`, `${DATA}/shuffled`]);
  opened.forEach((source) => sources.use(source));
  const { images, alreadyComplete } = await decode(opened, webDataset(`${folder.path}/mixed`, { images: 30 }));
  assertEquals([images, alreadyComplete], [204, false]);
  await write("glint_mini+glint_mini+second_source+shuffled", `${folder.path}/plain`, { images: 30 });
  assertEquals(treeOf(`${folder.path}/mixed`), treeOf(`${folder.path}/plain`));
  assertEquals((await decode(opened, webDataset(`${folder.path}/mixed`, { images: 30 }))).alreadyComplete, true);
});

Deno.test("webDataset: shards by bytes hold no more than that, and at least an image", async () => {
  using folder = temporaryFolder();
  await write("glint_mini", `${folder.path}/a`, { bytes: 20_000 });
  for (const shard of shardsIn(`${folder.path}/a`)) {
    const members = readTar(Deno.readFileSync(`${folder.path}/a/${shard}`));
    const bytes = members.reduce((sum, { name, bytes }) => sum + (name.endsWith(".jpg") ? bytes.length : 0), 0);
    assertEquals(bytes > 12_000 || shard === shardsIn(`${folder.path}/a`).at(-1), true, `${shard}: ${bytes}`);
    assertEquals(bytes < 20_000, true);
  }
  await write("glint_mini", `${folder.path}/b`, { bytes: 1 });
  assertEquals(shardsIn(`${folder.path}/b`).length, 82);
});

Deno.test("webDataset: the lists name the shards as they are", async () => {
  using folder = temporaryFolder();
  const output = folder.path;
  await write("glint_mini", output, { images: 40, prefix: "faces", json: true, index: ["dali", "wids"] });
  const shards = shardsIn(output);
  assertEquals(shards, ["faces-000000.tar", "faces-000001.tar", "faces-000002.tar"]);
  const json = (name: string) => JSON.parse(Deno.readTextFileSync(`${output}/${name}`));
  assertEquals(json("_info.json"), {
    splits: { faces: { name: "faces", num_samples: 82, filenames: shards, shard_lengths: [40, 40, 2] } },
  });
  const files = shards.map((name) => Deno.readFileSync(`${output}/${name}`));
  assertEquals(json("faces-wids.json"), {
    __kind__: "wids-shard-index-v1",
    wids_version: 1,
    shardlist: shards.map((url, i) => ({
      url,
      nsamples: [40, 40, 2][i],
      md5sum: createHash("md5").update(files[i]).digest("hex"),
      filesize: files[i].length,
    })),
  });
  for (const [i, file] of files.entries()) {
    const members = readTar(file);
    const [first, ...lines] = Deno.readTextFileSync(`${output}/${shards[i].replace(".tar", ".idx")}`).trimEnd().split(
      "\n",
    );
    assertEquals(first, `v1.2 ${[40, 40, 2][i]}`);
    const fields = lines.flatMap((line) =>
      [...line.matchAll(/(\w+) (\d+) (\d+) (\S+)/g)].map((found) => found.slice(1))
    );
    assertEquals(
      fields,
      members.map(({ name, offset, bytes }) => [name.split(".")[1], `${offset}`, `${bytes.length}`, name]),
    );
  }
  const [, , text] = readTar(files[1]);
  assertEquals(JSON.parse(new TextDecoder().decode(text.bytes)), {
    ...{ key: 41, id: 41, identity: 95, labels: [12, 0], source: "glint_mini" },
  });
});

Deno.test("webDataset: labels of all digits, odd sizes and fields by content", async () => {
  using folder = temporaryFolder();
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1);
  const records: TestRecord[] = [
    { key: 0, label: 2 ** 40, image: png },
    { key: 1, label: -3, image: new Uint8Array() },
    { key: 2, label: 0, image: new Uint8Array(512).fill(7) },
    { key: 3, label: 1.7, image: new Uint8Array(513).fill(8) },
    { key: 4, label: 5, image: new Uint8Array(3 * 2 ** 20).fill(9) },
  ];
  writeDataset(`${folder.path}/odd`, records);
  using dataset = await openDataset(`${folder.path}/odd`);
  await decode([dataset], webDataset(`${folder.path}/output`, { ext: "content" }));
  const members = readTar(Deno.readFileSync(`${folder.path}/output/train-000000.tar`));
  assertEquals(members.filter((_, i) => i % 2 === 0).map(({ bytes }) => new TextDecoder().decode(bytes)), [
    ...["1099511627776", "-3", "0", "1", "5"],
  ]);
  assertEquals(members.filter((_, i) => i % 2 === 1).map(({ bytes }) => bytes), records.map(({ image }) => image));
  assertEquals(members[1].name, "000000000.png");
});

Deno.test("webDataset: a name that no shard can have is refused", () => {
  for (const prefix of ["", ".x", "-x", "a/b", "a b", "../x", "x".repeat(101), "é"]) {
    assertThrows(() => webDataset("/nowhere", { prefix }), UnrecError, "Cannot name files by");
  }
});

Deno.test("webDataset: an order that jumps about in a large file", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 50, images: 2000, bytes: [10, 900], record0: "first" })];
  const images = records.slice(1, 2001);
  const others = records.slice(2001);
  // Every key has its record, and the file has them in an order of its own.
  const shuffled = images.map((record, i) => ({ record, at: (i * 761) % 2000 })).sort((a, b) => a.at - b.at);
  writeDataset(`${folder.path}/faces`, [records[0], ...images, ...others]);
  writeDataset(`${folder.path}/jumping`, [records[0], ...shuffled.map(({ record }) => record), ...others]);
  const index = Deno.readTextFileSync(`${folder.path}/jumping/train.idx`).trimEnd().split("\n");
  index.sort((a, b) => parseInt(a) - parseInt(b));
  Deno.writeTextFileSync(`${folder.path}/jumping/train.idx`, `${index.join("\n")}\n`);
  for (const cut of [{ images: 300 }, { bytes: 100_000 }]) {
    for (const name of ["faces", "jumping"]) {
      using dataset = await openDataset(`${folder.path}/${name}`, { chunkBytes: 4096 });
      await decode([dataset], webDataset(`${folder.path}/${name}.${Object.keys(cut)}`, cut), { jobs: 2 });
    }
  }
  assertEquals(treeOf(`${folder.path}/jumping.images`), treeOf(`${folder.path}/faces.images`));
  assertEquals(treeInShards(`${folder.path}/jumping.bytes`), treeInShards(`${folder.path}/faces.bytes`));
});

testUnless(
  whyNotRun("python3", "--version"),
  "webDataset: Python reads the shards by the rules of the library",
  async () => {
    using folder = temporaryFolder();
    for (const json of [false, true]) {
      const output = `${folder.path}/${json}`;
      await write("glint_mini+second_source", output, { images: 40, json });
      const program = `${PROJECT}tests/sink/webdataset_rules.py`;
      const args = [program, ...shardsIn(output).map((name) => `${output}/${name}`)];
      const { stdout, stderr } = new Deno.Command("python3", { args }).outputSync();
      assertEquals(new TextDecoder().decode(stderr), "");
      const samples = new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(samples.map(({ key }) => Number(key)), Array.from(Array(99).keys()));
      const tree = samples.map(({ key, cls, sha256 }) => `${sha256}  id_${cls}/${cls}_${Number(key)}.jpg`);
      assertEquals(byPath(tree), expectedTree("glint_mini+second_source"));
      const fields = json ? ["cls", "jpg", "json"] : ["cls", "jpg"];
      for (const sample of samples) assertEquals(sample.fields, fields);
      assertEquals(samples[98].json?.source, json ? "second_source" : undefined);
    }
  },
);

Deno.test("webDataset: labels are shifted, and what is lost leaves a gap in the numbers of its shard", async () => {
  using folder = temporaryFolder();
  const labelsIn = (output: string) => treeInShards(output).map((line) => Number(/id_(\d+)/.exec(line)![1]));
  await write("glint_mini+second_source", `${folder.path}/plain`, { images: 40 });
  await write("glint_mini+second_source", `${folder.path}/shifted`, { images: 40 }, { relabel: true });
  const plain = labelsIn(`${folder.path}/plain`);
  // The property file of the first one says 24 classes.
  assertEquals(labelsIn(`${folder.path}/shifted`), plain.map((label, i) => i < 82 ? label : label + 24));

  const damaged = `${folder.path}/damaged`;
  copyFolder(`${DATA}/glint_mini`, damaged);
  const bytes = Deno.readFileSync(`${damaged}/train.rec`);
  const offsets = Deno.readTextFileSync(`${damaged}/train.idx`).trimEnd().split("\n").map((line) =>
    line.split("\t").map(Number)
  );
  bytes[offsets.find(([key]) => key === 42)![1]] ^= 1;
  Deno.writeFileSync(`${damaged}/train.rec`, bytes);
  for (const jobs of [1, 2]) {
    const output = `${folder.path}/lost${jobs}`;
    using dataset = await openDataset(damaged, { onError: "skip" });
    const { images, lost } = await decode([dataset], webDataset(output, { images: 40 }), { onError: "skip", jobs });
    assertEquals([images, lost.map(({ images }) => images)], [81, [1]]);
    const numbers = treeInShards(output).map((line) => Number(/_(\d+)\.jpg/.exec(line)![1]));
    assertEquals(numbers, Array.from(Array(82).keys()).filter((number) => number !== 41));
    const { splits } = JSON.parse(Deno.readTextFileSync(`${output}/_info.json`));
    assertEquals(splits.train.shard_lengths, [40, 39, 2]);
  }
});

Deno.test("webDataset: chosen images keep their numbers, and shards are cut by how many are chosen", async () => {
  using folder = temporaryFolder();
  using dataset = await openDataset(`${DATA}/glint_mini`, { select: { keys: [[11, 30], [61, 82]] } });
  await decode([dataset], webDataset(folder.path, { images: 20 }), { jobs: 2 });
  const numbers = treeInShards(folder.path).map((line) => Number(/_(\d+)\.jpg/.exec(line)![1]));
  assertEquals(numbers, Array.from(Array(82).keys()).filter((number) => number >= 10 && number < 30 || number >= 60));
  assertEquals(shardsIn(folder.path).length, 3);
});
