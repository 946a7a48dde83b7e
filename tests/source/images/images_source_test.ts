/** Folders and lists of images, read as the datasets that they would make. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { decode } from "../../../src/decode/decode.ts";
import { UnrecError } from "../../../src/errors.ts";
import { eachImage } from "../../../src/sink/sink.ts";
import { findDatasets, findSources, openSources } from "../../../src/source/find.ts";
import { findFolderImages } from "../../../src/source/images/folder_images.ts";
import { ImageRecords, placeImages } from "../../../src/source/images/image_records.ts";
import type { SourceOptions } from "../../../src/source/source.ts";
import { withLabelsFrom } from "../../../src/source/label_lists.ts";
import type { Selection } from "../../../src/dataset/selection/selection.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { seededRandom } from "../../write_dataset.ts";

type How = SourceOptions & { select?: Selection };

/** Makes files: each holds its own name, but those that are links or have other text. */
function makeFiles(folder: string, names: readonly string[], texts: Record<string, string> = {}): void {
  for (const name of [...names, ...Object.keys(texts)]) {
    const path = `${folder}/${name}`;
    Deno.mkdirSync(path.replace(/[^/]*$/, ""), { recursive: true });
    if (!name.endsWith("/")) Deno.writeTextFileSync(path, texts[name] ?? name);
  }
}

/** What is read of a path: the text and the label of each image in reading order, and what is known of it. */
async function read(path: string, how: How = {}) {
  const [source] = await openSources([path], how);
  using _ = source;
  const images: string[] = [];
  const { datasets: [facts] } = await decode(
    [source],
    eachImage(({ label, number, key, id, bytes }) => {
      // Its number, its key and its id are the same.
      assertEquals([key ?? number, Number(id)], [number, number]);
      images[number] = `${label} ${new TextDecoder().decode(bytes)}`;
    }),
  );
  return { images, facts, classes: source.classes };
}

for (
  const [form, folders] of [
    ["id_7", ["id_7", "id_10", "id_0"]],
    ["0007", ["0007", "0010", "0000"]],
    ["7", ["7", "10", "0"]],
  ] as const
) {
  Deno.test(`images: folders with numbers as ${form} have these for labels, whatever their order`, async () => {
    using folder = temporaryFolder();
    makeFiles(folder.path, folders.flatMap((name) => [`${name}/10.jpg`, `${name}/9.JPEG`, `${name}/9b.png`]));
    const { images, facts, classes } = await read(folder.path);
    const [seven, ten, zero] = folders;
    assertEquals(
      images,
      [[0, zero], [7, seven], [10, ten]].flatMap(([label, name]) =>
        ["9.JPEG", "9b.png", "10.jpg"].map((file) => `${label} ${name}/${file}`)
      ),
    );
    assertEquals(classes, undefined);
    assertEquals(facts.images, {
      from: "folder",
      labels: 3,
      named: false,
      labelsALine: 1,
      left: { count: 0, first: [] },
    });
  });
}

Deno.test("images: folders with names are numbered in the order of their bytes", async () => {
  using folder = temporaryFolder();
  // U+FF5E comes before U+1F600 in UTF-8, and after it in UTF-16.
  const names = ["b", "a/y", "a/x", "Z", "é", "\uff5e", "\u{1f600}", "12"];
  makeFiles(folder.path, names.map((name) => `${name}/1.jpg`));
  const { images, classes } = await read(folder.path);
  const expected = ["12", "Z", "a/x", "a/y", "b", "é", "\uff5e", "\u{1f600}"];
  assertEquals(classes, expected);
  assertEquals(images, expected.map((name, label) => `${label} ${name}/1.jpg`));
});

Deno.test("images: what is no image of a person is counted, the first few are named, hidden files are not", async () => {
  using folder = temporaryFolder();
  // Not made in their order: whatever the file system's is, the first ones are named.
  const others = ["id_10/y.bin", "id_2/notes.txt", "id_2/jpg", "a.jpg"];
  makeFiles(folder.path, ["id_1/1.jpg", "id_1/.hidden.jpg", ".git/1.jpg", "empty/", ...others]);
  Deno.symlinkSync("nowhere", `${folder.path}/id_10/link`);
  const { images, facts } = await read(folder.path);
  assertEquals(images, ["1 id_1/1.jpg"]);
  const first = ["a.jpg", "id_2/jpg", "id_2/notes.txt"].map((path) => `${folder.path}/${path}`);
  assertEquals(facts.images!.left, { count: 5, first });
});

Deno.test("images: links are followed, and one that leads in a circle is told", async () => {
  using folder = temporaryFolder();
  makeFiles(folder.path, ["real/1.jpg", "in/id_4/2.jpg"]);
  Deno.symlinkSync("../real", `${folder.path}/in/id_3`);
  Deno.symlinkSync("../../real/1.jpg", `${folder.path}/in/id_4/1.jpg`);
  assertEquals((await read(`${folder.path}/in`)).images, ["3 real/1.jpg", "4 real/1.jpg", "4 in/id_4/2.jpg"]);
  Deno.symlinkSync("..", `${folder.path}/in/id_4/up`);
  await assertRejects(() => read(`${folder.path}/in`), UnrecError, "does a link lead in a circle?");
});

Deno.test("images: records and archives in a folder are read before folders of images", async () => {
  using folder = temporaryFolder();
  makeFiles(folder.path, ["id_1/1.jpg", "train.rec"]);
  assertEquals((await findSources([folder.path])).map(({ kind }) => kind), ["dataset"]);
  Deno.removeSync(`${folder.path}/train.rec`);
  assertEquals((await findSources([folder.path])).map(({ kind }) => kind), ["images"]);
  await assertRejects(() => findDatasets([folder.path]), UnrecError, "its images are files, and not records");
});

for (const engine of ["wasm", "ts"] as const) {
  Deno.test(`images: the same bytes whatever is read at once, and of what is chosen (${engine})`, async () => {
    using folder = temporaryFolder();
    const random = seededRandom(11);
    const texts: Record<string, string> = {};
    for (let i = 0; i < 300; i++) {
      // Lengths of all remainders, none, and some longer than what is read at once.
      const length = i % 50 === 4 ? 3000 : Math.floor(200 * random());
      texts[`id_${Math.floor(i / 20)}/${i}.jpg`] = i % 50 === 3 ? "" : "x".repeat(length) + i;
    }
    makeFiles(folder.path, [], texts);
    const expected = Object.entries(texts).map(([name, text]) => `${/\d+/.exec(name)![0]} ${text}`);
    for (const chunkBytes of [300, 4096, 8 * 2 ** 20]) {
      assertEquals((await read(folder.path, { engine, chunkBytes })).images, expected);
    }
    const labels = expected.map((line) => parseInt(line));
    for (
      const [select, isWanted] of [
        [{ labels: [[2, 3], [14, 14]] }, (i: number) => [2, 3, 14].includes(labels[i])],
        [{ keys: [[7, 7], [205, 210]], limit: 3 }, (i: number) => [7, 205, 206].includes(i)],
        [{ excludedLabels: [[1, 14]], maxPerLabel: 2 }, (i: number) => i < 2],
      ] as [Selection, (i: number) => boolean][]
    ) {
      const { images, facts } = await read(folder.path, { engine, select });
      // Numbers stay those of the whole.
      assertEquals(expected.map((_, i) => images[i]), expected.map((line, i) => isWanted(i) ? line : undefined!));
      assertEquals(facts.chosen!.images, expected.filter((_, i) => isWanted(i)).length);
    }
  });
}

const LISTS: [string, (path: string, label: number, i: number) => string][] = [
  ["path and label", (path, label) => `${path} ${label}`],
  ["path, tab and label", (path, label) => `${path}\t${label}.000000`],
  ["key, label and path", (path, label, i) => `${i}\t${label}\t${path}`],
  ["key, labels and path", (path, label, i) => `${i}\t${label}\t0\t${path}`],
  ["flag, path and label", (path, label) => `1\t${path}\t${label}`],
];
for (const [form, line] of LISTS) {
  Deno.test(`images: a list of ${form} names images in its order`, async () => {
    using folder = temporaryFolder();
    const names = ["b/2.jpg", "b/1.jpg", "a/10.png", "b/2.jpg"];
    const labels = [5, 5, 0, 7];
    makeFiles(folder.path, names);
    const lines = names.map((name, i) => line(i === 2 ? `${folder.path}/${name}` : name, labels[i], i));
    for (const [i, text] of [lines.join("\n"), `${lines.join("\r\n")}\r\n\r\n`].entries()) {
      const list = `${folder.path}/${i}.lst`;
      Deno.writeTextFileSync(list, text);
      const { images, facts, classes } = await read(list);
      assertEquals(images, names.map((name, i) => `${labels[i]} ${name}`));
      assertEquals([facts.images!.from, facts.images!.labels, classes], ["list", 3, undefined]);
      assertEquals(facts.images!.labelsALine, form.includes("labels") ? 2 : 1);
    }
  });
}

Deno.test("images: a list longer than what is read at once, with a heading", async () => {
  using folder = temporaryFolder();
  makeFiles(folder.path, ["a.jpg", "b.jpg"]);
  const lines = Array.from({ length: 60_000 }, (_, i) => `${"./".repeat(20)}${i % 2 ? "a" : "b"}.jpg\t${i % 1000}`);
  Deno.writeTextFileSync(`${folder.path}/all.tsv`, `path\tlabel\n${lines.join("\n")}\n`);
  const { images } = await read(`${folder.path}/all.tsv`);
  assertEquals(images, lines.map((_, i) => `${i % 1000} ${i % 2 ? "a" : "b"}.jpg`));
});

for (
  const [what, name, text, why] of [
    ["no image of that name", "a.lst", "gone.jpg 1", "Cannot read "],
    ["a folder for an image", "a.lst", "folder 1", "it is no regular file"],
    ["another number of columns", "a.lst", "a.jpg 1\na b.jpg 1", "line 2 has 3 columns"],
    ["a label with a fraction", "a.lst", "a.jpg 1.5", "line 1 has a label that is no whole number"],
    ["a label that float32 rounds", "a.lst", "a.jpg 16777217", "has the label 16777217, and records hold labels"],
    ["no label", "a.lst", "a.jpg\nb.jpg", "has one column"],
    ["numbers alone", "a.lst", "1 2\n3 4", "its lines have numbers and no paths"],
    ["commas", "a.csv", "path,label\na.jpg,1", "commas stand between its columns"],
    ["commas and no heading", "a.txt", "a.jpg,1\n", "commas stand between its columns"],
    ["a heading alone", "a.txt", "path label\n \n", "there is no label in it"],
    ["a line without an end", "a.lst", `a.jpg 1\n${"a".repeat(2 ** 20 + 1)}`, "line 2 is longer than any of a list"],
    ["text of something else", "a.md", "a.jpg 1", "a.md is text"],
  ] as const
) {
  Deno.test(`images: a list with ${what} is refused with words`, async () => {
    using folder = temporaryFolder();
    makeFiles(folder.path, ["a.jpg", "folder/"], { [name]: text });
    const error = await assertRejects(() => read(`${folder.path}/${name}`), UnrecError);
    assertStringIncludes(`${error.message}; ${error.remedies.map((remedy) => JSON.stringify(remedy))}`, why);
  });
}

Deno.test("images: a folder whose number float32 rounds is refused", async () => {
  using folder = temporaryFolder();
  makeFiles(folder.path, ["16777216/1.jpg"]);
  assertEquals((await read(folder.path)).images, ["16777216 16777216/1.jpg"]);
  makeFiles(folder.path, ["16777217/1.jpg"]);
  await assertRejects(() => read(folder.path), UnrecError, "records hold labels as float32, which rounds it");
});

Deno.test("images: lists of labels are for records", async () => {
  using folder = temporaryFolder();
  makeFiles(folder.path, ["id_1/1.jpg"]);
  const found = await findSources([folder.path]);
  let message = "";
  try {
    withLabelsFrom(found, ["labels.txt"]);
  } catch (error) {
    message = (error as UnrecError).message;
  }
  assertStringIncludes(message, "has labels of its own: a list with paths names images and labels");
});

for (
  const [what, change, why] of [
    ["shorter", (path: string) => Deno.truncateSync(`${path}/id_2/1.jpg`, 3), "has another size than"],
    ["longer", (path: string) => Deno.writeTextFileSync(`${path}/id_2/1.jpg`, "more than before"), "has another size"],
    ["gone", (path: string) => Deno.removeSync(`${path}/id_2/1.jpg`), "had 1 images and has 0"],
    ["more", (path: string) => makeFiles(path, ["id_2/2.jpg"]), "had 1 images and has 2"],
  ] as const
) {
  Deno.test(`images: one that is ${what} when it is read ends the reading`, async () => {
    using folder = temporaryFolder();
    makeFiles(folder.path, ["id_1/1.jpg", "id_2/1.jpg"]);
    const [source] = await openSources([folder.path]);
    using _ = source;
    change(folder.path);
    await assertRejects(() => decode([source], eachImage(() => {})), UnrecError, why);
  });
}

Deno.test("images: one that is longer when it is read is noticed wherever what is read at once ends", () => {
  using folder = temporaryFolder();
  makeFiles(folder.path, ["id_1/1.jpg", "id_2/1.jpg"]);
  const { spec } = placeImages(folder.path, findFolderImages(folder.path));
  const whole = new Uint8Array(spec.bytes);
  using before = new ImageRecords(spec);
  assertEquals(before.read(0, whole), spec.bytes);
  for (let length = 1; length <= spec.bytes; length++) {
    const piece = new Uint8Array(length);
    using records = new ImageRecords(spec);
    assertEquals([records.read(0, piece), piece], [length, whole.subarray(0, length)]);
  }
  Deno.writeTextFileSync(`${folder.path}/id_1/1.jpg`, "longer than before");
  const end = whole.indexOf("g".charCodeAt(0)) + 1;
  for (let length = 1; length < spec.bytes; length++) {
    using records = new ImageRecords(spec);
    const readPiece = () => records.read(0, new Uint8Array(length));
    // What was not read to its end may be what it was.
    if (length < end) assertEquals(readPiece(), length);
    else assertThrows(readPiece, UnrecError, "has another size than 10 bytes");
  }
});
