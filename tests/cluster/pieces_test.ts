/** What goes to one file, in shares: pieces that `unrec finish` joins, and that are byte for byte what one run writes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { watch } from "../crash/processes.ts";
import { testUnless } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { assertSays } from "../says.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, JOURNAL, treeOf } from "../tree.ts";
import { WHY_NO_PARQUET } from "../sink/parquet/why_no_parquet.ts";
import { faces, seededRandom, writeDataset } from "../write_dataset.ts";
import { finish, succeed } from "./run_shares.ts";

/** Two sets of the same people, whose images are so large that few of them are five pieces. */
const SETS = temporaryFolder("/dev/shm");
Deno.test.afterAll(() => SETS[Symbol.dispose]());
const INCLUDE = `--include=${SETS.path}/a,${SETS.path}/b`;
for (const [name, images, seed] of [["a", 55, 1], ["b", 35, 2]] as const) {
  writeDataset(
    `${SETS.path}/${name}`,
    faces({ identities: 7, images, bytes: [7e5, 9e5], record0: "first", firstLabel: seed, seed }),
  );
}
const PIECES = 5;

/** What is written, with which options; `list` is written beside it. */
const WHOLES: Record<string, string[]> = {
  "rec": ["--format=rec"],
  "rec --layout=flat --relabel": ["--format=rec", "--layout=flat", "--relabel"],
  "rec, shuffled": ["--format=rec", "--layout=flat", "--shuffle=3"],
  "rec of a selection": ["--format=rec", "--max-per-label=5", "--labels=1-6"],
  "tar": ["--format=tar", "--fsync"],
  "tar by index": ["--format=tar", "--relabel", "--name={label:04}/{index}.{ext}"],
  "list": ["--format=list"],
  "list in the form of im2rec": ["--format=list", "--list-form=lst", "--limit=20"],
};

/** What is there of an output: a folder, or all in that of a file. */
function bytesOf(output: string): string[] {
  return treeOf(Deno.statSync(output).isFile ? output.slice(0, output.lastIndexOf("/")) : output);
}

/** The numbers from 0 on, in an order that is drawn, and one of them twice. */
function drawnOrder(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  order.sort(() => random() - 0.5);
  return [...order, order[0]];
}

/** Writes all shares in a drawn order, with one and with two jobs, with either engine. */
async function writeShares(args: string[], output: string, count: number, seed: number): Promise<void> {
  for (const [i, share] of drawnOrder(count, seededRandom(seed)).entries()) {
    const how = [`--jobs=${1 + (i + seed) % 2}`, `--engine=${i % 2 === 0 ? "wasm" : "ts"}`];
    await succeed(...args, `--output=${output}`, `--shard=${share}/${count}`, ...how);
  }
}

for (const [name, options] of Object.entries(WHOLES)) {
  Deno.test(`pieces: shares of ${name}, in any order, are byte for byte one run, and stay so`, async () => {
    using folder = temporaryFolder("/dev/shm");
    const args = [INCLUDE, ...options];
    Deno.mkdirSync(`${folder.path}/one`);
    await succeed(...args, `--output=${folder.path}/one/whole`);
    const whole = bytesOf(`${folder.path}/one/whole`);
    for (const [seed, count] of [1, 3, 7].entries()) {
      Deno.mkdirSync(`${folder.path}/${count}`);
      const output = `${folder.path}/${count}/whole`;
      await writeShares(args, output, count, seed);
      const { code, stderr } = await finish(output);
      assertEquals(code, 0, stderr);
      assertEquals(bytesOf(output), whole);
      assertEquals(hiddenIn(folder.path).filter((path) => path.includes("piece") || path.endsWith(".part")), []);
      // Run again, and with a share that is begun once more, as schedulers do.
      assertEquals((await finish(output)).code, 0);
      const again = await runUnrec(...args, `--output=${output}`, `--shard=0/${count}`);
      assertEquals([again.code, again.stdout.split(":")[0]], [0, "Already complete"], again.stderr);
      await succeed(...args, `--output=${output}`, `--shard=${count - 1}/${count}`, "--restart");
      assertEquals((await finish(output)).code, 0);
      assertEquals(bytesOf(output), whole);
      assertEquals(hiddenIn(folder.path).filter((path) => path.includes("piece")), []);
    }
  });
}

/** The hidden files below a folder. */
function hiddenIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) =>
    isDirectory ? hiddenIn(`${folder}/${name}`) : name.startsWith(".") ? [`${folder}/${name}`] : []
  );
}

const BESIDE: Record<string, string[]> = {
  "folder": ["--list-form=insightface"],
  "webdataset": ["--format=webdataset", "--shard-images=9"],
  "tar": ["--format=tar", "--list-form=path-label"],
  "rec": ["--format=rec", "--list-form=lst", "--relabel"],
  "rec, shuffled": ["--format=rec", "--layout=flat", "--shuffle"],
  "webdataset, shuffled": ["--format=webdataset", "--shard-images=9", "--shuffle=9"],
  ...WHY_NO_PARQUET === undefined ? { "parquet": ["--format=parquet", "--shard-images=9"] } : {},
};

for (const [name, options] of Object.entries(BESIDE)) {
  Deno.test(`pieces: --list beside ${name} is joined with what it lists, without being named again`, async () => {
    using folder = temporaryFolder("/dev/shm");
    for (const one of ["one", "shares"]) Deno.mkdirSync(`${folder.path}/${one}`);
    const args = (where: string) => [INCLUDE, ...options, `--list=${folder.path}/${where}/list`];
    await succeed(...args("one"), `--output=${folder.path}/one/whole`);
    const output = `${folder.path}/shares/whole`;
    await writeShares(args("shares"), output, 3, 5);
    const { code, stdout, stderr } = await finish(output);
    assertEquals(code, 0, stderr);
    assert(stdout.includes(`listed in         ${folder.path}/shares/list\n`), stdout);
    assertEquals(bytesOf(output), bytesOf(`${folder.path}/one/whole`));
    const [list, expected] = ["shares", "one"].map((where) => Deno.readTextFileSync(`${folder.path}/${where}/list`));
    assertEquals(list, expected);
    assertEquals((await finish(output)).code, 0);
    await succeed(...args("shares"), `--output=${output}`, "--shard=2/3");
    // A list that is gone is written again.
    Deno.removeSync(`${folder.path}/shares/list`);
    const gone = await finish(output);
    assertEquals(gone.code, 1);
    assertStringIncludes(gone.stderr, "3 of 3 shares are missing: share 0 is without its part of the list");
    assertStringIncludes(gone.stderr, "sbatch --array=0-2 unrec.sbatch");
    await writeShares(args("shares"), output, 3, 6);
    assertEquals((await finish(output)).code, 0);
    assertEquals(Deno.readTextFileSync(`${folder.path}/shares/list`), expected);
  });
}

Deno.test("pieces: a list in the output, which is moved before it is finished", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${DATA}/glint_mini`, `--list=${output}/list.tsv`];
  for (const i of [0, 1, 2]) await succeed(...args, `--output=${output}`, `--shard=${i}/3`);
  Deno.renameSync(output, `${folder.path}/moved`);
  assertEquals((await finish(`${folder.path}/moved`)).code, 0);
  await succeed(args[0], `--output=${output}`, `--list=${output}/list.tsv`);
  assertEquals(treeOf(`${folder.path}/moved`), treeOf(output));
});

Deno.test("pieces: a share that has not listed its images is named", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  const list = `--list=${folder.path}/list`;
  await succeed(...args, "--shard=0/2", list);
  await succeed(...args, "--shard=1/2");
  const { code, stdout, stderr } = await runUnrec("finish", `--output=${output}`, "--json");
  assertEquals([code, exists(`${output}/_SUCCESS`), exists(`${folder.path}/list`)], [1, false, false]);
  assertEquals(JSON.parse(stdout).missing, [{ index: 1, why: "not-listed" }]);
  assertStringIncludes(stderr, "share 1 is without its part of the list");
  assertStringIncludes(stderr, "sbatch --array=1 unrec.sbatch");
  assertSays(await runUnrec(...args, "--shard=1/2", list, "--list-form=lst"), "the form of a line was tsv and is lst");
  await succeed(...args, "--shard=1/2", list);
  assertEquals((await finish(output)).code, 0);
  assertEquals(Deno.readTextFileSync(`${folder.path}/list`).split("\n").length, 84);
  // As if no share had begun to list anything.
  Deno.removeSync(`${folder.path}/.list.parts`, { recursive: true });
  assertStringIncludes((await finish(output)).stderr, "2 of 2 shares are missing");
});

Deno.test("pieces with --on-error=skip: what is lost in some is lost in one run", async () => {
  using folder = temporaryFolder("/dev/shm");
  const set = `${folder.path}/set`;
  writeDataset(set, faces({ identities: 5, images: 60, bytes: [7e5, 9e5], record0: "first" }));
  // The magic words of images in the first piece, and of one in another.
  const index = Deno.readTextFileSync(`${set}/train.idx`).trimEnd().split("\n");
  using rec = Deno.openSync(`${set}/train.rec`, { write: true });
  for (const line of [index[2], index[3], index[40]]) {
    rec.seekSync(Number(line.split("\t")[1]), Deno.SeekMode.Start);
    rec.writeSync(new Uint8Array(4));
  }
  for (const options of [["--format=rec"], ["--format=rec", "--layout=flat"], ["--format=tar"]]) {
    using out = temporaryFolder("/dev/shm");
    for (const where of ["one", "shares"]) Deno.mkdirSync(`${out.path}/${where}`);
    const args = (where: string) => [
      ...[`--include=${set}`, ...options, "--on-error=skip", `--output=${out.path}/${where}/whole`],
      ...[`--list=${out.path}/${where}/list`, "--quiet"],
    ];
    assertEquals((await runUnrec(...args("one"))).code, 1);
    for (const i of [2, 0, 1, 2]) await runUnrec(...args("shares"), `--shard=${i}/3`);
    const { code, stderr } = await finish(`${out.path}/shares/whole`);
    assertEquals([code, complaints({ code, stderr, stdout: "" }).length], [1, 1], stderr);
    assertStringIncludes(stderr, "3 images could not be read");
    assertEquals(bytesOf(`${out.path}/shares/whole`), bytesOf(`${out.path}/one/whole`));
    assertEquals(
      Deno.readTextFileSync(`${out.path}/shares/list`),
      Deno.readTextFileSync(`${out.path}/one/list`),
      options.join(" "),
    );
  }
});

Deno.test("pieces: a share that ends at a damaged record says that the same command goes on", async () => {
  using folder = temporaryFolder("/dev/shm");
  const set = `${folder.path}/set`;
  writeDataset(set, faces({ identities: 5, images: 30, bytes: [7e5, 9e5], record0: "first" }));
  const last = Deno.readTextFileSync(`${set}/train.idx`).trimEnd().split("\n")[30];
  const args = [`--include=${set}`, "--format=tar", `--output=${folder.path}/a.tar`, "--shard=0/1", "--jobs=1"];
  {
    using rec = Deno.openSync(`${set}/train.rec`, { write: true });
    rec.seekSync(Number(last.split("\t")[1]), Deno.SeekMode.Start);
    rec.writeSync(new Uint8Array(4));
  }
  assertSays(await runUnrec(...args), "each whole", "the same command goes on from there");
  const again = await runUnrec(...args);
  assertStringIncludes(again.stderr, "Going on where an earlier run ended: ");
  assertEquals(exists(`${folder.path}/a.tar`), false);
});

/** Kills a command in its midst; one that has ended before is run again, after what has to be done for that. */
async function untilKilled(args: string[], isReached: () => boolean, prepare = async () => {}): Promise<void> {
  for (let left = 20; left > 0; left--) {
    await prepare();
    const { signal } = await watch(args, isReached, (child) => child.kill("SIGKILL"));
    if (signal === "SIGKILL") return;
  }
  throw new Error(`${args.join(" ")}: it was never met in its midst`);
}

for (const options of [["--format=rec"], ["--format=tar"]]) {
  Deno.test(`pieces of ${options}: a share that is killed, and a finish that is killed, are run again`, async () => {
    using folder = temporaryFolder("/dev/shm");
    for (const where of ["one", "shares"]) Deno.mkdirSync(`${folder.path}/${where}`);
    const args = [INCLUDE, ...options];
    await succeed(...args, `--output=${folder.path}/one/whole`);
    const output = `${folder.path}/shares/whole`;
    const place = options[0] === "--format=rec" ? output : `${folder.path}/shares/.whole.parts`;
    const share = (i: number) => [...args, `--output=${output}`, `--shard=${i}/2`];
    await untilKilled(
      [...share(0), "--restart", "--jobs=1", "--engine=ts", "--chunk-size=256"],
      () => exists(`${place}/..unrec-piece-000000.part`),
    );
    const part = options[0] === "--format=rec" ? `${output}/.train.rec.part` : `${folder.path}/shares/.whole.part`;
    await untilKilled(["finish", `--output=${output}`], () => exists(part), async () => {
      // One that came to its end has to be met again.
      for (const name of ["whole/train.rec", "whole"]) {
        const path = `${folder.path}/shares/${name}`;
        if (exists(path) && Deno.statSync(path).isFile) Deno.removeSync(path);
      }
      for (const i of [1, 0]) await succeed(...share(i));
    });
    assertEquals(exists(part), true);
    // One that begins anew while nothing is whole finds its pieces.
    await succeed(...share(1));
    assertEquals((await finish(output)).code, 0);
    assertEquals(bytesOf(output), bytesOf(`${folder.path}/one/whole`));
  });
}

Deno.test("pieces: what is joined counts only as long as it is there", async () => {
  using folder = temporaryFolder("/dev/shm");
  for (const format of ["rec", "tar"]) {
    const output = `${folder.path}/${format}`;
    const args = [INCLUDE, `--format=${format}`, `--output=${output}`];
    for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
    assertEquals((await finish(output)).code, 0);
    const whole = bytesOf(output);
    const file = format === "rec" ? `${output}/train.rec` : output;
    Deno.truncateSync(file, 1000);
    assertStringIncludes((await finish(output)).stderr, "share 0 is without files that it wrote");
    Deno.removeSync(file);
    for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
    assertEquals((await finish(output)).code, 0);
    assertEquals(bytesOf(output), whole);
  }
});

Deno.test("pieces: one that was written anew with other bytes is not taken for one that was joined", async () => {
  using folder = temporaryFolder("/dev/shm");
  const output = `${folder.path}/whole.tar`;
  const args = [INCLUDE, "--format=tar", `--output=${output}`];
  for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
  assertEquals((await finish(output)).code, 0);
  const whole = bytesOf(output);
  // As if less had been read the first time: the journal says that other bytes were joined.
  const joined = `${folder.path}/.whole.tar.parts/${JOURNAL}-joined`;
  const said = JSON.parse(Deno.readTextFileSync(joined));
  said.pieces[0][1]--;
  Deno.writeTextFileSync(joined, JSON.stringify(said));
  assertEquals((await finish(output)).code, 1);
  await succeed(...args, "--shard=0/2");
  assertSays(await finish(output), "some of them were written anew with other bytes", "run all shares again");
  assertStringIncludes((await finish(output)).stderr, "share 1 is without files that it wrote");
  for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
  assertEquals((await finish(output)).code, 0);
  assertEquals(bytesOf(output), whole);
});

Deno.test("pieces: one that is cut or damaged is not joined", async () => {
  using folder = temporaryFolder("/dev/shm");
  const output = `${folder.path}/rec`;
  const args = [INCLUDE, "--format=rec", `--output=${output}`];
  for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
  const piece = `${output}/.unrec-piece-000000`;
  {
    using file = Deno.openSync(piece, { write: true });
    file.writeSync(new Uint8Array(4));
  }
  assertSays(await finish(output), `Cannot read the piece ${piece}: `, "remove it, and run its share again");
  assertEquals(exists(`${output}/train.rec`), false);
  Deno.truncateSync(piece, 4000);
  assertStringIncludes((await finish(output)).stderr, "share 0 is without files that it wrote");
  await succeed(...args, "--shard=0/2");
  assertEquals((await finish(output)).code, 0);
});

Deno.test("pieces: what is in the way is not replaced, and a stream has no pieces", async () => {
  using folder = temporaryFolder();
  const include = `--include=${DATA}/glint_mini`;
  const output = `${folder.path}/tree.tar`;
  Deno.writeTextFileSync(output, "mine");
  const args = [include, "--format=tar", `--output=${output}`, "--shard=0/2"];
  assertSays(await runUnrec(...args), `Cannot write ${output}: it is there already`);
  assertEquals([...Deno.readDirSync(folder.path)].length, 1);
  await succeed(...args, "--overwrite");
  await succeed(...args.slice(0, -1), "--shard=1/2", "--overwrite");
  assertEquals((await finish(output)).code, 0);
  assertEquals(Deno.statSync(output).size, 411_136);
  const stream = await runUnrec(include, "--shard=0/2", "--format=tar", "--output=-");
  assertEquals([stream.code, stream.stdout, stream.stderr.trimEnd().split("\n").length], [2, "", 1]);
  assertStringIncludes(stream.stderr, "--shard writes pieces of a file: give --output=FILE");
  assertSays(await finish(`${folder.path}/other.tar`), "it has no shares");
});

Deno.test("pieces: two that finish at the same time do not get into each other's way", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/rec`;
  for (const i of [0, 1]) {
    await succeed(`--include=${DATA}/glint_mini`, "--format=rec", `--output=${output}`, `--shard=${i}/2`);
  }
  {
    using held = Deno.openSync(`${output}/${JOURNAL}-finish`, { write: true, create: true });
    held.lockSync(true);
    assertSays(await finish(output), "another unrec is at it; wait for its end");
  }
  assertEquals((await finish(output)).code, 0);
  assertEquals(exists(`${output}/${JOURNAL}-finish`), false);
});

for (const format of ["rec", "tar"]) {
  testUnless(
    WHY_NO_SMALL_DISK,
    `pieces of ${format}: a disk without room for the whole, and one that fills`,
    async () => {
      using folder = temporaryFolder("/dev/shm");
      const place = `${folder.path}/disk`;
      using disk = mountSmall(place, "size=100m");
      const output = `${place}/whole`;
      const args = [INCLUDE, `--format=${format}`, `--output=${output}`];
      for (const i of [0, 1]) await succeed(...args, `--shard=${i}/2`);
      const [said] = complaints(await finish(output));
      assertMatch(said, /Cannot join the pieces in .*: that needs about \d+\.\d MB, and \d+\.\d MB are free there/);
      const names = hiddenIn(place);
      const pasted = await paste(commandAfter(said, "begin all the same with"));
      assertEquals(pasted.code, 1);
      assertStringIncludes(pasted.stderr, "the disk is full");
      assertEquals(hiddenIn(place), names);
      disk.remount("size=200m");
      assertEquals((await finish(output)).code, 0);
      assertEquals(hiddenIn(place).filter((path) => path.includes("piece")), []);
    },
  );
}

Deno.test("pieces: unrec plan says how many there are, whatever the number of shares is", async () => {
  using folder = temporaryFolder("/dev/shm");
  for (const format of ["rec", "tar", "list"]) {
    for (const count of [2, 7]) {
      const { stdout } = await runUnrec("plan", INCLUDE, `--format=${format}`, `--shards=${count}`, "--json");
      const shares = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(shares.reduce((sum, { files }) => sum + files, 0), PIECES, stdout);
      assertEquals(shares.filter(({ images }) => images === 0).length, Math.max(0, count - PIECES));
      const args = [INCLUDE, `--format=${format}`, `--output=${folder.path}/${format}${count}`, `--shard=1/${count}`];
      assertEquals(JSON.parse((await succeed(...args, "--json")).stdout).images, shares[1].images);
    }
  }
});
