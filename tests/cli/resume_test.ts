/** The same command once more: after its end, before its end, and in a folder of something else. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { complaints, type Finished, runUnrec } from "../run_unrec.ts";
import { mountSmall } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED, expectedTree, includeOf, treeOf } from "../tree.ts";
import { faces, seededRandom, writeDataset } from "../write_dataset.ts";

function assertRefused(finished: Finished, ...parts: string[]): void {
  const lines = complaints(finished);
  assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
  assert(lines[0].startsWith("unrec: Cannot "), lines[0]);
  for (const part of parts) assertStringIncludes(lines[0], part);
}

for (const name of EXPECTED) {
  for (const more of [[], ["--relabel"], ["--keep-journal"]]) {
    Deno.test(`${name} ${more} again: it is complete already`, async () => {
      using folder = temporaryFolder();
      const output = `${folder.path}/images`;
      const args = [`--include=${includeOf(name)}`, `--output=${output}`, "--chunk-size=300", ...more];
      assertEquals((await runUnrec(...args)).code, 0);
      const tree = treeOf(output);
      const keeps = more.includes("--keep-journal");
      assertEquals(tree.some((line) => line.endsWith("  .unrec-journal")), keeps);
      const images = expectedTree(name).length;
      const { code, stdout, stderr } = await runUnrec(...args, "--quiet");
      assertEquals([code, stderr.replace(/unrec: Warning: .*\n/g, "")], [0, ""]);
      assertStringIncludes(stdout, `Already complete: ${images} images in `);
      const { alreadyComplete, labels, images: counted } = JSON.parse((await runUnrec(...args, "--json")).stdout);
      assertEquals([alreadyComplete, labels, counted], [
        true,
        Array.from(Deno.readDirSync(output)).length - +keeps,
        images,
      ]);
      assertEquals(treeOf(output), tree);
    });
  }
}

Deno.test("a tree that is not quite the finished one is not written to; with --overwrite it is", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  const changes: [string, () => void, () => void, string][] = [
    [
      "a missing image",
      () => Deno.removeSync(`${output}/id_0/0_0.jpg`),
      () => {},
      "it has 82 images, and image 0 is missing",
    ],
    [
      "an image that is cut",
      () => Deno.truncateSync(`${output}/id_0/0_0.jpg`, 5),
      () => {},
      "0_0.jpg has 5 bytes, not ",
    ],
    [
      "a file of another kind",
      () => Deno.writeTextFileSync(`${output}/notes.txt`, ""),
      () => Deno.removeSync(`${output}/notes.txt`),
      "notes.txt is no folder of it",
    ],
    [
      "an image too many",
      () => Deno.writeTextFileSync(`${output}/id_0/0_82.jpg`, ""),
      () => Deno.removeSync(`${output}/id_0/0_82.jpg`),
      "id_0/0_82.jpg is not of it",
    ],
    [
      "an image twice",
      () => Deno.writeTextFileSync(`${output}/id_0/0_81.jpg`, ""),
      () => Deno.removeSync(`${output}/id_0/0_81.jpg`),
      "image 81 is there twice",
    ],
  ];
  assertEquals((await runUnrec(...args)).code, 0);
  for (const [name, change, undo, why] of changes) {
    change();
    const before = treeOf(output);
    const refused = await runUnrec(...args);
    assertRefused(refused, `Cannot write to ${output}: it holds `, "no journal", "--overwrite", why);
    assertEquals(treeOf(output), before, name);
    assertEquals((await runUnrec(...args, "--overwrite")).code, 0);
    undo();
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  }
  const other = await runUnrec(`--include=${DATA}/second_source`, `--output=${output}`);
  assertRefused(other, "another --output", "is not of it");
  assertEquals(treeOf(output), expectedTree("glint_mini"));
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

Deno.test("a kept journal: another run is refused, a folder that is missing noticed, --restart begins anew", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--output=${output}`, "--keep-journal"];
  const include = `--include=${DATA}/glint_mini`;
  assertEquals((await runUnrec(include, ...args)).code, 0);
  for (
    const [other, ...parts] of [
      [[`--include=${DATA}/header_last`], "its journal is of a finished run and differs: the size of the records"],
      [[include, "--relabel"], "--relabel was false and is true; give another --output, or --restart to remove"],
      [[include, "--chunk-size=1M"], "--chunk-size was 8388608 and is 1048576"],
      [[`--include=${DATA}/glint_mini,${DATA}/second_source`], "the number of datasets was 1 and is 2"],
    ] as const
  ) {
    assertRefused(await runUnrec(...other, ...args), `Cannot write to ${output}: `, ...parts);
  }
  Deno.removeSync(`${output}/id_3`, { recursive: true });
  assertRefused(await runUnrec(include, ...args), "all is written, in 24 folders, and there are 23; give --restart");
  assertEquals((await runUnrec(include, `--output=${output}`, "--restart")).code, 0);
  assertEquals(treeOf(output), expectedTree("glint_mini"));
});

Deno.test("a journal that is cut anywhere is gone on with", async () => {
  using folder = temporaryFolder();
  const disk = `${folder.path}/disk`;
  using mounted = mountSmall(disk, "size=1m");
  if (mounted === undefined) return;
  writeDataset(`${folder.path}/faces`, faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" }));
  const args = [`--include=${folder.path}/faces`, "--chunk-size=1K", "--quiet"];
  assertEquals((await runUnrec(...args, `--output=${folder.path}/whole`)).code, 0);
  const whole = treeOf(`${folder.path}/whole`);
  // A full disk leaves about half of the tree, and that is tried again and again with less and less of the journal.
  assertEquals((await runUnrec(...args, `--output=${disk}`, "--no-space-check")).code, 1);
  const journal = Deno.readFileSync(`${disk}/.unrec-journal`);
  const header = journal.indexOf(10) + 1;
  const random = seededRandom(5);
  for (let i = 0; i < 12; i++) {
    const output = `${folder.path}/images${i}`;
    assertEquals(new Deno.Command("cp", { args: ["-r", disk, output] }).outputSync().success, true);
    const length = header + Math.floor(random() * (journal.length - header));
    Deno.truncateSync(`${output}/.unrec-journal`, length);
    const { code, stderr } = await runUnrec(...args, `--output=${output}`);
    assertEquals([code, stderr], [0, ""], `cut at ${length}`);
    assertEquals(treeOf(output), whole);
  }
});

Deno.test("a damaged record: the file as it should be, the same command goes on; another file, it does not", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  const output = `${folder.path}/images`;
  writeDataset(dataset, faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" }));
  const args = [`--include=${dataset}`, `--output=${output}`, "--chunk-size=1K", "--jobs=1"];
  const whole = Deno.readFileSync(`${dataset}/train.rec`);
  const damaged = whole.slice();
  // Key 300's magic word.
  damaged[Number(/^300\t(\d+)$/m.exec(Deno.readTextFileSync(`${dataset}/train.idx`))![1])] ^= 1;
  const write = (bytes: Uint8Array<ArrayBuffer>, time: number) => {
    Deno.writeFileSync(`${dataset}/train.rec`, bytes);
    Deno.utimeSync(`${dataset}/train.rec`, time, time);
  };
  write(damaged, 1e9);
  assertRefused(
    await runUnrec(...args),
    "Cannot read the record of key 300",
    `Written before: 299 images in ${output}, each whole; when that is put right, the same command goes on from there`,
  );
  write(whole, 1e9 + 1);
  assertRefused(
    await runUnrec(...args),
    "its journal is of a run that did not end and differs: the time of the records of dataset 1 was 2001-09-09T01:46:40",
    "--restart to remove what that one wrote and begin anew",
  );
  write(whole, 1e9);
  const { code, stdout } = await runUnrec(...args, "--json");
  assertEquals(code, 0);
  const { images, resumedImages } = JSON.parse(stdout);
  assert(images === 400 && resumedImages > 280 && resumedImages < 300, stdout);
  assertEquals((await runUnrec(...args.with(1, `--output=${folder.path}/whole`))).code, 0);
  assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
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
