/** Runs in shares: together they write what one run does, in any order, and `unrec finish` says whether all are there. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertSays } from "../says.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, expectedTree, includeOf, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";
import { finish, succeed } from "./run_shares.ts";

/** What is written, and with which options. */
const FORMATS: Record<string, string[]> = {
  "folder": [],
  "folder --relabel": ["--relabel"],
  "folder by index": ["--name={label:06}/{index}.jpg"],
  "a selection": ["--labels=2-15", "--max-per-label=3"],
  "webdataset": ["--format=webdataset", "--shard-images=9", "--index=wids,dali"],
  "parquet": ["--format=parquet", "--shard-images=9"],
  "rec": ["--format=rec", "--relabel"],
};

const SETS = includeOf("glint_mini+second_source");

for (const [name, options] of Object.entries(FORMATS)) {
  Deno.test(`shares: five of ${name}, in any order and one of them twice, are byte for byte one run`, async () => {
    using folder = temporaryFolder();
    const whole = `${folder.path}/whole`;
    const output = `${folder.path}/shares`;
    const args = [`--include=${SETS}`, ...options];
    await succeed(...args, `--output=${whole}`);
    for (const [i, share] of [3, 0, 4, 3, 1].entries()) {
      await succeed(...args, `--output=${output}`, `--shard=${share}/5`, `--jobs=${1 + i % 2}`, engineOf(i));
    }
    // The last share is not there yet.
    const early = await finish(output);
    assertEquals([early.code, complaints(early).length, exists(`${output}/_SUCCESS`)], [1, 1, false]);
    assertStringIncludes(early.stderr, "1 of 5 shares is missing: share 2 is not begun;");
    assertStringIncludes(early.stderr, "sbatch --array=2 unrec.sbatch");
    await succeed(...args, `--output=${output}`, "--shard=2/5");
    const { code, stderr } = await finish(output);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(treeOf(output), treeOf(whole));
    const success = JSON.parse(Deno.readTextFileSync(`${output}/_SUCCESS`));
    const [{ images, bytes, labels }] = [JSON.parse((await succeed(...args, `--output=${whole}`, "--json")).stdout)];
    assertEquals([success.shares, success.images, success.bytes, success.labels], [5, images, bytes, labels]);
  });
}

function engineOf(i: number): string {
  return `--engine=${i % 2 === 0 ? "wasm" : "ts"}`;
}

Deno.test("shares: all at the same time, more of them than images, and unrec verify knows the tree", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shares`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  await Promise.all(Array.from({ length: 8 }, (_, i) => succeed(...args, `--shard=${i}/8`)));
  assertEquals((await finish(output)).code, 0);
  assertEquals(treeOf(output), expectedTree("glint_mini"));
  await succeed("verify", ...args, "--deep");

  using other = temporaryFolder();
  writeDataset(`${other.path}/set`, [...faces({ identities: 2, images: 3, bytes: [50, 90], record0: "first" })]);
  for (let i = 0; i < 5; i++) {
    await succeed(`--include=${other.path}/set`, `--output=${other.path}/out`, `--shard=${i}/5`);
  }
  assertEquals((await finish(`${other.path}/out`)).code, 0);
  assertEquals(treeOf(`${other.path}/out`).length, 3);
});

Deno.test("shares: what does not go together is refused, in one line", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shares`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  await succeed(...args, "--shard=1/3");
  assertSays(await runUnrec(...args, "--shard=1/4"), "it was begun in 3 shares, and this one is of 4");
  assertSays(await runUnrec(...args), "it was begun in 3 shares, and this run is to write all");
  assertSays(await runUnrec(...args, "--shard=1/3", "--relabel"), "whether labels are shifted was false and is true");
  assertSays(await runUnrec(...args, "--shard=0/3", "--relabel"), "begin all shares anew");
  const whole = `${folder.path}/whole`;
  await succeed(args[0], `--output=${whole}`);
  assertSays(await runUnrec(args[0], `--output=${whole}`, "--shard=0/2"), "it was begun by a run that writes all");
  assertSays(await finish(whole), "a run that writes all wrote it, so there are no shares");
  assertSays(await finish(`${folder.path}/nowhere`), "it has no shares");
  const foreign = `${folder.path}/foreign`;
  Deno.mkdirSync(foreign);
  Deno.writeTextFileSync(`${foreign}/notes`, "mine");
  assertSays(await runUnrec(args[0], `--output=${foreign}`, "--shard=0/2"), "it holds notes");
});

Deno.test("--shard: what makes no sense is wrong usage", async () => {
  for (const shard of ["3", "3/3", "-1/3", "0/0", "auto/0", "1/70000", "all", "1/2/3", "auto"]) {
    const { code, stdout, stderr } = await runUnrec(
      `--include=${DATA}/glint_mini`,
      "--output=/nowhere",
      `--shard=${shard}`,
    );
    assertEquals([code, stdout, stderr.trimEnd().split("\n").length], [2, "", 1], stderr);
    assertStringIncludes(stderr, `--shard=${shard}: `);
  }
});

Deno.test("a share that is begun anew writes over what it wrote, and leaves the others alone", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shares`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
  const tree = treeOf(output);
  Deno.removeSync(`${output}/id_0/0_0.jpg`);
  await succeed(...args, "--shard=0/2", "--restart");
  assertEquals(treeOf(output), tree);
  assertEquals((await finish(output)).code, 0);
});

Deno.test("unrec finish: a share whose files are gone is named, and _SUCCESS goes", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shares`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`, "--format=webdataset", "--shard-images=20"];
  for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
  assertEquals((await finish(output)).code, 0);
  Deno.removeSync(`${output}/train-000003.tar`);
  const { code, stdout } = await runUnrec("finish", `--output=${output}`, "--json");
  assertEquals([code, exists(`${output}/_SUCCESS`)], [1, false]);
  assertEquals(JSON.parse(stdout).missing, [{ index: 1, why: "files-gone" }]);
  await succeed(...args, "--shard=1/2");
  assertEquals((await finish(output)).code, 0);
});

Deno.test("shares with --on-error=skip: finish says what is lost, and makes one list of it", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 5, images: 60, bytes: [300, 400], record0: "first" })];
  writeDataset(`${folder.path}/set`, records);
  // The magic words of two images.
  const rec = Deno.readFileSync(`${folder.path}/set/train.rec`);
  const index = Deno.readTextFileSync(`${folder.path}/set/train.idx`).trimEnd().split("\n");
  for (const line of [index[10], index[50]]) rec[Number(line.split("\t")[1])] ^= 1;
  Deno.writeFileSync(`${folder.path}/set/train.rec`, rec);
  const args = [`--include=${folder.path}/set`, "--on-error=skip", "--lost-tsv", "--quiet"];
  const whole = await runUnrec(...args, `--output=${folder.path}/whole`);
  const output = `${folder.path}/shares`;
  for (const i of [0, 1, 2]) await runUnrec(...args, `--output=${output}`, `--shard=${i}/3`);
  const { code, stderr } = await finish(output);
  assertEquals([whole.code, code], [1, 1]);
  assertStringIncludes(stderr, "could not be read");
  assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
  assertEquals(JSON.parse(Deno.readTextFileSync(`${output}/_SUCCESS`)).lostImages, 2);
  assertEquals(exists(`${output}/lost-0-of-3.tsv`), false);
});

Deno.test("unrec plan: says what each share will be, and that is what it is", async () => {
  using folder = temporaryFolder();
  for (
    const [name, options] of Object.entries({ folder: [], webdataset: ["--format=webdataset", "--shard-images=9"] })
  ) {
    const include = `--include=${SETS}`;
    const { stdout } = await runUnrec("plan", include, "--shards=4", "--json", ...options);
    const shares = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(shares.map(({ share }) => share), [0, 1, 2, 3]);
    for (const { share, images } of shares) {
      const args = [include, `--output=${folder.path}/${name}`, `--shard=${share}/4`, "--json", ...options];
      assertEquals(JSON.parse((await succeed(...args)).stdout).images, images);
    }
  }
  assertSays(await runUnrec("plan", `--include=${folder.path}/none`, "--shards=2"), "Cannot");
});
