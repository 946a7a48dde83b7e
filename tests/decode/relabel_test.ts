/** Shifted labels: the people of two datasets never share a folder, whatever the labels are. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { journalPath } from "../../src/decode/output_state.ts";
import { DecodeError, type DecodeOptions } from "../../src/decode/options.ts";
import type { DecodeReport } from "../../src/decode/tally.ts";
import { UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { REFERENCE_NAMES } from "../../src/sink/name_template.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { findDatasets } from "../../src/source/find.ts";
import type { SourceOptions } from "../../src/source/source.ts";
import { verify } from "../../src/verify/verify.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { exists, treeOf } from "../tree.ts";
import { encodeRecord, type TestRecord, writeDataset } from "../write_dataset.ts";

/** Writes a flat dataset with an image for each label; some of the images are damaged. */
function write(
  path: string,
  labels: number[],
  { property, damaged = [] }: { property?: string; damaged?: number[] } = {},
) {
  const records: TestRecord[] = labels.map((label, key) => ({
    key,
    label,
    image: Uint8Array.of(0xff, 0xd8, 0xff, key, 0xff, 0xd9),
  }));
  writeDataset(path, records);
  if (property !== undefined) Deno.writeTextFileSync(`${path}/property`, property);
  if (damaged.length === 0) return;
  const bytes = Deno.readFileSync(`${path}/train.rec`);
  const size = encodeRecord(records[0]).length;
  for (const record of damaged) bytes[record * size] ^= 1;
  Deno.writeFileSync(`${path}/train.rec`, bytes);
}

/** Decodes with shifted labels, in tasks of a few images. */
async function relabel(
  paths: string[],
  output: string,
  options: DecodeOptions & SourceOptions = {},
): Promise<DecodeReport> {
  const how = { relabel: true, jobs: 1, chunkBytes: 256, ...options };
  using opened = new DisposableStack();
  const sources = [];
  for (const path of paths) sources.push(opened.use(await openDataset(path, how)));
  return await decode(sources, folderTree(output), how);
}

/** What verifying finds wrong with a tree, and how many images have their file there. */
async function compare(paths: string[], tree: string) {
  const report = await verify(await findDatasets(paths), {
    engine: "wasm",
    chunkBytes: 256,
    jobs: 1,
    tree: { folder: tree, names: REFERENCE_NAMES, deep: true },
    relabel: true,
    decode: false,
    checksums: false,
    signal: new AbortController().signal,
    onProgress() {},
  });
  return [report!.tree!.findings, report!.tree!.matching];
}

/** The folders of a tree, by the dataset whose image is in them: that of the number, counted on over datasets of `count`. */
function foldersOf(output: string, count: number): string[][] {
  const folders: Set<string>[] = [];
  for (const line of treeOf(output)) {
    const [, folder, number] = /(id_[^/]*)\/[^_]*_(\d+)\.jpg$/.exec(line)!;
    (folders[Math.floor(Number(number) / count)] ??= new Set()).add(folder);
  }
  return folders.map((names) => [...names].sort());
}

Deno.test("relabel: the shift is what the datasets say, the same in decoding, verifying and going on", async () => {
  for (
    const [name, properties, shifts] of [
      ["without property files the highest label counts", [undefined, undefined, undefined], [0, 10, 14]],
      ["with them what they say", ["20,112,112", "4", "9999"], [0, 20, 24]],
      ["with some of them", [undefined, "100", undefined], [0, 10, 110]],
      ["a property file that says nothing is none", ["", "x", "0,112"], [0, 10, 14]],
    ] as [string, (string | undefined)[], number[]][]
  ) {
    using folder = temporaryFolder();
    const paths = ["a", "b", "c"].map((name) => `${folder.path}/${name}`);
    const labels = [[9, 5, 5, 0], [0, 1, 2, 3], [3, 3, 0, 1]];
    paths.forEach((path, i) => write(path, labels[i], { property: properties[i] }));
    const output = `${folder.path}/images`;
    const report = await relabel(paths, output);
    assertEquals([report.images, report.sharedLabels], [12, 0]);
    const expected = labels.map((own, i) => [...new Set(own.map((label) => `id_${label + shifts[i]}`))].sort());
    assertEquals(foldersOf(output, 4), expected, name);
    assertEquals(await compare(paths, output), [{}, 12], name);
    // Whatever was finished, the rest gets the same labels.
    const lines = Deno.readTextFileSync(journalPath(output)).split(/(?<=\n)/);
    const tree = treeOf(output);
    for (let count = 1; count < lines.length - 1; count++) {
      Deno.writeTextFileSync(journalPath(output), lines.slice(0, count).join(""));
      assertEquals((await relabel(paths, output)).resumed.images < 12, true);
      assertEquals(treeOf(output), tree);
    }
    const jobs = `${folder.path}/jobs`;
    await relabel(paths, jobs, { jobs: 3, engine: "ts" });
    assertEquals(treeOf(jobs), tree);
  }
});

for (
  const [name, label] of [
    ["below 0", -1],
    ["a fraction", 2.5],
    ["1e20", 1e20],
    ["minus 1e20", -1e20],
    ["just beyond what is told apart", 2 ** 53],
  ] as [string, number][]
) {
  Deno.test(`relabel: a label that is ${name} is refused, before anything is written if no property file is there`, async () => {
    using folder = temporaryFolder();
    const paths = ["a", "b"].map((name) => `${folder.path}/${name}`);
    const output = `${folder.path}/images`;
    const shown = Math.fround(label);
    for (const onError of ["stop", "skip"] as const) {
      // Only the last of many images has it.
      write(paths[0], [...Array(50).keys(), label]);
      write(paths[1], [0, 1, 2]);
      const error = await assertRejects(
        () => relabel(paths, output, { onError }),
        UnrecError,
        `Cannot relabel the images of ${
          paths[0]
        }/train.rec: key 50 has the label ${shown}, and only whole numbers from 0 on`,
      );
      assertEquals(error.remedies.map(({ kind }) => kind), ["text"]);
      assertEquals(exists(output), false);

      Deno.writeTextFileSync(`${paths[0]}/property`, "60,112,112");
      const failure = await assertRejects(
        () => relabel(paths, output, { onError }),
        DecodeError,
        `Cannot relabel: the record of key 50 at byte ${
          50 * 40
        } has the label ${shown}, and only whole numbers from 0 on`,
      );
      assertEquals([failure.report.images, failure.report.sharedLabels], [50, 0]);
      assertEquals(foldersOf(output, 51).length, 1);
      Deno.removeSync(output, { recursive: true });
      Deno.removeSync(`${paths[0]}/property`);
    }
  });
}

Deno.test("relabel: a property file that names too few classes", async () => {
  using folder = temporaryFolder();
  const paths = ["a", "b"].map((name) => `${folder.path}/${name}`);
  write(paths[0], [0, 1, 2, 3, 4], { property: "4,112,112" });
  write(paths[1], [0, 1, 2]);
  const output = `${folder.path}/images`;
  for (const onError of ["stop", "skip"] as const) {
    const failure = await assertRejects(
      () => relabel(paths, output, { onError }),
      DecodeError,
      "Cannot relabel: the record of key 4 at byte 160 has the label 4, and the dataset says that it has only 4 classes",
    );
    assert(failure.report.images <= 4);
    // With jobs, tasks of the second dataset may come first; their folders begin at 4 and nothing of the first is there.
    await assertRejects(() => relabel(paths, `${folder.path}/jobs`, { onError, jobs: 3 }), DecodeError);
    for (const tree of [output, `${folder.path}/jobs`]) {
      for (const line of treeOf(tree)) {
        const [, label, number] = /id_(\d+)\/\d+_(\d+)\.jpg$/.exec(line)!.map(Number);
        assertEquals(number < 5, label < 4, line);
      }
    }
  }
  Deno.removeSync(`${paths[0]}/property`);
  assertEquals(
    await relabel(paths, output, { restart: true }).then(({ sharedLabels, images }) => [sharedLabels, images]),
    [0, 8],
  );
});

Deno.test("relabel: what is lost, or has no label at all, does not shift anything, nor bring anybody together", async () => {
  using folder = temporaryFolder();
  const paths = ["a", "b"].map((name) => `${folder.path}/${name}`);
  const output = `${folder.path}/images`;
  // The highest label is lost, and one is not a number.
  write(paths[0], [0, 1, 2, NaN, 3, 9], { damaged: [5] });
  write(paths[1], [1, 0, 2, 3, 4, 5], { damaged: [1] });
  await assertRejects(
    () => relabel(paths, `${folder.path}/none`),
    UnrecError,
    "its label is NaN, which names no class",
  );
  const { images, sharedLabels, lost } = await relabel(paths, output, { onError: "skip" });
  assertEquals([images, sharedLabels, lost.map(({ images }) => images)], [9, 0, [2, 1]]);
  assertEquals(foldersOf(output, 6), [["id_0", "id_1", "id_2", "id_3"], ["id_5", "id_6", "id_7", "id_8", "id_9"]]);
  assertEquals(await compare(paths, output), [{}, 9]);
  const tree = treeOf(output);
  for (const options of [{}, { jobs: 2 }, { chunkBytes: 4096, restart: true }]) {
    await relabel(paths, output, { onError: "skip", ...options });
    assertEquals(treeOf(output), tree);
  }
  // Mended, the label counts; what was written with the old shift is gone.
  write(paths[0], [0, 1, 2, 3, 3, 9]);
  Deno.utimeSync(`${paths[0]}/train.rec`, 2e9, 2e9);
  const mended = await relabel(paths, output, { onError: "skip" });
  assertEquals([mended.images, mended.sharedLabels], [11, 0]);
  assertEquals(foldersOf(output, 6)[1], ["id_11", "id_12", "id_13", "id_14", "id_15"]);
  assertEquals(await compare(paths, output), [{}, 11]);
});

Deno.test("relabel: labels that shifting would make too large to be told apart are refused", async () => {
  using folder = temporaryFolder();
  const paths = Array.from({ length: 11 }, (_, i) => `${folder.path}/${i}`);
  for (const path of paths) write(path, [0, 1, 2, 3], { property: "999999999999999,112,112" });
  const output = `${folder.path}/images`;
  // Nine times this is just below 2^53, so the labels of ten datasets can be told apart.
  const failure = await assertRejects(
    () => relabel(paths, output),
    DecodeError,
    "shifted past the labels of the sources before, it is too large to be told from others",
  );
  assertEquals([failure.report.images, failure.report.sharedLabels], [40, 0]);
});
