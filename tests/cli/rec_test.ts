/** `--format=rec` on the command line: what comes of it, whatever happens on the way. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { watch } from "../crash/processes.ts";
import { testUnless } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runProcess, runUnrec } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { assertSays } from "../says.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** Runs a command that has to succeed. */
async function succeed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runUnrec(...args);
  assertEquals(code, 0, stderr);
  return stdout;
}

for (const name of ["glint_mini", "multipart"]) {
  Deno.test(`${name} to records, to a folder, to records: always the same, and verify finds nothing wrong`, async () => {
    using folder = temporaryFolder();
    const [first, tree, second] = ["first", "tree", "second"].map((name) => `${folder.path}/${name}`);
    await succeed(`--include=${DATA}/${name}`, `--output=${first}`, "--format=rec");
    assertEquals(treeOf(first), treeOf(`${DATA}/${name}`));
    await succeed(`--include=${first}`, `--output=${tree}`);
    assertEquals(treeOf(tree), expectedTree(name));
    for (const engine of ["wasm", "ts"]) {
      for (const jobs of [1, 2, 5]) {
        const output = `${second}${engine}${jobs}`;
        const finished = await runProcess(
          ...[`--include=${tree}`, `--output=${output}`, "--format=rec", `--engine=${engine}`, `--jobs=${jobs}`],
        );
        assertEquals(finished.code, 0, finished.stderr);
        await succeed("verify", `--include=${output}`);
        await succeed(`--include=${output}`, `--output=${output}/../tree${engine}${jobs}`);
        assertEquals(treeOf(`${folder.path}/tree${engine}${jobs}`), expectedTree(name));
      }
    }
  });
}

Deno.test("people with names are numbered, and classes.tsv lies beside train.rec", async () => {
  using folder = temporaryFolder();
  await succeed(`--include=${DATA}/glint_mini`, `--output=${folder.path}/tree`);
  for (const [label, name] of [[0, "Ann"], [1, "Bob"], [2, "Cem"]] as const) {
    copyFolder(`${folder.path}/tree/id_${label}`, `${folder.path}/people/${name}`);
  }
  await succeed(`--include=${folder.path}/people`, `--output=${folder.path}/out`, "--format=rec");
  assertEquals(
    Deno.readTextFileSync(`${folder.path}/out/classes.tsv`),
    "label\tname\n0\tAnn\n1\tBob\n2\tCem\n",
  );
  assertEquals(Deno.readTextFileSync(`${folder.path}/out/property`), "3,112,112\n");
  await succeed("verify", `--include=${folder.path}/out`);
  const list = `${folder.path}/faces.lst`;
  Deno.writeTextFileSync(list, "0\t2\ttree/id_1/1_2.jpg\n1\t0\ttree/id_0/0_0.jpg\n");
  await succeed(`--include=${list}`, `--output=${folder.path}/listed`, "--format=rec", "--layout=flat");
  const { stdout } = await runUnrec("ls", `--include=${folder.path}/listed`, "--json");
  assertEquals(
    stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).map(({ key, label }) => [key, label]),
    [[0, 2], [1, 0]],
  );
});

Deno.test("some of the images: what was chosen, as dense records, and a list of their keys", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${DATA}/glint_mini`, "--labels=3-5,20", "--max-per-label=2"];
  await succeed(...args, `--output=${folder.path}/rec`, "--format=rec", `--list=${folder.path}/list`);
  await succeed("verify", `--include=${folder.path}/rec`);
  await succeed(...args, `--output=${folder.path}/tree`);
  await succeed(`--include=${folder.path}/rec`, `--output=${folder.path}/again`);
  const sums = (tree: string) => treeOf(`${folder.path}/${tree}`).map((line) => line.slice(0, 64)).sort();
  assertEquals(sums("again"), sums("tree"));
  const lines = Deno.readTextFileSync(`${folder.path}/list`).trimEnd().split("\n").slice(1);
  assertEquals(lines.map((line) => line.split("\t")[0]), lines.map((_, i) => `train.rec/${i + 1}`));
  for (const [i, line] of lines.entries()) {
    const { stdout } = await runUnrec("get", `${i + 1}`, `--include=${folder.path}/rec`, `--output=${folder.path}/one`);
    assert(stdout !== undefined);
    assertEquals(Deno.statSync(`${folder.path}/one`).size, Number(line.split("\t")[5]));
    Deno.removeSync(`${folder.path}/one`);
  }
});

Deno.test("a label that is no whole number is refused, and another format can be given", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  const args = [`--include=${DATA}/cases/fraction_labels`, "--quiet"];
  assertSays(
    await runUnrec(...args, `--output=${output}`, "--format=rec"),
    "its label is 0.25, and only whole numbers are written",
    "give --format=folder and another --output",
  );
  assertEquals(exists(`${output}/train.rec`), false);
  await succeed(...args, `--output=${folder.path}/other`, "--format=folder");
});

Deno.test("several labels are refused in the flat layout, and the way out can be pasted", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${DATA}/cases/several_labels`, `--output=${folder.path}/out`, "--format=rec", "--quiet"];
  const refused = await runUnrec(...args, "--layout=flat");
  assertSays(refused, "labels, and in the flat layout there is one for each image");
  assertEquals(exists(`${folder.path}/out/train.rec`), false);
  const pasted = await paste(commandAfter(refused.stderr, "write all anew in the identity layout with"));
  assertEquals(pasted.code, 0, pasted.stderr);
  assertEquals(exists(`${folder.path}/out/train.rec`), true);
});

Deno.test("what does not go with it is said before anything is written", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${DATA}/glint_mini`, `--output=${folder.path}/out`];
  for (
    const [options, why] of [
      [["--layout=flat"], "--layout is for --format=rec, and this is --format=folder"],
      [["--format=rec", "--name={number}"], "--name is for --format="],
      [["--format=rec", "--shard-images=9"], "--shard-images is for --format="],
    ] as const
  ) {
    const finished = await runUnrec(...args, ...options);
    assertEquals(finished.code, 2, finished.stderr);
    assertStringIncludes(finished.stderr, why);
    assertEquals(exists(`${folder.path}/out/train.rec`), false);
  }
});

Deno.test("killed at any moment, the same command goes on, and the bytes are the same", async () => {
  using folder = temporaryFolder("/dev/shm");
  const records = `${folder.path}/in`;
  writeDataset(records, faces({ identities: 500, images: 60_000, bytes: [1000, 2000], record0: "first" }));
  const whole = treeOf(records).map((line) => line.slice(0, 64)).sort();
  for (const layout of ["identity", "flat"]) {
    const output = `${folder.path}/${layout}`;
    const args = [`--include=${records}`, "--format=rec", `--layout=${layout}`, "--chunk-size=256K"];
    const part = `${output}/.train.rec.part`;
    const written = () => exists(part) ? Deno.statSync(part).size : exists(`${output}/train.rec`) ? Infinity : 0;
    let killed = 0;
    for (let megabytes = 1; megabytes < 80; megabytes += 16) {
      const { signal } = await watch(
        [...args, `--output=${output}`],
        () => written() >= megabytes * 1e6,
        (child) => child.kill("SIGKILL"),
      );
      if (signal === "SIGKILL") killed++;
    }
    assert(killed > 0, "no run was met in its midst");
    await succeed(...args, `--output=${output}`);
    await succeed(...args, `--output=${output}_at_once`);
    assertEquals(treeOf(output), treeOf(`${output}_at_once`));
    await succeed("verify", `--include=${output}`);
    if (layout === "identity") {
      const names = ["train.rec", "train.idx"];
      const sums = treeOf(output).filter((line) => names.includes(line.slice(66))).map((line) => line.slice(0, 64));
      assert(sums.every((sum) => whole.includes(sum)));
    }
  }
});

testUnless(WHY_NO_SMALL_DISK, "a full disk: one line, and with more room it goes on", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  using disk = mountSmall(output, "size=280k");
  const args = [`--include=${DATA}/glint_mini`, "--format=rec", `--output=${output}`];
  const early = await runUnrec(...args);
  assertEquals(early.code, 1);
  assertStringIncludes(early.stderr, "--no-space-check");
  const full = await runUnrec(...args, "--no-space-check");
  assertEquals(full.code, 1);
  const [line, ...others] = complaints(full);
  assert(line.startsWith(`unrec: Cannot write ${output}/train.rec: the disk is full`), line);
  assertEquals(others, []);
  disk.remount("size=1m");
  await succeed(...args);
  assertEquals(treeOf(output), treeOf(`${DATA}/glint_mini`));
});

Deno.test("run again when all is written, it says so; with other options it is refused, and --restart begins anew", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`, "--format=rec"];
  await succeed(...args, "--fsync");
  const before = treeOf(output);
  assertStringIncludes(await succeed(...args), "Already complete");
  assertEquals(treeOf(output), before);
  const other = await runUnrec(...args, "--layout=flat");
  assertEquals(other.code, 1);
  assertStringIncludes(other.stderr, "the layout was identity and is flat");
  await succeed(...args, "--layout=flat", "--restart");
  await succeed("verify", `--include=${output}`);
  await succeed(`--include=${output}`, `--output=${folder.path}/tree`);
  assertEquals(treeOf(`${folder.path}/tree`), expectedTree("glint_mini"));
});
