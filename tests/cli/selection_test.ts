/** Options that choose images: a subset is the same part of the tree of all, however it is made. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { haltWhen, writeMany } from "../halt.ts";
import { complaints, type Finished, runUnrec, startUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, includeOf, JOURNAL, treeOf } from "../tree.ts";
import { encodeRecord, type TestRecord, writeDataset } from "../write_dataset.ts";

/** A file of a tree, `<sum>  id_<label>/<label>_<number>.jpg`. */
interface Line {
  line: string;
  label: number;
  number: number;
}

/** The files of an expected tree in the order of their numbers. */
function linesOf(name: string): Line[] {
  return expectedTree(name).map((line) => {
    const [, label, number] = /\/(-?\d+)_(\d+)\.jpg$/.exec(line)!;
    return { line, label: Number(label), number: Number(number) };
  }).sort((a, b) => a.number - b.number);
}

/** The lines of some files as {@linkcode treeOf} has them. */
function treeFrom(lines: readonly Line[]): string[] {
  return lines.map(({ line }) => line).sort((a, b) => a.slice(66) < b.slice(66) ? -1 : 1);
}

/** The first so many of each label. */
function firstOfEach(lines: readonly Line[], most: number): Line[] {
  return lines.filter(({ label }, i) => lines.slice(0, i).filter((line) => line.label === label).length < most);
}

/** How images are chosen on the command line, and by a filter over the lines of one dataset's tree. */
const WAYS: [string[], (lines: readonly Line[]) => readonly Line[]][] = [
  [["--labels=0-1,3"], (lines) => lines.filter(({ label }) => label <= 1 || label === 3)],
  [["--exclude-labels=1-2", "--exclude-labels=7"], (lines) => lines.filter(({ label }) => ![1, 2, 7].includes(label))],
  [["--min-per-label=3", "--max-per-label=2"], (lines) => {
    return firstOfEach(lines.filter(({ label }) => lines.filter((line) => line.label === label).length >= 3), 2);
  }],
  [["--limit=5"], (lines) => lines.slice(0, 5)],
  [["--max-per-label=1", "--limit=4", "--exclude-labels=0"], (lines) => {
    return firstOfEach(lines, 1).filter(({ label }) => label !== 0).slice(0, 4);
  }],
];

const SETS = ["glint_mini", "header_last", "multipart", "no_identity", "scalar_label", "shared_label", "shuffled"];

const HOW = ["wasm", "ts"].flatMap((engine) =>
  [1, 2, 5].map((jobs) => [`--engine=${engine}`, `--jobs=${jobs}`, `--chunk-size=${jobs === 2 ? "8M" : "300"}`])
);

for (const [set, name] of SETS.entries()) {
  for (const [way, [options, filter]] of WAYS.entries()) {
    Deno.test(`${name} ${options.join(" ")}: exactly that part of the whole tree, and verify knows it`, async () => {
      using folder = temporaryFolder();
      const expected = treeFrom(filter(linesOf(name)));
      // Over all sets each way meets each engine and number of jobs.
      const how = HOW[(set + way) % HOW.length];
      const output = `${folder.path}/images`;
      const finished = await runUnrec(`--include=${DATA}/${name}`, `--output=${output}`, ...options, ...how);
      assertEquals(finished.code, 0, finished.stderr);
      assertEquals(treeOf(output), expected);
      const verify = ["verify", `--include=${DATA}/${name}`, `--output=${output}`, "--deep"];
      assertEquals((await runUnrec(...verify, how[0])).code, 0);
      Deno.removeSync(`${output}/${JOURNAL}`);
      assertEquals((await runUnrec(...verify, ...options)).code, 0);
      assertEquals((await runUnrec(...verify)).code, 1);
    });
  }
}

Deno.test("every engine and number of jobs writes the same part", async () => {
  using folder = temporaryFolder();
  const expected = treeFrom(WAYS[0][1](linesOf("glint_mini")));
  for (const how of HOW) {
    const output = `${folder.path}/${how.join("")}`;
    assertEquals((await runUnrec(`--include=${DATA}/glint_mini`, `--output=${output}`, ...WAYS[0][0], ...how)).code, 0);
    assertEquals(treeOf(output), expected);
  }
});

Deno.test("of several datasets each is chosen from by itself, and numbers go on over all of both", async () => {
  using folder = temporaryFolder();
  const name = "glint_mini+second_source";
  const all = linesOf(name);
  const [first, second] = [all.slice(0, 82), all.slice(82)];
  for (const [i, [options, filter]] of WAYS.entries()) {
    const output = `${folder.path}/${i}`;
    const args = [
      `--include=${includeOf(name)}`,
      `--output=${output}`,
      ...options.map((text) => text.replace(",5", "")),
    ];
    const finished = await runUnrec(...args);
    assertEquals(finished.code, 0, finished.stderr);
    const without5 = (lines: readonly Line[]) => i === 0 ? lines.filter(({ label }) => label !== 5) : lines;
    assertEquals(treeOf(output), treeFrom(without5([...filter(first), ...filter(second)])));
    assertEquals((await runUnrec("verify", ...args)).code, 0);
  }
  // A label has to be in one of them, not in both.
  const only = await runUnrec(`--include=${includeOf(name)}`, `--output=${folder.path}/one`, "--labels=20");
  assertEquals([only.code, treeOf(`${folder.path}/one`)], [0, treeFrom(all.filter(({ label }) => label === 20))]);
  const none = await runUnrec(`--include=${includeOf(name)}`, `--output=${folder.path}/none`, "--labels=20,99");
  assertRefused(none, "Cannot choose the label 99: no image of any of the 2 datasets has it");
  assertEquals(exists(`${folder.path}/none`), false);
});

function assertRefused(finished: Finished, message: string): void {
  assertEquals(finished.code, 1, finished.stderr);
  assertStringIncludes(complaints(finished).at(-1)!, message);
}

Deno.test("--relabel and {index} in --name are as in the tree of all", async () => {
  using folder = temporaryFolder();
  const include = `--include=${DATA}/glint_mini,${DATA}/scalar_label`;
  const more = ["--relabel", "--name={label}/{index}_{number}_{key}.jpg"];
  assertEquals((await runUnrec(include, `--output=${folder.path}/all`, ...more)).code, 0);
  const all = treeOf(`${folder.path}/all`);
  for (const options of [["--labels=3-6"], ["--keys=5-9"], ["--max-per-label=1"], ["--sample=3", "--seed=9"]]) {
    const output = `${folder.path}/some${options[0]}`;
    assertEquals((await runUnrec(include, `--output=${output}`, ...more, ...options)).code, 0);
    const some = treeOf(output);
    assert(some.length > 5 && some.length < all.length);
    assertEquals(some.filter((line) => !all.includes(line)), []);
    const verified = await runUnrec("verify", include, `--output=${output}`, "--relabel");
    assertEquals(verified.code, 0, verified.stderr);
  }
});

Deno.test("--labels=@FILE: numbers and ranges with commas, spaces and line ends between; what is none is named", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/list.txt`;
  const run = (text: string, output: string) => {
    Deno.writeTextFileSync(file, text);
    return runUnrec(`--include=${DATA}/glint_mini`, `--output=${folder.path}/${output}`, `--labels=@${file}`);
  };
  assertEquals((await run("\ufeff0-0, 1\r\n\n3\t0\n", "a")).code, 0);
  assertEquals(treeOf(`${folder.path}/a`), treeFrom(WAYS[0][1](linesOf("glint_mini"))));
  assertRefused(await run("0\n1 x\n", "b"), `Cannot read --labels=@${file}: line 2 has x, which is no whole number`);
  assertRefused(await run("\n", "b"), `Cannot read --labels=@${file}: it lists nothing`);
  Deno.removeSync(file);
  const missing = await runUnrec(`--include=${DATA}/glint_mini`, "--dry-run", `--keys=@${file}`);
  assertRefused(missing, `Cannot read --keys=@${file}: there is no such file or directory`);
});

for (
  const [options, message] of [
    [["--labels=a"], "--labels=a: give whole numbers and ranges, such as 0-999,1500, or @FILE"],
    [["--keys=5-3"], "--keys=5-3: give whole numbers"],
    [["--limit=0"], "--limit=0: give a whole number from 1 to 4294967295"],
    [["--seed=3"], "--seed says which people --sample draws: give that too"],
    [["--sample=1", "--seed=-1"], "--seed=-1: give a whole number from 0 to 4294967295"],
  ] as [string[], string][]
) {
  Deno.test(`wrong usage: ${options.join(" ")}`, async () => {
    const { code, stderr } = await runUnrec(`--include=${DATA}/glint_mini`, "--dry-run", ...options);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `unrec: ${message}`);
  });
}

Deno.test("verify: options that choose are about a tree", async () => {
  const { code, stderr } = await runUnrec("verify", `--include=${DATA}/glint_mini`, "--max-per-label=3");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--max-per-label is about a tree: give --output=TREE too");
});

Deno.test("--dry-run and --json count what is chosen; a range that is there in part is told", async () => {
  const args = [`--include=${DATA}/glint_mini`, "--dry-run", "--json", "--labels=20-30"];
  const finished = await runUnrec(...args);
  const { images, totalImages, datasets } = JSON.parse(finished.stdout);
  const expected = linesOf("glint_mini").filter(({ label }) => label >= 20).length;
  assertEquals([finished.code, images, totalImages], [0, expected, expected]);
  assertEquals([datasets[0].images, datasets[0].chosen], [82, expected]);
  assertStringIncludes(finished.stderr, "train.rec: of the labels 20-30 it has 4\n");
  assertStringIncludes(finished.stderr, `82 images, ${expected} of them chosen`);
});

Deno.test("a finished tree of a choice: complete with the same one, refused with another, gone on with after a stop", async () => {
  using folder = temporaryFolder("/dev/shm");
  const faces = `${folder.path}/faces`;
  writeMany(faces);
  const output = `${folder.path}/images`;
  const args = [`--include=${faces}`, `--output=${output}`, "--exclude-labels=3-5", "--chunk-size=4K", "--jobs=2"];
  const child = startUnrec(args);
  const journal = `${output}/${JOURNAL}`;
  await haltWhen(child.pid, () => exists(journal) && Deno.readTextFileSync(journal).split("\n").length > 3);
  child.kill("SIGKILL");
  await child.output();
  assertRefused(
    await runUnrec(...args.map((arg) => arg.replace("3-5", "3-6"))),
    "the choice of labels to leave out of source 1 was 3-5 and is 3-6",
  );
  assertRefused(await runUnrec(...args, "--limit=9"), "the largest number of images of source 1 was none and is 9");
  assertRefused(
    await runUnrec(...args.filter((arg) => !arg.startsWith("--exclude"))),
    "the choice of labels to leave out of source 1 was 3-5 and is none",
  );
  const resumed = await runUnrec(...args, "--engine=ts", "--json");
  assertEquals(resumed.code, 0, resumed.stderr);
  const { resumedImages, images } = JSON.parse(resumed.stdout);
  assert(resumedImages > 0 && images === 34_000);
  assertEquals((await runUnrec("verify", `--include=${faces}`, `--output=${output}`, "--deep", "--quiet")).code, 0);
  const again = await runUnrec(...args);
  assertEquals(again.code, 0);
  assertStringIncludes(again.stdout, "Already complete: 34,000 images in 17 folders");
});

Deno.test("archives: chosen as they come, the same part; what needs the whole is refused with a way on", async () => {
  using folder = temporaryFolder();
  for (const [i, name] of ["glint_mini", "scalar_label", "no_identity"].entries()) {
    const tar = `${folder.path}/${name}.tgz`;
    Deno.writeFileSync(tar, makeTar({ names: [name] }));
    for (const [options, filter] of [WAYS[0], WAYS[1], WAYS[3], WAYS[4]]) {
      const output = `${folder.path}/${i}${options[0]}`;
      const finished = await runUnrec(`--include=${tar}`, `--output=${output}`, ...options);
      assertEquals(finished.code, 0, finished.stderr);
      assertEquals(treeOf(output), treeFrom(filter(linesOf(name))));
      assertStringIncludes((await runUnrec(`--include=${tar}`, `--output=${output}`, ...options)).stdout, "Already");
    }
  }
  // Numbers go on over what was not chosen.
  const both = await runUnrec(
    ...[`--include=${folder.path}/glint_mini.tgz,${DATA}/second_source`, `--output=${folder.path}/both`, "--labels=1"],
  );
  assertEquals(both.code, 0, both.stderr);
  const expected = linesOf("glint_mini+second_source").filter(({ label }) => label === 1);
  assertEquals(treeOf(`${folder.path}/both`), treeFrom(expected));
  const tar = `${folder.path}/glint_mini.tgz`;
  for (const [option, why] of [["--keys=1", "which record has which key"], ["--sample=2", "how many images a label"]]) {
    const refused = await runUnrec(`--include=${tar}`, `--output=${folder.path}/none`, option);
    assertRefused(refused, `Cannot choose so from ${tar}: ${why}`);
    assertStringIncludes(refused.stderr, `unpack ${tar} with tar and give its folder to --include`);
  }
  for (const args of [[`--output=${folder.path}/absent`], ["--dry-run"]]) {
    const absent = await runUnrec(`--include=${tar}`, ...args, "--labels=1,99");
    assertRefused(absent, "Cannot choose the label 99: no image of glint_mini/train.rec in ");
  }
});

/** A set whose second identity record names an image of another person, the key 5. */
function mixed(folder: string, change: (records: TestRecord[]) => void = () => {}): TestRecord[] {
  const image = new Uint8Array([0xff, 0xd8, 0xff, 1, 2, 3, 0xff, 0xd9]);
  const none = new Uint8Array();
  const labels = [0, 0, 1, 1, 7, 2, 2];
  const records: TestRecord[] = [
    { key: 0, label: [8, 11], image: none },
    ...labels.map((label, i) => ({ key: i + 1, label: [label, 0], image })),
    { key: 8, label: [1, 3], image: none },
    { key: 9, label: [3, 6], image: none },
    { key: 10, label: [6, 8], image: none },
  ];
  change(records);
  writeDataset(folder, records);
  return records;
}

Deno.test("an image with another label than the one it was chosen by ends the run, or is left out and listed", async () => {
  using folder = temporaryFolder();
  const records = mixed(`${folder.path}/set`);
  const byte = records.slice(0, 5).reduce((sum, record) => sum + encodeRecord(record).length, 0);
  const run = (...options: string[]) =>
    runUnrec(`--include=${folder.path}/set`, `--output=${folder.path}/${options.join("")}`, ...options);
  const names = (...options: string[]) =>
    treeOf(`${folder.path}/${options.join("")}`).map((line) => line.split("/").at(-1));
  assertEquals((await run("--labels=0,2")).code, 0);
  assertEquals(names("--labels=0,2"), ["0_0.jpg", "0_1.jpg", "2_5.jpg", "2_6.jpg"]);
  assertRefused(
    await run("--labels=1"),
    `key 5 at byte ${byte} of ` +
      `${folder.path}/set/train.rec: its label is 7, and the first image of its identity record, by which it was ` +
      "chosen, has another one",
  );
  const skipped = await run("--labels=1", "--on-error=skip");
  assertEquals([skipped.code, names("--labels=1", "--on-error=skip")], [1, ["1_2.jpg", "1_3.jpg"]]);
  assertStringIncludes(skipped.stderr, `1 image, key 5 at bytes ${byte} to `);
  // A list says it of each image, so nothing has to be guessed.
  Deno.writeTextFileSync(
    `${folder.path}/list.txt`,
    [0, 0, 1, 1, 7, 2, 2].map((label, i) => `${i + 1} ${label}\n`).join(""),
  );
  assertEquals((await run("--labels=7", `--labels-from=${folder.path}/list.txt`, "--quiet")).code, 0);
});

Deno.test("a first image that cannot be read: an error, or with skip the next one tells, and exit code 1", async () => {
  using folder = temporaryFolder();
  const records = mixed(`${folder.path}/set`, (records) => records[5].label = [1, 0]);
  const path = `${folder.path}/set/train.rec`;
  const bytes = Deno.readFileSync(path);
  bytes[records.slice(0, 3).reduce((sum, record) => sum + encodeRecord(record).length, 0)] ^= 1;
  Deno.writeFileSync(path, bytes);
  const run = (...options: string[]) =>
    runUnrec(`--include=${folder.path}/set`, `--output=${folder.path}/images${options.join("")}`, ...options);
  assertRefused(await run("--labels=2"), "Cannot read the record of key 3 ");
  const skipped = await run("--labels=2", "--on-error=skip");
  // The image that cannot be read may be one of those asked for.
  assertEquals(skipped.code, 1);
  assertStringIncludes(skipped.stderr, "1 image, key 3 at bytes");
  assertEquals(treeOf(`${folder.path}/images--labels=2--on-error=skip`).length, 2);
  const other = await run("--labels=1", "--on-error=skip");
  assertEquals([other.code, treeOf(`${folder.path}/images--labels=1--on-error=skip`).length], [1, 2]);
});

Deno.test("a tree of a choice is verified: a file too few, one too many and one of another person are found", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const set = `--include=${DATA}/glint_mini`;
  assertEquals((await runUnrec(set, `--output=${output}`, "--labels=0-2")).code, 0);
  copyFolder(`${output}/id_0`, `${output}/id_9`);
  const surplus = await runUnrec("verify", set, `--output=${output}`);
  assertRefused(surplus, "2 entries belonging to no image: id_9/");
  Deno.removeSync(`${output}/id_9`, { recursive: true });
  Deno.removeSync(`${output}/id_0/0_1.jpg`);
  assertRefused(await runUnrec("verify", set, `--output=${output}`), "1 image without a file: id_0/0_1.jpg");
});
