/** `--shuffle` on the command line: what comes of it, whatever happens on the way. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { watch } from "../crash/processes.ts";
import { testUnless } from "../needs.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { readTar } from "../read_tar.ts";
import { assertSays } from "../says.ts";
import { HYPARQUET } from "../sink/parquet/content.ts";
import { WHY_NO_PARQUET } from "../sink/parquet/why_no_parquet.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, treeOf } from "../tree.ts";
import { encodeRecord, faces, writeDataset } from "../write_dataset.ts";

const WEBDATASET = ["--format=webdataset", "--shard-images=20"];

/** Runs a command that has to succeed, and say nothing. */
async function succeed(...args: string[]): Promise<void> {
  const finished = await runUnrec(...args, "--quiet");
  assertEquals([finished.code, complaints(finished)], [0, []]);
}

/** Names of hidden files in a folder, but for the journal. */
function hiddenIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => name.startsWith(".") && name !== ".unrec-journal");
}

Deno.test("--shuffle is --shuffle=0, another number is another order, and run again it is complete", async () => {
  using folder = temporaryFolder();
  const run = (output: string, ...options: string[]) =>
    succeed(`--include=${DATA}/glint_mini`, `--output=${folder.path}/${output}`, ...WEBDATASET, ...options);
  await run("a", "--shuffle");
  await run("b", "--shuffle=0", "--jobs=1", "--engine=ts");
  await run("c", "--shuffle=1");
  await run("d");
  assertEquals(treeOf(`${folder.path}/a`), treeOf(`${folder.path}/b`));
  assertEquals(new Set(["a", "c", "d"].map((output) => treeOf(`${folder.path}/${output}`).join())).size, 3);
  const again = await runUnrec(
    ...[`--include=${DATA}/glint_mini`, `--output=${folder.path}/a`, ...WEBDATASET, "--shuffle"],
  );
  assertStringIncludes(again.stdout, "Already complete: 82 images");
  const other = await runUnrec(
    ...[`--include=${DATA}/glint_mini`, `--output=${folder.path}/a`, ...WEBDATASET, "--shuffle=1"],
  );
  assertSays(other, "the order of images was shuffled by 0 and is shuffled by 1", "--restart");
  const plain = await runUnrec(`--include=${DATA}/glint_mini`, `--output=${folder.path}/a`, ...WEBDATASET);
  assertSays(plain, "the order of images was shuffled by 0");
});

Deno.test("a shuffled file that is gone is written again, by a run and by a share", async () => {
  using folder = temporaryFolder();
  for (const shares of [[], ["--shard=0/1"]]) {
    const output = `${folder.path}/${shares.length}`;
    const run = () =>
      succeed(`--include=${DATA}/glint_mini`, `--output=${output}`, ...WEBDATASET, "--shuffle", ...shares);
    await run();
    const tree = treeOf(output);
    Deno.removeSync(`${output}/train-000001.tar`);
    await run();
    assertEquals(treeOf(output), tree);
    await run();
  }
});

Deno.test("what cannot be shuffled is refused before anything is written", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  for (
    const [options, message] of [
      [["--shuffle"], "--shuffle is for --format=webdataset, parquet or rec, and this is --format=folder"],
      [["--shuffle", "--format=rec"], "--layout=flat can be shuffled"],
      [["--shuffle=-1", "--format=webdataset"], "--shuffle=-1: give a whole number from 0 to 4294967295"],
      [["--shuffle=4294967296", "--format=webdataset"], "give a whole number from 0 to 4294967295"],
      [["--shuffle", "5", "--format=webdataset"], "what is 5 for?"],
    ] as const
  ) {
    const { code, stderr } = await runUnrec(`--include=${DATA}/glint_mini`, `--output=${output}`, ...options);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
  Deno.writeFileSync(`${folder.path}/a.tar`, makeTar({ from: DATA, names: ["glint_mini"] }));
  const archive = await runUnrec(`--include=${folder.path}/a.tar`, `--output=${output}`, ...WEBDATASET, "--shuffle");
  assertSays(archive, "Cannot shuffle the images of", "it is an archive", "tar");
  assert(!exists(output));
});

Deno.test("--dry-run says how many there are, and writes nothing", async () => {
  using folder = temporaryFolder();
  const { code, stdout } = await runUnrec(
    ...[`--include=${DATA}/glint_mini`, `--output=${folder.path}/out`, ...WEBDATASET, "--shuffle", "--dry-run"],
  );
  assertEquals(code, 0);
  assertStringIncludes(stdout, "82");
  assert(!exists(`${folder.path}/out`));
});

Deno.test("a list beside it tells of every image where it is", async () => {
  using folder = temporaryFolder();
  for (const [name, options] of Object.entries({ webdataset: WEBDATASET, rec: ["--format=rec", "--layout=flat"] })) {
    const [output, list] = [`${folder.path}/${name}`, `${folder.path}/${name}.tsv`];
    await succeed(`--include=${DATA}/glint_mini`, `--output=${output}`, ...options, "--shuffle=4", `--list=${list}`);
    const lines = Deno.readTextFileSync(list).trimEnd().split("\n").slice(1).map((line) => line.split("\t"));
    assertEquals(lines.length, 82);
    for (const [path, label, , number, , bytes] of lines) {
      if (name === "webdataset") {
        const [shard, member] = path.split("/");
        assertEquals(member, `${number.padStart(9, "0")}.jpg`);
        const { code, stdout } = new Deno.Command("tar", { args: ["xOf", `${output}/${shard}`, member] }).outputSync();
        assertEquals([code, stdout.length], [0, Number(bytes)]);
      } else {
        const key = path.split("/")[1];
        const { stdout } = await runUnrec("ls", `--include=${output}`, `--keys=${key}`, "--json");
        assertEquals(JSON.parse(stdout).label, Number(label));
      }
    }
    assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name).filter((name) => name[0] === "."), []);
  }
});

Deno.test("some of the people: every chosen image once, the same in shares", async () => {
  using folder = temporaryFolder();
  const args = [
    `--include=${DATA}/glint_mini,${DATA}/second_source`,
    "--labels=3-5,20",
    "--relabel",
    "--format=webdataset",
    "--shard-images=5",
  ];
  await succeed(...args, `--output=${folder.path}/plain`);
  await succeed(...args, `--output=${folder.path}/shuffled`, "--shuffle=2");
  for (const i of [1, 0, 2]) {
    const finished = await runUnrec(...args, `--output=${folder.path}/shares`, "--shuffle=2", `--shard=${i}/3`);
    assertEquals(finished.code, 0, finished.stderr);
  }
  await runUnrec("finish", `--output=${folder.path}/shares`);
  const shards = (output: string) =>
    treeOf(`${folder.path}/${output}`).filter((line) => line.endsWith(".tar")).map((line) => line.split("  ")[1]);
  const members = (output: string) =>
    shards(output).flatMap((shard) =>
      readTar(Deno.readFileSync(`${folder.path}/${output}/${shard}`)).map(({ name, bytes }) =>
        `${name} ${bytes.length}`
      )
    );
  assert(shards("shuffled").length > 2);
  assertEquals(members("shuffled").toSorted(), members("plain").toSorted());
  assert(members("shuffled").join() !== members("plain").join());
  const tars = (output: string) => treeOf(`${folder.path}/${output}`).filter((line) => line.endsWith(".tar"));
  assertEquals(tars("shares"), tars("shuffled"));
});

Deno.test("what could not be read is left out, is told, and comes back when the records are mended", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 10, images: 100, bytes: [200, 900], record0: "first" })];
  const input = `${folder.path}/faces`;
  writeDataset(input, records);
  await succeed(`--include=${input}`, `--output=${folder.path}/whole`, ...WEBDATASET, "--shuffle");
  const whole = Deno.readFileSync(`${input}/train.rec`);
  const damaged = whole.slice();
  for (const key of [17, 18, 60]) {
    const before = records.findIndex((record) => record.key === key);
    damaged[records.slice(0, before).reduce((sum, record) => sum + encodeRecord(record).length, 0)] ^= 1;
  }
  Deno.writeFileSync(`${input}/train.rec`, damaged);
  const run = (...options: string[]) =>
    runUnrec(`--include=${input}`, `--output=${folder.path}/out`, ...WEBDATASET, "--shuffle", ...options);
  const stopped = await run();
  assertEquals([stopped.code, stopped.stdout], [1, ""]);
  const skipped = await run("--on-error=skip");
  assertEquals(skipped.code, 1);
  assertStringIncludes(skipped.stderr, "Lost: 3 images");
  const names = (output: string) =>
    treeOf(`${folder.path}/${output}`).map((line) => line.split("  ")[1]).filter((name) => name.endsWith(".tar"));
  assertEquals(names("out"), names("whole"));
  assertEquals(hiddenIn(`${folder.path}/out`), []);
  // A disk that reads again what it did not read for a while: the file is the same one.
  const { mtime } = Deno.statSync(`${input}/train.rec`);
  const readAgain = `${folder.path}/again`;
  copyFolder(`${folder.path}/out`, readAgain);
  Deno.writeFileSync(`${input}/train.rec`, whole);
  Deno.utimeSync(`${input}/train.rec`, mtime!, mtime!);
  const read = await runUnrec(`--include=${input}`, `--output=${readAgain}`, ...WEBDATASET, "--shuffle");
  assertEquals(read.code, 0, read.stderr);
  assertEquals(treeOf(readAgain), treeOf(`${folder.path}/whole`));
  Deno.writeFileSync(`${input}/train.rec`, whole);
  const mended = await run();
  assertEquals(mended.code, 0, mended.stderr);
  assertEquals(treeOf(`${folder.path}/out`), treeOf(`${folder.path}/whole`));
  assertEquals(hiddenIn(`${folder.path}/out`), []);
});

testUnless(WHY_NO_PARQUET ?? HYPARQUET.whyNot, "Parquet: the rows are all images, in another order", async () => {
  using folder = temporaryFolder();
  const trees: string[][] = [];
  for (const jobs of [1, 2]) {
    const output = `${folder.path}/${jobs}`;
    await succeed(
      ...[`--include=${DATA}/glint_mini`, `--output=${output}`, "--format=parquet", "--shard-bytes=100K", "--shuffle"],
      `--jobs=${jobs}`,
    );
    trees.push(treeOf(output));
  }
  assertEquals(trees[0], trees[1]);
  const output = `${folder.path}/1`;
  const names = Array.from(Deno.readDirSync(`${output}/data`), ({ name }) => name).sort();
  assert(names.length > 2);
  const contents = await HYPARQUET.read(names.map((name) => `${output}/data/${name}`));
  const rows = contents.flatMap(({ rows }) => rows.map(([sum, path]) => `${sum}  ${path}`));
  assertEquals(rows.toSorted(), expectedTree("glint_mini").sort());
  assert(rows.join() !== expectedTree("glint_mini").join());
});

testUnless(WHY_NO_SMALL_DISK, "a disk that is full: it is said before, else in one line, and it goes on", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/disk`;
  await succeed(`--include=${DATA}/glint_mini`, `--output=${folder.path}/whole`, ...WEBDATASET, "--shuffle");
  // Shards or what is set aside would find room, both do not.
  using disk = mountSmall(output, "size=700k");
  const run = (...options: string[]) =>
    runUnrec(`--include=${DATA}/glint_mini`, `--output=${output}`, ...WEBDATASET, "--shuffle", ...options);
  assertSays(await run("--quiet"), "they need about", "are free there");
  const full = await run("--no-space-check", "--quiet");
  assertEquals(full.code, 1);
  assertEquals(complaints(full).length, 1, full.stderr);
  assertStringIncludes(full.stderr, "disk is full");
  disk.remount("size=4m");
  const more = await run("--quiet");
  assertEquals(more.code, 0, more.stderr);
  assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
  assertEquals(hiddenIn(output), []);
});

Deno.test("a run that is killed when it was complete but for its files leaves none of them for long", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${DATA}/glint_mini`, `--output=${folder.path}/out`, ...WEBDATASET, "--shuffle"];
  const { signal, code } = await watch(
    args,
    () => exists(`${folder.path}/out/_info.json`),
    (child) => child.kill("SIGKILL"),
  );
  assert(signal === "SIGKILL" || code === 0);
  Deno.writeTextFileSync(`${folder.path}/out/.unrec-spill-12`, "left");
  await succeed(...args);
  assertEquals(hiddenIn(`${folder.path}/out`), []);
});
