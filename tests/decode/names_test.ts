/** Trees with names by a template: what is written, in every layout and order, and what becomes of it in later runs. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { completedRun, decode } from "../../src/decode/decode.ts";
import { journalPath, readJournal } from "../../src/decode/output_state.ts";
import type { DecodeOptions } from "../../src/decode/options.ts";
import type { DecodeReport } from "../../src/decode/tally.ts";
import { RefusedError, UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { openSources } from "../../src/source/find.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, EXPECTED, expectedTree, includeOf, treeOf } from "../tree.ts";
import { encodeRecord, faces, type FacesOptions, type TestRecord, writeDataset } from "../write_dataset.ts";

/** Decodes in tasks of a few images. */
async function run(
  paths: string[],
  output: string,
  names: string,
  { engine, onError, ...options }: DecodeOptions & { engine?: "wasm" | "ts" } = {},
): Promise<DecodeReport> {
  using opened = new DisposableStack();
  const sources = await openSources(paths, { chunkBytes: 256, engine, onError });
  sources.forEach((source) => opened.use(source));
  return await decode(sources, folderTree(output, { names }), { jobs: 1, onError, ...options });
}

/** An image of the reference tree. */
interface ReferenceImage {
  sum: string;
  label: number;
  number: number;
  index: number;
}

/** The images of a reference tree by their numbers, with their places among those of their label. */
function imagesOf(tree: string[]): ReferenceImage[] {
  const counts = new Map<number, number>();
  return tree.map((line) => {
    const [, sum, label, number] = /^(\w+) {2}id_-?\d+\/(-?\d+)_(\d+)\.jpg$/.exec(line)!;
    return { sum, label: Number(label), number: Number(number), index: 0 };
  }).sort((a, b) => a.number - b.number).map((image) => {
    const index = counts.get(image.label) ?? 0;
    counts.set(image.label, index + 1);
    return { ...image, index };
  });
}

const linesBy = (images: ReferenceImage[], path: (image: ReferenceImage) => string) =>
  images.map((image) => `${image.sum}  ${path(image)}`).sort();

const padded = (number: number, width: number) => String(number).padStart(width, "0");

/** Templates, and the same names made by hand. The images of the samples are JPEG. */
const TEMPLATES: [string, (image: ReferenceImage) => string][] = [
  ["{label:06}/{number}.{ext}", ({ label, number }) => `${padded(label, 6)}/${number}.jpg`],
  ["{label}/{index:03}.{ext}", ({ label, index }) => `${label}/${padded(index, 3)}.jpg`],
  [
    "{number/10:03}/{label}_{number}",
    ({ label, number }) => `${padded(Math.floor(number / 10), 3)}/${label}_${number}`,
  ],
  [
    "{label/10}/{label}/{index}-{number}.jpg",
    ({ label, number, index }) => `${Math.floor(label / 10)}/${label}/${index}-${number}.jpg`,
  ],
];

for (const name of EXPECTED) {
  const jobsOf = ["glint_mini+second_source", "shuffled"].includes(name) ? [1, 2, 5] : [1];
  Deno.test(`names: ${name}, with ${jobsOf.join(", ")} jobs and both engines`, async () => {
    using folder = temporaryFolder();
    const images = imagesOf(expectedTree(name));
    for (const [i, [names, path]] of TEMPLATES.entries()) {
      for (const jobs of jobsOf) {
        const output = `${folder.path}/${i}-${jobs}`;
        const engine = (i + jobs) % 2 === 0 ? "ts" : "wasm";
        const report = await run(includeOf(name).split(","), output, names, { jobs, engine });
        assertEquals([treeOf(output).sort(), report.images], [linesBy(images, path), images.length], names);
        assertEquals((await run(includeOf(name).split(","), output, names, { jobs })).alreadyComplete, true);
      }
    }
  });
}

Deno.test("names: keys, identity records and ids", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 3, images: 20, bytes: [10, 90], record0: "last", firstLabel: 5 })];
  writeDataset(`${folder.path}/faces`, records);
  for (const jobs of [1, 2]) {
    const output = `${folder.path}/images${jobs}`;
    await run([`${folder.path}/faces`], output, "{identity}/{key}_{id}", { jobs });
    assertEquals(treeOf(output).length, 20);
    for (let i = 0; i < 20; i++) {
      // Identity records have the keys after those of the images, and the writer's ids are the keys.
      const identity = 21 + [6, 13, 20].findIndex((end) => i < end);
      assertEquals(Deno.readFileSync(`${output}/${identity}/${i + 1}_${i + 1}`), records[i].image.slice());
    }
  }
});

Deno.test("names: what an image is, its bytes tell", async () => {
  using folder = temporaryFolder();
  const text = (letters: string) => new TextEncoder().encode(letters);
  const images = [
    ["jpg", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 0xff, 0xd9)],
    ["png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ["gif", text("GIF89a---")],
    ["webp", text("RIFF----WEBPVP8 ")],
    ["npy", Uint8Array.of(0x93, ...text("NUMPY"), 1, 0)],
    ["bin", Uint8Array.of(1, 2, 3)],
    ["bin", new Uint8Array()],
  ] as const;
  writeDataset(`${folder.path}/flat`, images.map(([, image], key) => ({ key, label: 4, image })));
  for (const engine of ["wasm", "ts"] as const) {
    const output = `${folder.path}/${engine}`;
    await run([`${folder.path}/flat`], output, "{label}/{number}.{ext}", { engine });
    for (const [number, [ext, image]] of images.entries()) {
      assertEquals(Deno.readFileSync(`${output}/4/${number}.${ext}`), image.slice());
    }
  }
});

Deno.test("names: the places of images run on over datasets that share labels, and not over those that are shifted", async () => {
  using folder = temporaryFolder();
  const sets = ["a", "b"].map((name) => `${folder.path}/${name}`);
  const image = (byte: number) => Uint8Array.of(byte);
  writeDataset(sets[0], [5, 0, 5].map((label, key) => ({ key, label, image: image(key) })));
  writeDataset(sets[1], [5, 0, 1].map((label, key) => ({ key, label, image: image(3 + key) })));
  const filesOf = (output: string) =>
    treeOf(output).map((line) => line.split("  ")[1]).sort().map((path) => [
      path,
      Deno.readFileSync(`${output}/${path}`)[0],
    ]);
  await run(sets, `${folder.path}/shared`, "{label}/{index}");
  assertEquals(filesOf(`${folder.path}/shared`), [
    ...[["0/0", 1], ["0/1", 4]],
    ["1/0", 5],
    ...[["5/0", 0], ["5/1", 2], ["5/2", 3]],
  ]);
  await run(sets, `${folder.path}/shifted`, "{label}/{index}", { relabel: true });
  assertEquals(filesOf(`${folder.path}/shifted`), [
    ["0/0", 1],
    ["11/0", 3],
    ...[["5/0", 0], ["5/1", 2]],
    ["6/0", 4],
    ["7/0", 5],
  ]);
  // An archive counts as they come; one among others cannot.
  Deno.writeFileSync(`${folder.path}/both.tgz`, makeTar({ names: ["a", "b"], from: folder.path }));
  await run([`${folder.path}/both.tgz`], `${folder.path}/archive`, "{label}/{index}");
  assertEquals(treeOf(`${folder.path}/archive`), treeOf(`${folder.path}/shared`));
  await run([`${folder.path}/both.tgz`], `${folder.path}/archive2`, "{label}/{index}", { relabel: true });
  assertEquals(treeOf(`${folder.path}/archive2`), treeOf(`${folder.path}/shifted`));
  const refused = `${folder.path}/refused`;
  await assertRejects(
    () => run([sets[0], `${folder.path}/both.tgz`], refused, "{label}/{index}"),
    UnrecError,
    "cannot be done before the end of the archive",
  );
  assertEquals(exists(refused), false);
});

Deno.test("names: what a source does not have is refused before the first file, in a rehearsal too", async () => {
  using folder = temporaryFolder();
  for (
    const [sets, names, why] of [
      [["no_identity"], "{identity}/{number}", "has no identity records"],
      [["glint_mini", "second_source"], "{key}.{ext}", "two datasets can have the same keys"],
    ] as const
  ) {
    for (const dryRun of [false, true]) {
      const output = `${folder.path}/images`;
      await assertRejects(
        () => run(sets.map((name) => `${DATA}/${name}`), output, names, { dryRun }),
        UnrecError,
        why,
      );
      assertEquals(exists(output), false);
    }
  }
});

const FACES: FacesOptions = { identities: 3, images: 40, bytes: [10, 200], record0: "first" };

/** The journal's lines, with their line feeds. */
const linesOf = (output: string) => Deno.readTextFileSync(journalPath(output)).split(/(?<=\n)/);

for (const names of ["{label:03}/{number}.{ext}", "{label}/{index}.jpg", "{number/7}/{number}"]) {
  Deno.test(`names: ${names} goes on after any line of the journal`, async () => {
    using folder = temporaryFolder();
    const [a, b, output] = ["a", "b", "images"].map((name) => `${folder.path}/${name}`);
    writeDataset(a, faces(FACES));
    writeDataset(b, faces({ ...FACES, seed: 2 }));
    await run([a, b], output, names);
    await run([a, b], `${folder.path}/numbers`, "{number}");
    const numbers = new Map(treeOf(`${folder.path}/numbers`).map((line) => line.split("  ") as [string, string]));
    const expected = treeOf(output);
    const lines = linesOf(output);
    assert(lines.length > 10);
    for (let count = 1; count <= lines.length; count++) {
      const again = `${folder.path}/again`;
      const kept = lines.slice(0, count);
      const finished = kept.reduce((sum, line) => sum + Number(/"images":(\d+),"bytes"/.exec(line)?.[1] ?? 0), 0);
      for (const line of expected) {
        const [sum, path] = line.split("  ");
        Deno.mkdirSync(`${again}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
        // One thread writes them in order: of what the journal does not name the first is cut, and the others are older.
        const number = Number(numbers.get(sum));
        if (number < finished) Deno.copyFileSync(`${output}/${path}`, `${again}/${path}`);
        else Deno.writeTextFileSync(`${again}/${path}`, number === finished ? "" : "older");
      }
      Deno.writeTextFileSync(journalPath(again), kept.join(""));
      const { images, resumed } = await run([a, b], again, names, { jobs: count % 5 === 0 ? 2 : 1 });
      assertEquals([treeOf(again), images, resumed.images], [expected, 80, finished], `after ${count} lines`);
      Deno.removeSync(again, { recursive: true });
    }
    // A task counts as long as its folders and its last image are there.
    const last = `${readJournal(output)!.tasks.at(-1)!.receipts.at(-1)!.path}`;
    Deno.removeSync(`${output}/${last.split("/")[0]}`, { recursive: true });
    const { resumed, alreadyComplete } = await run([a, b], output, names);
    assertEquals([treeOf(output), alreadyComplete], [expected, false]);
    assert(resumed.images > 0 && resumed.images < 80);
  });
}

Deno.test("names: other ones are a run of something else; begun anew, the old files go", async () => {
  using folder = temporaryFolder();
  const [faces1, output] = ["faces", "images"].map((name) => `${folder.path}/${name}`);
  writeDataset(faces1, faces(FACES));
  const names = ["id_{label}/{label}_{number}.jpg", "{label/2}/{label}/{number}.{ext}", "{label}/{index}"];
  for (const text of names) await run([faces1], `${folder.path}/${names.indexOf(text)}`, text);
  await run([faces1], output, names[0]);
  for (const [i, next] of [1, 2, 0].entries()) {
    const before = treeOf(output);
    const why = `the name template was ${names[i]} and is ${names[next]}`;
    await assertRejects(() => run([faces1], output, names[next]), RefusedError, why);
    using opened = new DisposableStack();
    const sources = (await openSources([faces1])).map((source) => opened.use(source));
    const found = sources.map(({ found }) => found);
    try {
      completedRun(found, folderTree(output, { names: names[next] }), {});
      assert(false);
    } catch (error) {
      assert(error instanceof RefusedError && error.message.includes(why), `${error}`);
    }
    assertEquals(treeOf(output), before);
    await run([faces1], output, names[next], { restart: true });
    assertEquals(treeOf(output), treeOf(`${folder.path}/${next}`));
    assertEquals(readJournal(output)!.header.plan.form, { "name template": names[next] });
  }
});

Deno.test("names: where they do not tell numbers, a source that has changed means that all is written again", async () => {
  using folder = temporaryFolder();
  const [a, b, output] = ["a", "b", "images"].map((name) => `${folder.path}/${name}`);
  for (
    const [names, resumes] of [["{label}/{number}", 40], ["{label}/{index}", 0], [
      "{label}/{index}_{number}",
      40,
    ]] as const
  ) {
    writeDataset(a, faces(FACES));
    writeDataset(b, faces({ ...FACES, seed: 2 }));
    await run([a, b], output, names);
    Deno.writeTextFileSync(journalPath(output), linesOf(output).slice(0, -2).join(""));
    writeDataset(b, faces({ ...FACES, images: 25, seed: 77 }));
    Deno.utimeSync(`${b}/train.rec`, 2e9, 2e9);
    const warnings: string[] = [];
    const { resumed } = await run([a, b], output, names, { onWarning: (message) => warnings.push(message) });
    const what = resumes === 0 ? "all that was written" : "what was written of it";
    assertEquals([resumed.images, warnings], [resumes, [
      `${b}/train.rec has changed: ${what} is removed, and it is read again`,
    ]]);
    await run([a, b], `${folder.path}/expected`, names);
    assertEquals(treeOf(output), treeOf(`${folder.path}/expected`), names);
    for (const path of [output, `${folder.path}/expected`]) Deno.removeSync(path, { recursive: true });
  }
});

/** Damages the magic word of a record, or mends it. */
function flip(folder: string, records: TestRecord[], row: number): void {
  const bytes = Deno.readFileSync(`${folder}/train.rec`);
  bytes[records.slice(0, row).reduce((sum, record) => sum + encodeRecord(record).length, 0)] ^= 1;
  Deno.writeFileSync(`${folder}/train.rec`, bytes);
}

Deno.test("names: an image that cannot be read has no place among those of its label", async () => {
  using folder = temporaryFolder();
  const [set, output] = ["faces", "images"].map((name) => `${folder.path}/${name}`);
  const records = [...faces(FACES)];
  writeDataset(set, records);
  const { atime, mtime } = Deno.statSync(`${set}/train.rec`);
  const names = "{label}/{index}.jpg";
  await run([set], `${folder.path}/whole`, names);
  flip(set, records, 5);
  Deno.utimeSync(`${set}/train.rec`, atime!, mtime!);
  // The labels are read first, so it is known before the first file.
  await assertRejects(() => run([set], output, names), UnrecError, "Cannot read the record");
  assertEquals(exists(output), false);
  const report = await run([set], output, names, { onError: "skip" });
  assertEquals([report.images, report.lost.map(({ images }) => images)], [39, [1]]);
  assertEquals(Deno.readFileSync(`${output}/0/4.jpg`), records[6].image.slice());
  assertEquals(exists(`${output}/0/12.jpg`), false);
  // Mended, and by its size and time it is the same: the images after it have other names now.
  flip(set, records, 5);
  Deno.utimeSync(`${set}/train.rec`, atime!, mtime!);
  for (const onError of ["skip", "stop"] as const) {
    await run([set], output, names, { onError });
    assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
  }
});

Deno.test("names: nor has an image with a label that is no number", async () => {
  using folder = temporaryFolder();
  const [set, output] = ["set", "images"].map((name) => `${folder.path}/${name}`);
  const labels = [1, NaN, 1, 2, Infinity, 1];
  writeDataset(set, labels.map((label, key) => ({ key, label, image: Uint8Array.of(key) })));
  await assertRejects(() => run([set], output, "{label}/{index}"), UnrecError, "of key 1");
  assertEquals(exists(output), false);
  await run([set], output, "{label}/{index}", { onError: "skip" });
  const images = ["1/0", "1/1", "1/2", "2/0"].map((path) => Deno.readFileSync(`${output}/${path}`)[0]);
  assertEquals([images, treeOf(output).length], [[0, 2, 5, 3], 4]);
});
