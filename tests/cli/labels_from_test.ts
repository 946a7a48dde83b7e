/** `--labels-from`: labels of a list in place of those in the headers; and `property` beside what the images have. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { type TemporaryFolder, temporaryFolder } from "../temporary_folder.ts";
import { DATA, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

const CASE = join(DATA, "cases/label_list");
const INCLUDE = `--include=${CASE}/file.rec`;

/** The paths below a folder, without the sums. */
function pathsOf(output: string): string[] {
  return treeOf(output).map((line) => line.slice(66));
}

/** The paths that images have whose labels are these, in reading order. */
function pathsFor(labels: number[]): string[] {
  return labels.map((label, number) => `id_${label}/${label}_${number}.jpg`).sort();
}

/** Writes a set of 6,000 images whose labels are all 3, and a list that gives others. Returns these. */
function writeLarge(folder: TemporaryFolder): number[] {
  const records = Array.from(
    faces({ identities: 40, images: 6000, bytes: [40, 900], record0: "first" }),
    (record) => record.image.length === 0 ? record : { ...record, label: 3 },
  );
  writeDataset(`${folder.path}/set`, records);
  const images = records.filter(({ image }) => image.length > 0);
  const labels = images.map(({ key }) => key * 7 % 50);
  writeList(folder, labels);
  return labels;
}

function writeList({ path }: TemporaryFolder, labels: number[]): void {
  Deno.writeTextFileSync(
    `${path}/labels.lst`,
    labels.map((label, i) => `${i + 1}\t${label}.000000\t${i}.jpg\n`).join(""),
  );
}

for (const engine of ["wasm", "ts"]) {
  Deno.test(`--labels-from: decode and verify go by the list, resuming too (${engine})`, async () => {
    using folder = temporaryFolder();
    const args = [INCLUDE, `--labels-from=${CASE}/list.txt`, `--output=${folder.path}/images`, `--engine=${engine}`];
    const decoded = await runUnrec(...args);
    assertEquals([decoded.code, complaints(decoded)], [0, []], decoded.stderr);
    assertEquals(pathsOf(`${folder.path}/images`), pathsFor([0, 0, 1, 1, 2, 2]));
    const again = await runUnrec(...args);
    assertStringIncludes(again.stdout, "Already complete: 6 images in 3 folders");
    // The command that is offered to be sure names the list.
    assertEquals((await paste(commandAfter(again.stderr, "see whether it is the tree of the dataset with"))).code, 0);
    const verified = await runUnrec("verify", ...args);
    assertEquals([verified.code, complaints(verified)], [0, []], verified.stderr);
    const without = await runUnrec("verify", INCLUDE, `--output=${folder.path}/images`, `--engine=${engine}`);
    assertEquals(without.code, 1);
    assertStringIncludes(without.stderr, "4 images without a file");
  });
}

Deno.test("--labels-from: with 1, 2 and 5 jobs the same tree, and a changed list is another run", async () => {
  using folder = temporaryFolder();
  const labels = writeLarge(folder);
  const trees: string[][] = [];
  for (const jobs of [1, 2, 5]) {
    const output = `${folder.path}/images${jobs}`;
    const args = [`--include=${folder.path}/set`, `--labels-from=${folder.path}/labels.lst`, `--output=${output}`];
    const { code, stderr } = await runUnrec(...args, `--jobs=${jobs}`);
    assertEquals(code, 0, stderr);
    trees.push(treeOf(output));
    const verified = await runUnrec("verify", ...args, "--deep", `--jobs=${jobs}`, "--json");
    const { datasets, tree } = JSON.parse(verified.stdout);
    assertEquals([verified.code, tree.matching, datasets[0].labels], [0, 6000, 50], verified.stderr);
  }
  assertEquals(trees[0].map((line) => line.slice(66)), pathsFor(labels));
  assertEquals(trees[1], trees[0]);
  assertEquals(trees[2], trees[0]);

  writeList(folder, labels.map((label) => label + 1));
  const args = [`--include=${folder.path}/set`, `--labels-from=${folder.path}/labels.lst`];
  const changed = await runUnrec(...args, `--output=${folder.path}/images1`);
  assertEquals(changed.code, 1);
  assertStringIncludes(changed.stderr, "of the list of labels of source 1 was");
  const none = await runUnrec(args[0], `--output=${folder.path}/images1`);
  assertStringIncludes(none.stderr, "whether a list gives the labels of source 1 was true and is false");
});

Deno.test("--labels-from: a list for each dataset, shifted where that is asked for", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/other.txt`, "a 4\nb 4\nc 0\nd 0\ne 1\nf 1\n");
  const lists = `--labels-from=${CASE}/list.txt,${folder.path}/other.txt`;
  const args = [INCLUDE, INCLUDE, lists, `--output=${folder.path}/images`, "--relabel"];
  const { code, stderr } = await runUnrec(...args);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "other.txt has no keys: its lines are taken for the images in reading order");
  assertEquals(pathsOf(`${folder.path}/images`), pathsFor([0, 0, 1, 1, 2, 2, 7, 7, 3, 3, 4, 4]));
  const verified = await runUnrec("verify", ...args, "--json");
  const { tree, notes } = JSON.parse(verified.stdout);
  assertEquals([verified.code, tree.matching, notes.map(({ kind }: { kind: string }) => kind)], [0, 12, [
    "label-list",
  ]]);
});

Deno.test("--labels-from: what cannot be used is refused before anything is written, in one line", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  Deno.writeTextFileSync(`${path}/short.txt`, "0\ta\t0\n1\tb\t0\n");
  Deno.writeTextFileSync(`${path}/wrong.txt`, "0\ta\t0\n1\tb\tx1\n");
  Deno.writeTextFileSync(
    `${path}/numbers.txt`,
    Array.from({ length: 6 }, (_, i) => `${i}\t${i}\t${i >> 1}\n`).join(""),
  );
  Deno.writeFileSync(
    `${path}/set.tar`,
    makeTar({ names: ["label_list/file.rec"], gzip: false, from: `${DATA}/cases` }),
  );
  for (
    const [include, lists, why] of [
      [INCLUDE, `${path}/short.txt`, "it has none for 4 of 6 images; the first of them has the key 2"],
      [INCLUDE, `${path}/wrong.txt`, "line 1, "],
      [INCLUDE, `${path}/none.txt`, "Cannot read "],
      [INCLUDE, path, "it is a directory"],
      [INCLUDE, `${CASE}/list.txt,${CASE}/list.txt`, "the number of lists is 2, that of datasets 1"],
      [
        `--include=${path}/set.tar`,
        `${CASE}/list.txt`,
        "is an archive, whose index is known only when all is read; unpack",
      ],
    ]
  ) {
    for (const command of ["decode", "verify"]) {
      const ran = await runUnrec(
        command,
        include,
        `--labels-from=${lists}`,
        ...command === "decode" ? [`-o${path}/o`] : [],
      );
      assertEquals([ran.code, complaints(ran).length], [1, 1], ran.stderr);
      if (command === "decode" || !include.endsWith(".tar")) assertStringIncludes(ran.stderr, why);
    }
  }
  // The columns that are meant can be named.
  const numbers = await runUnrec(INCLUDE, `--labels-from=${path}/numbers.txt`, `-o${path}/o`);
  assertEquals(numbers.code, 1);
  assertEquals((await paste(commandAfter(numbers.stderr, "the third column, with"), path)).code, 0);
  const args = [INCLUDE, `--labels-from=${path}/labels.txt`];
  assertEquals((await runUnrec(...args, "--dry-run")).code, 0);
  assertEquals((await runUnrec(...args, `--output=${path}/o`)).code, 0);
  assertEquals(pathsOf(`${path}/o`), pathsFor([0, 0, 1, 1, 2, 2]));
});

Deno.test("a list beside images that all have one label is named, with the command that uses it", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const name of ["file.rec", "file.idx"]) Deno.copyFileSync(`${CASE}/${name}`, `${path}/${name}`);
  // Lists of something else, and one that knows no more than the headers.
  Deno.writeTextFileSync(`${path}/a.txt`, "read me\n");
  Deno.writeTextFileSync(`${path}/b.lst`, "0\t5\ta\n1\t6\tb\n");
  Deno.writeTextFileSync(`${path}/c.txt`, "0 0\n1 0\n2 0\n3 0\n4 0\n5 0\n");
  Deno.mkdirSync(`${path}/d.txt`);
  const args = [`--include=${path}/file.rec`, `--output=${path}/images`];
  const before = await runUnrec(...args);
  assertEquals([before.code, complaints(before)], [0, []]);
  Deno.copyFileSync(`${CASE}/list.txt`, `${path}/list.txt`);
  const named = await runUnrec(...args, "--restart");
  assertEquals([named.code, complaints(named).length], [0, 1], named.stderr);
  assertStringIncludes(named.stderr, `all images have one label, and ${path}/list.txt beside them gives others`);
  assertEquals((await paste(commandAfter(named.stderr, "write all again with"))).code, 0);
  assertEquals(pathsOf(`${path}/images`), pathsFor([0, 0, 1, 1, 2, 2]));
});

for (const how of ["folder", "archive"]) {
  Deno.test(`property: that it says something else than the images is said (${how})`, async () => {
    using folder = temporaryFolder();
    const source = `${folder.path}/property_mismatch`;
    const said = async (property: string) => {
      Deno.mkdirSync(source, { recursive: true });
      for (const name of ["train.rec", "train.idx"]) {
        Deno.copyFileSync(join(DATA, "cases/property_mismatch", name), `${source}/${name}`);
      }
      Deno.writeTextFileSync(`${source}/property`, property);
      const names = ["property", "train.idx", "train.rec"].map((name) => `property_mismatch/${name}`);
      const include = how === "folder" ? source : `${folder.path}/set.tar`;
      if (how === "archive") Deno.writeFileSync(include, makeTar({ names, gzip: false, from: folder.path }));
      const decoded = await runUnrec(
        `--include=${include}`,
        `--output=${folder.path}/${crypto.randomUUID()}`,
        "--json",
      );
      assertEquals(decoded.code, 0, decoded.stderr);
      const texts = JSON.parse(decoded.stdout).notes.map(({ text }: { text: string }) => text);
      assertEquals(complaints(decoded), texts.map((text: string) => `unrec: Warning: ${text}`));
      if (how === "archive") return texts.join();
      // verify complains only where no training can go by it.
      const verified = await runUnrec("verify", `--include=${include}`, "--json");
      const { notes, complaints: wrong } = JSON.parse(verified.stdout);
      const exceeded = texts.some((text: string) => text.includes("has no place"));
      assertEquals([verified.code, wrong], exceeded ? [1, texts] : [0, []]);
      assertEquals(notes.map(({ text }: { text: string }) => text), exceeded ? [] : texts);
      return texts.join();
    };
    // Labels are 0, 1 and 5.
    assertStringIncludes(
      await said("93431,112,112"),
      "says 93,431 classes, and its images have 3 labels, the highest 5",
    );
    assertStringIncludes(await said("3,112,112"), "the highest 5; a training with 3 classes has no place for that one");
    assertStringIncludes(await said("7,112,112"), "says 7 classes, and its images have 3 labels");
    assertEquals(await said("6,112,112"), "");
    assertStringIncludes(await said("faces"), "names no number of classes: faces");
    assertEquals(await said(""), "");
  });
}

Deno.test("property: one that says what the images have is no news, shifted or not", async () => {
  using folder = temporaryFolder();
  const include = `--include=${join(DATA, "glint_mini")},${join(DATA, "second_source")}`;
  const { code, stdout } = await runUnrec(include, `--output=${folder.path}/images`, "--relabel", "--json");
  assertEquals([code, JSON.parse(stdout).notes], [0, []]);
  assert((await runUnrec("verify", include, `--output=${folder.path}/images`, "--relabel")).code === 0);
});
