import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Dataset, openDataset } from "../../src/dataset/dataset.ts";
import { decode, type DecodeOptions } from "../../src/decode/decode.ts";
import { RefusedError } from "../../src/errors.ts";
import { imagePath } from "../../src/sink/image_path.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf, treeSoFar } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** Three datasets whose labels overlap, cut into some sixty tasks each. */
async function openThree(folder: string): Promise<Dataset[]> {
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

/** Decodes, but is interrupted as soon as so many images are written. */
function decodeSome(datasets: Dataset[], output: string, images: number, options: DecodeOptions) {
  const controller = new AbortController();
  let written = 0;
  return decode(datasets, output, {
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
      const whole = await decode(datasets, `${folder.path}/whole`, { relabel, jobs });
      const output = `${folder.path}/images`;
      let resumed = 0;
      let runs = 0;
      for (let interrupted = true; interrupted; runs++) {
        const options: DecodeOptions = { relabel, jobs, journal: {}, onResume: ({ images }) => resumed = images };
        const report = await decodeSome(datasets, output, 120, options);
        interrupted = report.interrupted;
        if (interrupted) continue;
        assertEquals(report.resumed?.images, resumed);
        assertEquals({ ...report, resumed: undefined }, { ...whole, resumed: undefined });
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
  await decode(datasets, output, { jobs: 1, journal: { keep: true } });
  const tree = treeSoFar(output);
  Deno.removeSync(`${output}/id_5`, { recursive: true });
  Deno.truncateSync(imagePath(output, 6, 599), 3);
  const report = await decode(datasets, output, { jobs: 1, journal: { keep: true } });
  assert(report.resumed !== undefined && report.resumed.images < 600 && report.images === 600);
  assertEquals(treeSoFar(output), tree);
  datasets.forEach((dataset) => dataset[Symbol.dispose]());
});

Deno.test("journal: another run is refused, restart removes what that one wrote and nothing else", async () => {
  using folder = temporaryFolder();
  const datasets = await openThree(folder.path);
  const [a, b] = datasets;
  const output = `${folder.path}/images`;
  await decodeSome([a, b], output, 50, { jobs: 1, journal: {} });
  const refused = (chosen: Dataset[], options: DecodeOptions, why: string) =>
    assertRejects(() => decode(chosen, output, { jobs: 1, journal: {}, ...options }), RefusedError, why);
  await refused([a], {}, "the number of datasets was 2 and is 1; ");
  await refused([b, a], {}, "the size of the records of dataset 1 was ");
  await refused([a, b], { relabel: true }, "--relabel was false and is true");
  using small = await openDataset(`${folder.path}/a`, { chunkBytes: 512 });
  await refused([small, b], {}, "--chunk-size was 256 and is 512");
  Deno.utimeSync(`${folder.path}/b/train.idx`, 1e9, 1e9);
  await refused([a, b], {}, "the time of the index of dataset 2 was ");

  Deno.writeTextFileSync(`${output}/id_5/notes.txt`, "mine");
  const before = treeOf(output).length;
  assert(before > 50);
  const report = await decode([b], output, { jobs: 1, journal: { restart: true } });
  assertEquals([report.images, report.resumed], [200, undefined]);
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
  await decodeSome(datasets, output, 50, { jobs: 1, journal: {} });
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  await decode([datasets[0]], output, { jobs: 1, journal: { restart: true }, onWarning });
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
      () => decode(datasets, output, { jobs: 1, journal: {} }),
      RefusedError,
      `Cannot write to ${output}: another unrec is writing there`,
    );
  };
  await decode(datasets, output, { jobs: 1, journal: {}, onProgress });
  await second;

  Deno.symlinkSync(`${folder.path}/elsewhere`, `${output}/.unrec-journal`);
  const refused = () => decode(datasets, output, { jobs: 1, journal: {} });
  await assertRejects(refused, Error, ".unrec-journal: it is no file; remove it");
  Deno.removeSync(`${output}/.unrec-journal`);
  Deno.mkdirSync(`${output}/.unrec-journal`);
  await assertRejects(refused, Error, ".unrec-journal: it is no file; remove it");
  assertEquals(Array.from(Deno.readDirSync(folder.path)).some(({ name }) => name === "elsewhere"), false);
  datasets.forEach((dataset) => dataset[Symbol.dispose]());
});
