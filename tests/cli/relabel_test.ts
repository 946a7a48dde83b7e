/** `--relabel`: whole numbers from what the datasets say, the same in decode, verify, resume and archives. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { complaints, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { exists, treeOf } from "../tree.ts";
import { encodeRecord, type TestRecord, writeDataset } from "../write_dataset.ts";

/** A JPEG as far as its ends tell. */
const IMAGE = new Uint8Array([0xff, 0xd8, 0xff, 2, 3, 4, 0xff, 0xd9]);

/** Writes a flat dataset of an image for each label. */
function flat(folder: string, labels: number[], property?: string): TestRecord[] {
  const records = labels.map((label, i) => ({ key: i + 1, label: i % 2 === 0 ? label : [label, 0], image: IMAGE }));
  writeDataset(folder, records);
  if (property !== undefined) Deno.writeTextFileSync(`${folder}/property`, `${property}\n`);
  return records;
}

/** The labels that have a folder, in order. */
function labelsIn(output: string): number[] {
  return Array.from(Deno.readDirSync(output)).filter(({ name }) => !name.startsWith("."))
    .map(({ name }) => Number(name.slice(3))).sort((a, b) => a - b);
}

/** Damages the magic word of a record. */
function damage(folder: string, records: TestRecord[], row: number): void {
  const bytes = Deno.readFileSync(`${folder}/train.rec`);
  bytes[records.slice(0, row).reduce((sum, record) => sum + encodeRecord(record).length, 0)] ^= 1;
  Deno.writeFileSync(`${folder}/train.rec`, bytes);
}

for (
  const [name, first, property, shift] of [
    ["without property", [0, 1, 5], undefined, 6],
    ["property says more than there are", [0, 1, 5], "10,112,112", 10],
    ["property says what there are", [0, 1, 5], "6,112,112", 6],
    ["property says nothing", [0, 1, 5], "none", 6],
    ["a label beyond what 24 bits hold", [0, 2 ** 25], undefined, 2 ** 25 + 1],
  ] as [string, number[], string | undefined, number][]
) {
  Deno.test(`--relabel: ${name}; decode, verify and archives agree`, async () => {
    using folder = temporaryFolder();
    const names = ["a", "b", "c"];
    flat(`${folder.path}/a`, first, property);
    flat(`${folder.path}/b`, [0, 2]);
    flat(`${folder.path}/c`, [1]);
    const include = `--include=${names.map((name) => `${folder.path}/${name}`).join(",")}`;
    const output = `${folder.path}/images`;
    for (const jobs of [1, 2]) {
      const { code, stdout, stderr } = await runUnrec(
        include,
        `--output=${output}`,
        "--relabel",
        "--json",
        `--jobs=${jobs}`,
      );
      assertEquals([code, JSON.parse(stdout).sharedLabels], [0, 0], stderr);
    }
    assertEquals(labelsIn(output), [...first, shift, shift + 2, shift + 3 + 1]);
    const verified = await runUnrec("verify", include, `--output=${output}`, "--relabel", "--deep", "--quiet");
    assertEquals([verified.code, complaints(verified).filter((line) => !line.startsWith("unrec: Note: "))], [0, []]);
    // In one archive, in one each, and among folders.
    const archive = (names: string[]) => {
      const path = `${folder.path}/${names.join("")}.tgz`;
      Deno.writeFileSync(path, makeTar({ names, from: folder.path }));
      return `--include=${path}`;
    };
    for (
      const [i, include] of [
        [archive(names)],
        names.map((name) => archive([name])),
        [archive(["a"]), `--include=${folder.path}/b`, archive(["c"])],
        [`--include=${folder.path}/a`, archive(["b", "c"])],
      ].entries()
    ) {
      const other = `${folder.path}/images${i}`;
      const { code, stderr } = await runUnrec(...include, `--output=${other}`, "--relabel");
      assertEquals([code, treeOf(other)], [0, treeOf(output)], stderr);
    }
  });
}

for (const [what, label] of [["below 0", -1], ["of 1e20", 1e20], ["that is no whole number", 1.5]] as const) {
  Deno.test(`--relabel: a label ${what} is refused, wherever it is, and nobody shares a folder`, async () => {
    using folder = temporaryFolder();
    flat(`${folder.path}/bad`, [0, 1, label, 2]);
    flat(`${folder.path}/good`, [0, 1]);
    Deno.writeFileSync(`${folder.path}/bad.tgz`, makeTar({ names: ["bad"], from: folder.path }));
    for (const bad of ["bad", "bad.tgz"]) {
      for (const include of [[bad, "good"], ["good", bad], [bad]]) {
        const output = `${folder.path}/images`;
        const { code, stdout, stderr } = await runUnrec(
          ...include.map((name) => `--include=${folder.path}/${name}`),
          `--output=${output}`,
          "--relabel",
        );
        assertEquals([code, stdout], [1, ""], `${include}`);
        assertStringIncludes(stderr, `the label ${label === -1 || label === 1.5 ? label : Math.fround(label)}`);
        assertStringIncludes(stderr, "only whole numbers from 0 on can be shifted");
        if (!exists(output)) continue;
        for (const shared of labelsIn(output)) assert(shared >= 0 && shared <= 5, `${shared}`);
        Deno.removeSync(output, { recursive: true });
      }
    }
    // By itself and as it is, the set can be decoded.
    assertEquals((await runUnrec(`--include=${folder.path}/bad`, `--output=${folder.path}/alone`)).code, 0);
  });
}

Deno.test("--relabel: a label that property has no room for is refused, with the way out", async () => {
  using folder = temporaryFolder();
  flat(`${folder.path}/a`, [0, 1, 7], "6,112,112");
  flat(`${folder.path}/b`, [0]);
  const args = [`--include=${folder.path}/a,${folder.path}/b`, `--output=${folder.path}/images`, "--relabel"];
  const refused = await runUnrec(...args);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertStringIncludes(refused.stderr, "has the label 7, and the dataset says that it has only 6 classes");
  Deno.removeSync(`${folder.path}/a/property`);
  assertEquals((await runUnrec(...args)).code, 0);
  assertEquals(labelsIn(`${folder.path}/images`), [0, 1, 7, 8]);
});

for (const property of ["6,112,112", undefined]) {
  Deno.test(`--relabel: a lost record moves nobody into another's folder, ${property ? "with" : "without"} property`, async () => {
    using folder = temporaryFolder();
    const records = flat(`${folder.path}/a`, [0, 5, 1], property);
    flat(`${folder.path}/b`, [0, 2]);
    const include = `--include=${folder.path}/a,${folder.path}/b`;
    const whole = Deno.readFileSync(`${folder.path}/a/train.rec`);
    // The one with the highest label.
    damage(`${folder.path}/a`, records, 1);
    const output = `${folder.path}/images`;
    const args = [include, `--output=${output}`, "--relabel", "--on-error=skip"];
    const skipped = await runUnrec(...args, "--json");
    assertEquals([skipped.code, JSON.parse(skipped.stdout).sharedLabels], [1, 0], skipped.stderr);
    const shift = property === undefined ? 2 : 6;
    assertEquals(labelsIn(output), [0, 1, shift, shift + 2]);
    const again = JSON.parse((await runUnrec(...args, "--json")).stdout);
    assertEquals([again.status, again.images, again.sharedLabels], ["lost", 4, 0]);
    // The dataset that comes after it is where it belongs when it is mended, whatever it was shifted by before.
    Deno.writeFileSync(`${folder.path}/a/train.rec`, whole);
    const mended = await runUnrec(...args);
    assertEquals([mended.code, labelsIn(output)], [0, [0, 1, 5, 6, 8]], mended.stderr);
    const verified = await runUnrec("verify", include, `--output=${output}`, "--relabel", "--deep", "--quiet");
    assertEquals([verified.code, verified.stderr], [0, ""]);
  });
}

Deno.test("--relabel: a run that stopped and goes on shifts as one that did not", async () => {
  using folder = temporaryFolder();
  flat(`${folder.path}/a`, Array.from({ length: 40 }, (_, i) => i));
  const records = flat(`${folder.path}/b`, Array.from({ length: 200 }, (_, i) => i % 50));
  flat(`${folder.path}/c`, [0, 1, 2]);
  const include = `--include=${["a", "b", "c"].map((name) => `${folder.path}/${name}`).join(",")}`;
  assertEquals((await runUnrec(include, `--output=${folder.path}/whole`, "--relabel")).code, 0);
  const { atime, mtime } = Deno.statSync(`${folder.path}/b/train.rec`);
  for (const row of [0, 77, 199]) {
    for (const mends of [true, false]) {
      const output = `${folder.path}/images${row}${mends}`;
      const args = [include, `--output=${output}`, "--relabel", "--chunk-size=256"];
      damage(`${folder.path}/b`, records, row);
      if (mends) Deno.utimeSync(`${folder.path}/b/train.rec`, atime!, mtime!);
      assertEquals((await runUnrec(...args)).code, 1);
      damage(`${folder.path}/b`, records, row);
      Deno.utimeSync(`${folder.path}/b/train.rec`, atime!, mtime!);
      assertEquals((await runUnrec(...args, "--jobs=3")).code, 0);
      assertEquals(treeOf(output), treeOf(`${folder.path}/whole`), `${row} ${mends}`);
    }
  }
});
