/** Formats that are one file: the tree as a tar archive, and lists. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { DecodeError, type DecodeOptions } from "../../src/decode/options.ts";
import { RefusedError, UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { imageList, listOf } from "../../src/sink/image_list.ts";
import type { SinkStore } from "../../src/sink/sink.ts";
import { tarTree } from "../../src/sink/tar_tree.ts";
import { webDataset } from "../../src/sink/webdataset.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { openSources } from "../../src/source/find.ts";
import { testUnless, whyNotRun } from "../needs.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED, expectedTree, includeOf, treeOf } from "../tree.ts";
import { writeDataset } from "../write_dataset.ts";
import { watchedStore } from "./watched_store.ts";

/** Writes sample datasets to a store. */
async function write(paths: string, store: SinkStore, options: DecodeOptions = {}) {
  using opened = new DisposableStack();
  const sources = await openSources(paths.split(","));
  sources.forEach((source) => opened.use(source));
  return await decode(sources, store, options);
}

/** Names of everything in a folder, hidden files too. */
function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

for (const name of EXPECTED) {
  testUnless(whyNotRun("tar", "--version"), `tarTree: tar unpacks the tree of ${name}, in reading order`, async () => {
    using folder = temporaryFolder();
    const archive = `${folder.path}/tree.tar`;
    await write(includeOf(name), tarTree(archive));
    assertEquals(namesIn(folder.path), ["tree.tar"]);
    const list = new TextDecoder().decode(new Deno.Command("tar", { args: ["-tf", archive] }).outputSync().stdout);
    const numbers = list.trimEnd().split("\n").map((line) => Number(/_(\d+)\.jpg$/.exec(line)![1]));
    assertEquals(numbers, Array.from(numbers.keys()));
    Deno.mkdirSync(`${folder.path}/tree`);
    const { stderr } = new Deno.Command("tar", { args: ["-xf", archive, "-C", `${folder.path}/tree`] }).outputSync();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(treeOf(`${folder.path}/tree`), expectedTree(name));
  });
}

testUnless(
  whyNotRun("tar", "--version"),
  "tarTree: long names, names by the place in a label, and an archive as input",
  async () => {
    using folder = temporaryFolder();
    const names = `${"a".repeat(90)}/${"b".repeat(50)}/{label:06}/{index}.{ext}`;
    await write(`${DATA}/glint_mini`, folderTree(`${folder.path}/expected`, { names }));
    const { success } = new Deno.Command("tar", { args: ["-cf", `${folder.path}/set.tar`, "-C", DATA, "glint_mini"] })
      .outputSync();
    assertEquals(success, true);
    for (const [i, path] of [`${DATA}/glint_mini`, `${folder.path}/set.tar`].entries()) {
      const tree = `${folder.path}/tree${i}`;
      await write(path, tarTree(`${tree}.tar`, { names }));
      Deno.mkdirSync(tree);
      assertEquals(new Deno.Command("tar", { args: ["-xf", `${tree}.tar`, "-C", tree] }).outputSync().success, true);
      assertEquals(treeOf(tree), treeOf(`${folder.path}/expected`));
    }
    const tooLong = tarTree(`${folder.path}/x.tar`, { names: `${"a".repeat(160)}/{number}` });
    await assertRejects(() => write(`${DATA}/glint_mini`, tooLong), DecodeError, "its name is too long");
    assertEquals(namesIn(folder.path).filter((name) => name.includes("x.tar")), []);
  },
);

testUnless(
  whyNotRun("tar", "--version"),
  "tarTree: names in any letters are UTF-8, and their length counts in bytes",
  async () => {
    using folder = temporaryFolder();
    for (
      const [i, name] of ["ü{number}.jpg", "人/{label}/😀 {number}.{ext}", `${"人".repeat(40)}/{number}`].entries()
    ) {
      const tree = `${folder.path}/${i}`;
      await write(`${DATA}/header_last`, folderTree(`${tree}_expected`, { names: name }));
      await write(`${DATA}/header_last`, tarTree(`${tree}.tar`, { names: name }));
      Deno.mkdirSync(tree);
      const { success, stderr } = new Deno.Command("tar", { args: ["-xf", `${tree}.tar`, "-C", tree] }).outputSync();
      assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
      assertEquals(treeOf(tree), treeOf(`${tree}_expected`));
    }
    const long = tarTree(`${folder.path}/x.tar`, { names: `${"人".repeat(60)}/{number}` });
    await assertRejects(() => write(`${DATA}/header_last`, long), DecodeError, "its name is too long");
  },
);

Deno.test("tarTree: a file that is there stays unless it is to be replaced; a link is replaced, and not followed", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/tree.tar`;
  Deno.writeTextFileSync(`${folder.path}/other`, "mine");
  Deno.symlinkSync("other", path);
  const error = await assertRejects(
    () => write(`${DATA}/shuffled`, tarTree(path)),
    RefusedError,
    "it is there already",
  );
  assertEquals(error.remedies.map(({ kind }) => kind), ["other-output", "replace-file"]);
  await write(`${DATA}/shuffled`, tarTree(path, { overwrite: true }));
  assertEquals([Deno.readTextFileSync(`${folder.path}/other`), Deno.lstatSync(path).isFile], ["mine", true]);
  Deno.mkdirSync(`${folder.path}/folder`);
  for (const overwrite of [false, true]) {
    const store = tarTree(`${folder.path}/folder`, { overwrite });
    await assertRejects(() => write(`${DATA}/shuffled`, store), RefusedError, "it is a directory");
  }
  await assertRejects(
    () => write(`${DATA}/shuffled`, tarTree(`${folder.path}/none/tree.tar`)),
    RefusedError,
    `Cannot write ${folder.path}/none/tree.tar: there is no folder ${folder.path}/none`,
  );
});

Deno.test("one file: a run that fails or is stopped leaves nothing of it", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/output`;
  Deno.mkdirSync(output);
  const bytes = new Uint8Array(100_000).fill(1);
  writeDataset(`${folder.path}/faces`, Array.from({ length: 100 }, (_, key) => ({ key, label: key, image: bytes })));
  const records = Deno.readFileSync(`${folder.path}/faces/train.rec`);
  const how = { chunkBytes: 4096 };
  for (const store of [tarTree(`${output}/tree.tar`), imageList(`${output}/list`), webDataset(`${output}/shards`)]) {
    using dataset = await openDataset(`${folder.path}/faces`, how);
    const stop = new AbortController();
    const stopping = watchedStore(store, {
      async open() {
        const sink = await store.open();
        return {
          begin: (task) => sink.begin!(task),
          write(record) {
            sink.write(record);
            if (record.number === 50) stop.abort();
          },
          finish: () => sink.finish!(),
          abandon: () => sink.abandon!(),
        };
      },
    });
    const { interrupted } = await decode([dataset], stopping, { signal: stop.signal, jobs: 1 });
    assertEquals([interrupted, namesIn(output).filter((name) => !name.startsWith("shards"))], [true, []]);
  }
  assertEquals(namesIn(`${output}/shards`), []);
  records[90 * records.length / 100] ^= 1;
  Deno.writeFileSync(`${folder.path}/faces/train.rec`, records);
  for (const store of [tarTree(`${output}/tree.tar`), imageList(`${output}/list`), webDataset(`${output}/shards2`)]) {
    const error = await assertRejects(() => write(`${folder.path}/faces`, store, { jobs: 2 }), DecodeError);
    assertEquals(error.report.images < 100, true);
  }
  assertEquals(namesIn(output).filter((name) => !name.startsWith("shards")), []);
  assertEquals(namesIn(`${output}/shards2`).filter((name) => name.endsWith(".part")), []);
});

Deno.test("one file: a stream takes all in order, so no share can be written to it", async () => {
  await assertRejects(
    () => write(`${DATA}/glint_mini`, tarTree("-"), { share: { index: 1, count: 2 } }),
    UnrecError,
    "Cannot share out what is written to one stream or function: it takes all, in order",
  );
});

Deno.test("imageList: what stands in a line of each form", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/list`;
  const linesOf = async (paths: string, store: SinkStore) => {
    await write(paths, store);
    return Deno.readTextFileSync(path).split("\n");
  };
  const both = `${DATA}/glint_mini,${DATA}/no_identity`;
  const tsv = await linesOf(both, imageList(path));
  assertEquals([tsv[0], tsv[1], tsv[83], tsv.at(-1)], [
    "path\tlabel\tkey\tnumber\tidentity\tbytes",
    "id_0/0_0.jpg\t0\t1\t0\t83\t3908",
    "id_0/0_82.jpg\t0\t1\t82\t\t4616",
    "",
  ]);
  const again = { overwrite: true };
  assertEquals((await linesOf(both, imageList(path, { ...again, form: "path-label" })))[2], "id_1/1_2.jpg 1");
  assertEquals((await linesOf(both, imageList(path, { ...again, form: "lst" })))[2], "2\t1\tid_1/1_2.jpg");
  const named = imageList(path, { ...again, form: "insightface", names: "{key}.{ext}" });
  assertEquals((await linesOf(`${DATA}/glint_mini`, named))[2], "1\t3.jpg\t1");
  assertThrows(() => imageList(path, { form: "path-label", names: "{label} {number}" }), UnrecError, "a space ends");
});

Deno.test("listOf: every path of a tree, an archive and shards is that of the image in the same line", async () => {
  using folder = temporaryFolder();
  const list = `${folder.path}/list`;
  const both = `${DATA}/glint_mini,${DATA}/second_source`;
  const tree = folderTree(`${folder.path}/tree`, { names: "{label:04}/{number}.{ext}" });
  await write(both, tree);
  await write(both, listOf(list, tree, "tsv"));
  const lines = Deno.readTextFileSync(list).trimEnd().split("\n").slice(1).map((line) => line.split("\t"));
  assertEquals(lines.length, 99);
  for (const [path, , , , , bytes] of lines) {
    assertEquals(Deno.statSync(`${folder.path}/tree/${path}`).size, Number(bytes));
  }

  const { success } = new Deno.Command("tar", {
    args: ["-cf", `${folder.path}/both.tar`, "-C", DATA, "glint_mini", "second_source"],
  }).outputSync();
  assertEquals(success, true);
  for (const options of [{ images: 50 }, { bytes: 60_000 }]) {
    for (const [i, input] of [both, `${folder.path}/both.tar`].entries()) {
      const output = `${folder.path}/shards-${Object.keys(options)}-${i}`;
      const shards = webDataset(output, options);
      await write(input, shards);
      await write(input, listOf(list, shards, "tsv"));
      const listed = Deno.readTextFileSync(list).trimEnd().split("\n").slice(1).map((line) => line.split("\t")[0]);
      const members = namesIn(output).filter((name) => name.endsWith(".tar")).flatMap((shard) => {
        const text = new TextDecoder().decode(Deno.readFileSync(`${output}/${shard}`));
        return Array.from(text.matchAll(/(\d{9}\.jpg)\0/g), ([, member]) => `${shard}/${member}`);
      });
      assertEquals(listed, members);
    }
  }
});
