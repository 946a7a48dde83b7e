/** Runs that end before their end: by a signal, by a full disk; and runs that somebody watches. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless, WHY_NO_UNIX, whyNotRun } from "../needs.ts";
import { commandAfter, paste, UNREC } from "../paste.ts";
import { haltWhen, letGoOn, MANY, writeMany } from "../halt.ts";
import { complaints, runUnrec, startUnrec } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { exists, JOURNAL, treeOf } from "../tree.ts";
import { faces, type TestRecord, writeDataset } from "../write_dataset.ts";

/** Makes a dataset of 400 images and returns its records. */
function makeFaces(folder: string): TestRecord[] {
  const records = [...faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" })];
  writeDataset(folder, records);
  return records;
}

/** Asserts that every file of a tree is one of the images, whole, and returns how many there are. */
function countWhole(output: string, records: TestRecord[]): number {
  let files = 0;
  for (const folder of Deno.readDirSync(output)) {
    if (folder.name === JOURNAL) continue;
    for (const { name } of Deno.readDirSync(`${output}/${folder.name}`)) {
      const number = Number(/_(\d+)\.jpg$/.exec(name)![1]);
      assertEquals(Deno.readFileSync(`${output}/${folder.name}/${name}`), records[number + 1].image.slice(), name);
      files++;
    }
  }
  return files;
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  testUnless(
    WHY_NO_UNIX,
    `${signal} finishes the images begun, says how many there are, and exits ${code}`,
    async () => {
      using folder = temporaryFolder("/dev/shm");
      const records = writeMany(`${folder.path}/faces`);
      const output = `${folder.path}/images`;
      const child = startUnrec([`--include=${folder.path}/faces`, `--output=${output}`, "--jobs=2", "--quiet"]);
      const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      await haltWhen(child.pid, () => exists(`${output}/id_0/0_0.jpg`));
      child.kill(signal);
      letGoOn(child.pid);
      let said = "";
      for (let part = await stderr.read(); !part.done; part = await stderr.read()) said += part.value;
      assertEquals([(await child.status).code, await new Response(child.stdout).text()], [code, ""]);
      assertStringIncludes(said, "Stopping");
      const files = countWhole(output, records);
      const found = /Interrupted: ([\d,]+) images? \(of 40,000\) written to (\S+), each whole/.exec(said);
      assertEquals([Number(found?.[1].replace(",", "")), found?.[2]], [files, output], said);
      assert(files < MANY);
      // What is printed can be pasted, and does the rest.
      const command = commandAfter(said, "to go on");
      const resumed = await paste(command);
      assertEquals([resumed.code, countWhole(output, records)], [0, MANY], resumed.stderr);
      assertStringIncludes((await paste(command)).stdout, "Already complete: 40,000 images in 20 folders");
    },
  );
}

for (const [name, options] of [["space", "size=256k"], ["inodes", "size=4m,nr_inodes=100"]]) {
  for (const jobs of [1, 2]) {
    testUnless(WHY_NO_SMALL_DISK, `a disk without ${name} left, --jobs=${jobs}`, async () => {
      using folder = temporaryFolder();
      const records = makeFaces(`${folder.path}/faces`);
      const output = `${folder.path}/disk`;
      using _disk = mountSmall(output, options);
      const finished = await runUnrec(
        ...[`--include=${folder.path}/faces`, `--output=${output}`, `--jobs=${jobs}`, "--chunk-size=16K"],
        "--no-space-check",
      );
      const lines = complaints(finished);
      assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
      assertStringIncludes(lines[0], "the disk is full (no space or no inodes left). Written before: ");
      const files = countWhole(output, records);
      assertStringIncludes(lines[0], `Written before: ${files} images in ${output}, each whole`);
    });
  }
}

const WHY_NOT_FULL = exists("/dev/full") ? undefined : "there is no /dev/full";

testUnless(WHY_NOT_FULL, "standard output that cannot be written to", async () => {
  const { code, stderr } = await paste(`${UNREC} --version > /dev/full`);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot print to the standard output: the disk is full");
});

Deno.test("without a terminal there is no bar, with --quiet not a line, and the summary has every figure", async () => {
  using folder = temporaryFolder();
  makeFaces(`${folder.path}/faces`);
  const output = `${folder.path}/images`;
  const { code, stdout, stderr } = await runUnrec(`--include=${folder.path}/faces`, `--output=${output}`, "--quiet");
  assertEquals([code, stderr], [0, ""]);
  const names = stdout.trimEnd().split("\n").map((line) => line.slice(0, 18).trimEnd());
  assertEquals(names, [
    ...["datasets", "identity records", "labels (folders)", "images", "bytes", "seconds", "rate", "written to"],
  ]);
  assertEquals(/^images +(\d+)$/m.exec(stdout)?.[1], "400");
  assertEquals(/^written to +(.*)$/m.exec(stdout)?.[1], output);
});

Deno.test("--json is one object, --dry-run writes nothing", async () => {
  using folder = temporaryFolder();
  const records = makeFaces(`${folder.path}/faces`);
  const output = `${folder.path}/images`;
  const args = [`--include=${folder.path}/faces`, `--output=${output}`, "--json"];
  const dry = JSON.parse((await runUnrec(...args, "--dry-run")).stdout);
  assertEquals(exists(output), false);
  const bytes = records.reduce((sum, { image }) => sum + image.length, 0);
  assertEquals([dry.dryRun, dry.identityRecords, dry.images, dry.labels], [true, 20, 400, null]);
  assert(dry.bytes >= bytes && dry.bytes <= bytes + 400 * (8 + 24 + 8 + 3));
  const { dryRun, images, labels, bytes: written, datasets, output: where } = JSON.parse(
    (await runUnrec(...args)).stdout,
  );
  assertEquals([dryRun, images, labels, written, where], [false, 400, 20, bytes, output]);
  assertEquals(datasets, [
    {
      path: `${folder.path}/faces/train.rec`,
      layout: "identity",
      record0: "first",
      identityRecords: 20,
      images: 400,
      chosen: null,
      rounded: null,
    },
  ]);
  assertEquals(treeOf(output).length, 400);
});

Deno.test("warnings: shared labels, repeated keys, repeated images, backward ranges, empty images", async () => {
  using folder = temporaryFolder();
  const empty = new Uint8Array();
  writeDataset(folder.path, [
    { key: 0, label: [3, 6], image: empty },
    { key: 1, label: 5, image: Uint8Array.of(0xff, 0xd8, 0xff, 0xd9) },
    { key: 2, label: 5, image: empty },
    ...[[1, 3], [2, 3], [2, 1]].map((label, i) => ({ key: 3 + i, label, image: empty })),
  ]);
  Deno.writeTextFileSync(`${folder.path}/train.idx`, `0\t8\n${Deno.readTextFileSync(`${folder.path}/train.idx`)}`);
  using output = temporaryFolder();
  const finished = await runUnrec(`--include=${folder.path},${folder.path}`, `--output=${output.path}`, "--quiet");
  assertEquals(finished.code, 0);
  const once = [
    "has 1 line of the index name a key again; the last line of a key counts",
    "has 1 identity record with a range that ends before it begins",
    "has 1 image named by a second identity record too",
  ];
  const lines = complaints(finished);
  const empties = "has 2 images without any bytes, and so an empty file; first key 2";
  const expected = [...once, ...once, empties, empties, "1 label of more than one dataset"];
  assertEquals(lines.map((line, i) => line.startsWith("unrec: Warning: ") && line.includes(expected[i])), [
    ...expected.map(() => true),
  ]);
  assertEquals(treeOf(output.path).length, 6);
});

/** Milliseconds after which a bar is due, and more. */
const DUE = 400;

testUnless(whyNotRun("script", "--version"), "on a terminal there is a bar, and it is gone at the end", async () => {
  using folder = temporaryFolder("/dev/shm");
  writeMany(`${folder.path}/faces`);
  const unrec = `${UNREC} --include="${folder.path}/faces" --output="${folder.path}/images" --jobs=2`;
  // So few columns have room for the bar whatever the rate is.
  const args = ["-qec", `stty columns 30; echo $$ > ${folder.path}/pid; exec ${unrec}`, "/dev/null"];
  const child = new Deno.Command("script", { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  // Halted until a bar is due. `script` halts with what it runs.
  const isBegun = () => exists(`${folder.path}/images/id_0/0_0.jpg`);
  while (!isBegun()) await new Promise((resolve) => setTimeout(resolve, 1));
  const pid = Number(Deno.readTextFileSync(`${folder.path}/pid`));
  await haltWhen(pid, isBegun);
  await new Promise((resolve) => setTimeout(resolve, DUE));
  [pid, child.pid].forEach(letGoOn);
  const terminal = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let shown = "";
  while (!/[━─]/.test(shown)) {
    const { value, done } = await terminal.read();
    assert(!done, shown);
    shown += value;
  }
  for (let part = await terminal.read(); !part.done; part = await terminal.read()) shown += part.value;
  await child.stderr.cancel();
  assertEquals((await child.status).code, 0);
  const bars = shown.split("\r\x1b[K").slice(1, -1).map((bar) => bar.trimEnd());
  assert(bars.every((bar) => bar.length < 30 && /^[━─]+ \d+%, (--|\d\d):(--|\d\d) left/.test(bar)), shown);
  assertStringIncludes(shown, "\r\x1b[Kdatasets          1\r\n");
});
