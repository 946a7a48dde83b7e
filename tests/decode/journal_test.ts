import { assert, assertEquals, assertRejects } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import type { DecodeOptions } from "../../src/decode/options.ts";
import { RefusedError, UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { type DatasetSource, openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** One thread, and tasks of a few images. */
const SMALL = { jobs: 1, chunkBytes: 256 };

/** Three datasets whose labels overlap, cut into some seventy tasks each. */
async function openThree(folder: string): Promise<DatasetSource[]> {
  const datasets = [];
  for (const [name, firstLabel] of [["a", 5], ["b", 0], ["c", 3]] as const) {
    writeDataset(
      `${folder}/${name}`,
      faces({ identities: 4, images: 200, bytes: [0, 600], record0: "first", firstLabel, seed: firstLabel }),
    );
    datasets.push(await openDataset(`${folder}/${name}`, { chunkBytes: 256 }));
  }
  return datasets;
}

/** Decodes, but is interrupted as soon as a number of images are written. */
function decodeSome(datasets: DatasetSource[], output: string, images: number, options: DecodeOptions) {
  const controller = new AbortController();
  let written = 0;
  return decode(datasets, folderTree(output), {
    ...options,
    signal: controller.signal,
    onProgress: (more) => (written += more.images) >= images && controller.abort(),
  });
}

for (const relabel of [false, true]) {
  for (const jobs of [1, 2]) {
    Deno.test(`journal: runs that are interrupted again and again end as one, relabel=${relabel}, ${jobs} jobs`, async () => {
      using folder = temporaryFolder();
      const datasets = await openThree(folder.path);
      const whole = await decode(datasets, folderTree(`${folder.path}/whole`), { ...SMALL, relabel, jobs });
      const output = `${folder.path}/images`;
      let resumed = 0;
      let runs = 0;
      for (let interrupted = true; interrupted; runs++) {
        const options: DecodeOptions = { ...SMALL, relabel, jobs, onResume: ({ images }) => resumed = images };
        const report = await decodeSome(datasets, output, 120, options);
        interrupted = report.interrupted;
        if (interrupted) continue;
        assertEquals(report.resumed.images, resumed);
        assertEquals({ ...report, resumed: whole.resumed }, whole);
      }
      assert(runs > 2 && resumed > 100, `${runs} runs, ${resumed} images`);
      assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
      datasets.forEach((dataset) => dataset[Symbol.dispose]());
    });
  }
}

Deno.test("journal: a task whose last image is gone or changed is done again", async () => {
  using folder = temporaryFolder();
  const datasets = await openThree(folder.path);
  const output = `${folder.path}/images`;
  await decode(datasets, folderTree(output), { ...SMALL });
  const tree = treeOf(output);
  Deno.removeSync(`${output}/id_5`, { recursive: true });
  Deno.truncateSync(`${output}/id_6/6_599.jpg`, 3);
  const report = await decode(datasets, folderTree(output), { ...SMALL });
  assert(report.resumed.images > 0 && report.resumed.images < 600 && report.images === 600);
  assertEquals(treeOf(output), tree);
  datasets.forEach((dataset) => dataset[Symbol.dispose]());
});

Deno.test("journal: another run is refused, restart removes what that one wrote and nothing else", async () => {
  using folder = temporaryFolder();
  const datasets = await openThree(folder.path);
  const [a, b] = datasets;
  const output = `${folder.path}/images`;
  await decodeSome([a, b], output, 50, { ...SMALL });
  const refused = (chosen: DatasetSource[], options: DecodeOptions, why: string) =>
    assertRejects(() => decode(chosen, folderTree(output), { ...SMALL, ...options }), RefusedError, why);
  await refused([a], {}, "its journal is of a run that did not end and differs: the number of sources was 2 and is 1");
  await refused([b, a], {}, "the size of the records of source 1 was ");
  await refused([a, b], { relabel: true }, "whether labels are shifted was false and is true");

  Deno.writeTextFileSync(`${output}/id_5/notes.txt`, "mine");
  const before = treeOf(output).length;
  assert(before > 50);
  const report = await decode([b], folderTree(output), { ...SMALL, restart: true });
  assertEquals([report.images, report.resumed], [200, { images: 0, bytes: 0 }]);
  const tree = treeOf(output);
  assertEquals(tree.length, 201);
  assert(tree.some((line) => line.endsWith("id_5/notes.txt")));
  datasets.forEach((dataset) => dataset[Symbol.dispose]());
});

Deno.test("journal: what was there before the run is never removed, and a restart says so", async () => {
  using folder = temporaryFolder();
  const datasets = await openThree(folder.path);
  const output = `${folder.path}/images`;
  Deno.mkdirSync(`${output}/id_99`, { recursive: true });
  Deno.writeTextFileSync(`${output}/id_99/99_7.jpg`, "an image of another tree");
  await decodeSome(datasets, output, 50, { ...SMALL, overwrite: true });
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  await decode([datasets[0]], folderTree(output), { ...SMALL, restart: true, onWarning });
  assertEquals(Deno.readTextFileSync(`${output}/id_99/99_7.jpg`), "an image of another tree");
  assertEquals(warnings.map((line) => line.startsWith(`what an earlier run wrote to ${output} stays`)), [true]);
  datasets.forEach((dataset) => dataset[Symbol.dispose]());
});

Deno.test("journal: two at once, a journal that is a link, one that is a folder", async () => {
  using folder = temporaryFolder();
  const datasets = await openThree(folder.path);
  const output = `${folder.path}/images`;
  let second: Promise<unknown> | undefined;
  const onProgress = () => {
    second ??= assertRejects(
      () => decode(datasets, folderTree(output), { ...SMALL }),
      RefusedError,
      `Cannot write to ${output}: another unrec is writing there`,
    );
  };
  await decode(datasets, folderTree(output), { ...SMALL, onProgress });
  await second;
  Deno.removeSync(`${output}/.unrec-journal`);

  Deno.symlinkSync(`${folder.path}/elsewhere`, `${output}/.unrec-journal`);
  const refused = () => decode(datasets, folderTree(output), { ...SMALL });
  await assertRejects(refused, UnrecError, "/.unrec-journal: it is no regular file; remove it");
  Deno.removeSync(`${output}/.unrec-journal`);
  Deno.mkdirSync(`${output}/.unrec-journal`);
  await assertRejects(refused, UnrecError, "/.unrec-journal: it is no regular file; remove it");
  assertEquals(Array.from(Deno.readDirSync(folder.path)).some(({ name }) => name === "elsewhere"), false);
  datasets.forEach((dataset) => dataset[Symbol.dispose]());
});
