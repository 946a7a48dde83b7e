/** The same command once more: after its end, before its end, and in a folder of something else. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, type Finished, runUnrec } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED, expectedTree, includeOf, JOURNAL, treeOf } from "../tree.ts";
import { faces, seededRandom, type TestRecord, writeDataset } from "../write_dataset.ts";

function assertRefused(finished: Finished, ...parts: string[]): void {
  const lines = complaints(finished);
  assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
  assert(lines[0].startsWith("unrec: Cannot "), lines[0]);
  for (const part of parts) assertStringIncludes(lines[0], part);
}

for (const name of EXPECTED) {
  for (const more of [[], ["--relabel"]]) {
    Deno.test(`${name} ${more} again: it is complete already`, async () => {
      using folder = temporaryFolder();
      const output = `${folder.path}/images`;
      const args = [`--include=${includeOf(name)}`, `--output=${output}`, "--chunk-size=300", ...more];
      assertEquals((await runUnrec(...args)).code, 0);
      const tree = treeOf(output);
      const journal = Deno.readTextFileSync(`${output}/${JOURNAL}`);
      const images = expectedTree(name).length;
      const { code, stdout, stderr } = await runUnrec(...args, "--quiet");
      assertEquals([code, stderr.replace(/unrec: Warning: .*\n/g, "")], [0, ""]);
      assertStringIncludes(stdout, `Already complete: ${images} images in `);
      const { alreadyComplete, labels, images: counted } = JSON.parse((await runUnrec(...args, "--json")).stdout);
      assertEquals([alreadyComplete, labels, counted], [
        true,
        Array.from(Deno.readDirSync(output)).length - 1,
        images,
      ]);
      assertEquals([treeOf(output), Deno.readTextFileSync(`${output}/${JOURNAL}`)], [tree, journal]);
    });
  }
}

/** What may have happened to a finished tree, what undoes it where writing the images again does not, and the complaint. */
const CHANGES: [string, (output: string) => void, (output: string) => void, string][] = [
  [
    "a missing image",
    (output) => Deno.removeSync(`${output}/id_0/0_0.jpg`),
    () => {},
    "1 image without a file: id_0/0_0.jpg",
  ],
  [
    "an image that is cut",
    (output) => Deno.truncateSync(`${output}/id_0/0_0.jpg`, 5),
    () => {},
    "1 file of another size than the image: id_0/0_0.jpg",
  ],
  [
    "a file of another kind",
    (output) => Deno.writeTextFileSync(`${output}/notes.txt`, ""),
    (output) => Deno.removeSync(`${output}/notes.txt`),
    "1 entry belonging to no image: notes.txt",
  ],
  [
    "an image too many",
    (output) => Deno.writeTextFileSync(`${output}/id_0/0_82.jpg`, ""),
    (output) => Deno.removeSync(`${output}/id_0/0_82.jpg`),
    "1 entry belonging to no image: id_0/0_82.jpg",
  ],
  [
    "an image twice",
    (output) => Deno.writeTextFileSync(`${output}/id_0/0_81.jpg`, ""),
    (output) => Deno.removeSync(`${output}/id_0/0_81.jpg`),
    "1 entry belonging to no image: id_0/0_81.jpg",
  ],
];

Deno.test("a tree without a journal is not written to; what is said can be pasted", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  assertEquals((await runUnrec(...args)).code, 0);
  for (const [name, change, undo, complaint] of CHANGES) {
    Deno.removeSync(`${output}/${JOURNAL}`);
    const refused = await runUnrec(...args);
    assertRefused(refused, `Cannot write to ${output}: it holds id_`, "no journal", "give another --output");
    const verify = commandAfter(refused.stderr, "see whether it is the tree of the dataset with");
    const whole = await paste(verify);
    assertEquals([whole.code, whole.stderr], [0, ""]);
    change(output);
    const before = treeOf(output);
    assertRefused(await runUnrec(...args), `Cannot write to ${output}: it holds `, "no journal");
    assertEquals(treeOf(output), before, name);
    const verified = await paste(verify);
    assertEquals(verified.code, 1);
    assertStringIncludes(verified.stderr, complaint);
    const overwritten = await paste(
      commandAfter(refused.stderr, "write among them, over the same names, with"),
    );
    assertEquals(overwritten.code, 0, overwritten.stderr);
    undo(output);
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  }
});

Deno.test("another dataset in a finished tree is refused; --restart removes what was there", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  assertEquals((await runUnrec(`--include=${DATA}/glint_mini`, `--output=${output}`)).code, 0);
  const other = await runUnrec(`--include=${DATA}/second_source`, `--output=${output}`);
  assertRefused(
    other,
    "give another --output",
    "its journal is of a finished run and differs: the size of the records",
  );
  assertEquals(treeOf(output), expectedTree("glint_mini"));
  const command = commandAfter(other.stderr, "remove what that run wrote and begin anew with");
  assertEquals((await paste(command)).code, 0);
  assertEquals((await runUnrec(`--include=${DATA}/second_source`, `--output=${folder.path}/alone`)).code, 0);
  assertEquals(treeOf(output), treeOf(`${folder.path}/alone`));
});

Deno.test("a finished tree whose dataset has changed meanwhile is not removed without being told to", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const dataset = `${folder.path}/set`;
  Deno.mkdirSync(dataset);
  const use = (name: string) => {
    for (const file of ["train.rec", "train.idx"]) Deno.copyFileSync(`${DATA}/${name}/${file}`, `${dataset}/${file}`);
  };
  use("glint_mini");
  const args = [`--include=${dataset}`, `--output=${output}`];
  assertEquals((await runUnrec(...args)).code, 0);
  use("header_last");
  const refused = await runUnrec(...args);
  assertRefused(refused, "its journal is of a finished run and differs: the size of the records of source 1 was ");
  assertEquals(treeOf(output), expectedTree("glint_mini"));
  assertEquals((await paste(commandAfter(refused.stderr, "remove what that run wrote and begin anew with"))).code, 0);
  assertEquals(treeOf(output), expectedTree("header_last"));
});

Deno.test("hidden files and lost+found are not in the way", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  Deno.mkdirSync(`${output}/lost+found`, { recursive: true });
  Deno.writeTextFileSync(`${output}/.directory`, "");
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  assertEquals((await runUnrec(...args)).code, 0);
  assertStringIncludes((await runUnrec(...args)).stdout, "Already complete");
  assertEquals(treeOf(output).filter((line) => !line.endsWith("  .directory")), expectedTree("glint_mini"));
});

Deno.test("the journal of a finished run: another run is refused, and --restart begins anew", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const include = `--include=${DATA}/glint_mini`;
  assertEquals((await runUnrec(include, `--output=${output}`)).code, 0);
  for (
    const [other, ...parts] of [
      [[`--include=${DATA}/header_last`], "its journal is of a finished run and differs: the size of the records"],
      [[include, "--relabel"], "whether labels are shifted was false and is true; give another --output, or remove"],
      [[`--include=${DATA}/glint_mini,${DATA}/second_source`], "the number of sources was 1 and is 2"],
    ] as const
  ) {
    const refused = await runUnrec(...other, `--output=${output}`);
    assertRefused(refused, `Cannot write to ${output}: `, ...parts);
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  }
  assertEquals((await runUnrec(include, `--output=${output}`, "--restart")).code, 0);
  assertEquals(treeOf(output), expectedTree("glint_mini"));
});

/** 400 images of 20 people, in about 50 tasks. */
function makeFaces(dataset: string): TestRecord[] {
  const records = [...faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" })];
  writeDataset(dataset, records);
  return records;
}

const SMALL_TASKS = "--chunk-size=2K";

/** The tree of a dataset. */
async function wholeTree(dataset: string): Promise<string[]> {
  using folder = temporaryFolder();
  assertEquals((await runUnrec(`--include=${dataset}`, `--output=${folder.path}/images`)).code, 0);
  return treeOf(`${folder.path}/images`);
}

Deno.test("tasks whose label folder or last image is gone or cut run again, and no others", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  makeFaces(`${folder.path}/faces`);
  const args = [`--include=${folder.path}/faces`, `--output=${output}`, SMALL_TASKS, "--json"];
  assertEquals((await runUnrec(...args)).code, 0);
  const whole = treeOf(output);
  // The last image of all is that of a task whatever way they are cut.
  for (
    const [what, change] of [
      ["a label's folder", () => Deno.removeSync(`${output}/id_7`, { recursive: true })],
      ["the last image", () => Deno.removeSync(`${output}/id_19/19_399.jpg`)],
      ["the last image, cut", () => Deno.truncateSync(`${output}/id_19/19_399.jpg`, 100)],
      ["a folder in place of the last image", () => {
        Deno.removeSync(`${output}/id_19/19_399.jpg`);
        Deno.mkdirSync(`${output}/id_19/19_399.jpg`);
      }],
    ] as const
  ) {
    change();
    let finished = await runUnrec(...args);
    if (what.startsWith("a folder in")) {
      assertEquals(finished.code, 1);
      assertStringIncludes(finished.stderr, "19_399.jpg: it is a directory");
      Deno.removeSync(`${output}/id_19/19_399.jpg`);
      finished = await runUnrec(...args);
    }
    assertEquals(finished.code, 0, what);
    const { images, resumedImages, alreadyComplete, status } = JSON.parse(finished.stdout);
    assertEquals([images, alreadyComplete, status], [400, false, "complete"], what);
    assert(resumedImages > 350 && resumedImages < 400, `${what}: ${resumedImages}`);
    assertEquals(treeOf(output), whole, what);
    assertEquals(JSON.parse((await runUnrec(...args)).stdout).alreadyComplete, true);
  }
});

Deno.test("options that do not change what is written never stop a resume", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  makeFaces(dataset);
  const whole = await wholeTree(dataset);
  const { bytes, mend } = damageKey(dataset, 300);
  const ways = [
    ["--jobs=1", "--chunk-size=256"],
    ["--jobs=3", "--chunk-size=8M"],
    ["--engine=ts"],
    ["--fsync"],
    ["--on-error=skip"],
    ["--quiet"],
    ["--no-space-check"],
    ["--lost-tsv", "--on-error=skip"],
  ];
  for (const [i, way] of ways.entries()) {
    const output = `${folder.path}/images${i}`;
    const args = [`--include=${dataset}`, `--output=${output}`];
    Deno.writeFileSync(`${dataset}/train.rec`, bytes);
    Deno.utimeSync(`${dataset}/train.rec`, 1e9, 1e9);
    assertEquals((await runUnrec(...args, SMALL_TASKS, "--jobs=2")).code, 1);
    mend(1e9);
    const { code, stdout } = await runUnrec(...args, ...way, "--json");
    const { images, resumedImages } = JSON.parse(stdout);
    assertEquals([code, images, treeOf(output)], [0, 400, whole], way.join(" "));
    assert(resumedImages > 200, `${way}: ${resumedImages}`);
    // Nor when a run is finished.
    for (const other of i === 0 ? ways : []) {
      const again = JSON.parse((await runUnrec(...args, ...other, "--json")).stdout);
      assertEquals([again.status, again.images], ["already-complete", 400], `${way}, then ${other}`);
    }
  }
});

testUnless(WHY_NO_SMALL_DISK, "a journal that is cut anywhere is gone on with", async () => {
  using folder = temporaryFolder();
  const disk = `${folder.path}/disk`;
  using _mounted = mountSmall(disk, "size=1m");
  makeFaces(`${folder.path}/faces`);
  const args = [`--include=${folder.path}/faces`, "--chunk-size=1K", "--quiet"];
  assertEquals((await runUnrec(...args, `--output=${folder.path}/whole`)).code, 0);
  const whole = treeOf(`${folder.path}/whole`);
  // A full disk leaves about half of the tree, and that is tried again and again with less and less of the journal.
  assertEquals((await runUnrec(...args, `--output=${disk}`, "--no-space-check")).code, 1);
  const journal = Deno.readFileSync(`${disk}/${JOURNAL}`);
  const header = journal.indexOf(10) + 1;
  const random = seededRandom(5);
  for (let i = 0; i < 12; i++) {
    const output = `${folder.path}/images${i}`;
    assertEquals(new Deno.Command("cp", { args: ["-r", disk, output] }).outputSync().success, true);
    const length = header + Math.floor(random() * (journal.length - header));
    Deno.truncateSync(`${output}/${JOURNAL}`, length);
    const { code, stderr } = await runUnrec(...args, `--output=${output}`);
    assertEquals([code, stderr], [0, ""], `cut at ${length}`);
    assertEquals(treeOf(output), whole);
    // What it wrote there is read by the next one.
    assertStringIncludes((await runUnrec(...args, `--output=${output}`)).stdout, "Already complete: 400 images");
  }
});

/** Damages the magic word of a key's record; gives the damaged file, and what puts the right one back with a time. */
function damageKey(dataset: string, key: number) {
  const path = `${dataset}/train.rec`;
  const whole = Deno.readFileSync(path);
  const bytes = whole.slice();
  bytes[Number(new RegExp(`^${key}\t(\\d+)$`, "m").exec(Deno.readTextFileSync(`${dataset}/train.idx`))![1])] ^= 1;
  const write = (bytes: Uint8Array<ArrayBuffer>, time: number) => {
    Deno.writeFileSync(path, bytes);
    Deno.utimeSync(path, time, time);
  };
  write(bytes, 1e9);
  return { bytes, mend: (time: number) => write(whole, time) };
}

Deno.test("a damaged record, mended: the same command works, whatever the time of the file is", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  makeFaces(dataset);
  const whole = await wholeTree(dataset);
  for (const time of [1e9, 1e9 + 1]) {
    const output = `${folder.path}/images${time}`;
    const { mend } = damageKey(dataset, 300);
    const stopped = await runUnrec(`--include=${dataset}`, `--output=${output}`, SMALL_TASKS, "--jobs=1");
    assertRefused(
      stopped,
      "Cannot read the record of key 300",
      `Written before: 299 images in ${output}, each whole; `,
      "when that is put right, the same command goes on from there: ",
    );
    mend(time);
    const command = commandAfter(stopped.stderr, "the same command goes on from there");
    const { code, stdout, stderr } = await paste(`${command} --json`);
    assertEquals(code, 0, stderr);
    const { images, resumedImages } = JSON.parse(stdout);
    assertEquals(images, 400);
    if (time === 1e9) assert(resumedImages > 280 && resumedImages < 300, stdout);
    else {
      // Nobody knows what else is different in the new file.
      assertEquals(resumedImages, 0);
      assertStringIncludes(stderr, "train.rec has changed: what was written of it is removed, and it is read again");
    }
    assertEquals(treeOf(output), whole);
    assertStringIncludes((await paste(command)).stdout, "Already complete");
  }
});

Deno.test("mended input: files of the old reading that the new one would not write are gone", async () => {
  using folder = temporaryFolder();
  const [first, second] = [`${folder.path}/a`, `${folder.path}/b`];
  const output = `${folder.path}/images`;
  const small = { identities: 5, images: 50, bytes: [500, 900] as [number, number], record0: "first" as const };
  writeDataset(first, faces({ ...small, firstLabel: 3 }));
  // The old file has other people, and more of them.
  writeDataset(second, faces({ ...small, images: 90, firstLabel: 1000, seed: 9 }));
  const { bytes } = damageKey(second, 80);
  Deno.writeFileSync(`${second}/train.rec`, bytes);
  const args = [`--include=${first},${second}`, `--output=${output}`, SMALL_TASKS, "--jobs=1"];
  assertEquals((await runUnrec(...args)).code, 1);
  assert(treeOf(output).some((line) => line.includes("  id_1000/")));
  writeDataset(second, faces({ ...small, firstLabel: 50, seed: 4 }));
  const { code, stdout, stderr } = await runUnrec(...args, "--json");
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, `${second}/train.rec has changed`);
  // What was read of the first dataset is as it was.
  assertEquals(JSON.parse(stdout).resumedImages, 50);
  assertEquals((await runUnrec(args[0], `--output=${folder.path}/whole`)).code, 0);
  assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
  assertEquals(Array.from(Deno.readDirSync(output)).some(({ name }) => name.startsWith("id_100")), false);
});

Deno.test("a dataset that was moved meanwhile is gone on with; one that was put in its place is not", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  const output = `${folder.path}/images`;
  makeFaces(dataset);
  const whole = await wholeTree(dataset);
  const { mend } = damageKey(dataset, 300);
  assertEquals((await runUnrec(`--include=${dataset}`, `--output=${output}`, SMALL_TASKS)).code, 1);
  mend(1e9);
  Deno.renameSync(dataset, `${dataset}_moved`);
  const { code, stdout } = await runUnrec(`--include=${dataset}_moved`, `--output=${output}`, "--json");
  assertEquals([code, treeOf(output)], [0, whole]);
  assert(JSON.parse(stdout).resumedImages > 200, stdout);
  const other = await runUnrec(`--include=${DATA}/glint_mini`, `--output=${output}`);
  assertRefused(other, "and differs: the size of the records of source 1 was ", "begin anew with: ");
});

Deno.test("--fsync: the same tree, and the summary says what it took", async () => {
  using folder = temporaryFolder();
  for (const jobs of [1, 2]) {
    const output = `${folder.path}/images${jobs}`;
    const args = [`--include=${DATA}/glint_mini`, `--output=${output}`, "--chunk-size=1K", `--jobs=${jobs}`, "--fsync"];
    const { code, stdout } = await runUnrec(...args, "--json");
    assertEquals(code, 0);
    assert(JSON.parse(stdout).syncSeconds > 0, stdout);
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  }
});
