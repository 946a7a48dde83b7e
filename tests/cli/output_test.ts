/** The output: nothing in it is followed or written through, a failed write leaves no part, a list of losses is true. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless, WHY_NO_UNIX } from "../needs.ts";
import { commandAfter, paste, UNREC } from "../paste.ts";
import { haltWhen, letGoOn, MANY, writeMany } from "../halt.ts";
import { complaints, type Finished, RUN, runUnrec, startUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, expectedTree, JOURNAL, treeOf } from "../tree.ts";
import { encodeRecord, faces, type TestRecord, writeDataset } from "../write_dataset.ts";

const GLINT = `--include=${DATA}/glint_mini`;

/** Asserts that it ended with one line that says why. */
function assertRefused(finished: Finished, code: number, ...parts: string[]): void {
  const lines = complaints(finished);
  assertEquals([finished.code, finished.stdout, lines.length], [code, "", 1], finished.stderr);
  for (const part of parts) assertStringIncludes(lines[0], part);
}

/** All files below a folder by their names and bytes, the journal among them. */
function filesOf(folder: string): string[] {
  return [...treeOf(folder), Deno.readTextFileSync(`${folder}/${JOURNAL}`)];
}

Deno.test("a backup made of links stays as it is, whatever is done with the output", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const backup = `${folder.path}/backup`;
  const args = [`--output=${output}`, "--chunk-size=512", "--quiet"];
  const other = `${folder.path}/other`;
  writeDataset(other, faces({ identities: 24, images: 82, bytes: [10, 90], record0: "first" }));
  assertEquals((await runUnrec(GLINT, ...args)).code, 0);
  // As a run leaves it that was killed.
  const journal = Deno.readTextFileSync(`${output}/${JOURNAL}`).split(/(?<=\n)/);
  Deno.writeTextFileSync(`${output}/${JOURNAL}`, journal.slice(0, 5).join("") + "half a l");
  new Deno.Command("cp", { args: ["-al", output, backup] }).outputSync();
  assertEquals(Deno.statSync(`${backup}/id_0/0_0.jpg`).nlink, 2);
  const before = filesOf(backup);
  for (
    const [name, more] of [
      ["it goes on", [GLINT]],
      ["it is complete", [GLINT]],
      ["it begins anew", [GLINT, "--restart"]],
      ["it begins anew with something else", [`--include=${other}`, "--restart"]],
    ] as [string, string[]][]
  ) {
    const { code, stderr } = await runUnrec(...more, ...args);
    assertEquals([code, filesOf(backup)], [0, before], `${name}: ${stderr}`);
  }
  Deno.removeSync(output, { recursive: true });
  new Deno.Command("cp", { args: ["-al", backup, output] }).outputSync();
  Deno.removeSync(`${output}/${JOURNAL}`);
  const overwritten = await runUnrec(`--include=${other}`, ...args, "--overwrite");
  assertEquals([overwritten.code, filesOf(backup)], [0, before], overwritten.stderr);
});

Deno.test("a journal that another name leads to is gone on with by one at a time", async () => {
  using folder = temporaryFolder("/dev/shm");
  const output = `${folder.path}/images`;
  assertEquals((await runUnrec(GLINT, `--output=${output}`)).code, 0);
  Deno.linkSync(`${output}/${JOURNAL}`, `${folder.path}/backup`);
  using held = Deno.openSync(`${output}/${JOURNAL}`, { write: true });
  assertEquals(held.tryLockSync(true), true);
  assertRefused(await runUnrec(GLINT, `--output=${output}`, "--restart"), 1, "another unrec is writing there");
  held.unlockSync();
  // The copy that is written to is held too, while the run lasts.
  writeMany(`${folder.path}/faces`);
  const args = [`--include=${folder.path}/faces`, `--output=${output}`, "--restart"];
  const child = startUnrec(args);
  await haltWhen(child.pid, () => exists(`${output}/id_19`) && !exists(`${output}/id_23`));
  assertRefused(await runUnrec(...args), 1, "another unrec is writing there");
  letGoOn(child.pid);
  assertEquals((await child.output()).code, 0);
  assertEquals(Deno.statSync(`${output}/${JOURNAL}`).nlink, 1);
  assertEquals(Array.from(Deno.readDirSync(output)).filter(({ name }) => name.startsWith(".")).length, 1);
});

testUnless(WHY_NO_UNIX, "removing an old tree can be stopped, and the same command goes on with that", async () => {
  using folder = temporaryFolder("/dev/shm");
  writeMany(`${folder.path}/faces`);
  const output = `${folder.path}/images`;
  const args = [`--include=${folder.path}/faces`, `--output=${output}`, "--name={number}"];
  assertEquals((await runUnrec(...args)).code, 0);
  // All files are in one folder.
  const left = () => Array.from(Deno.readDirSync(output)).length - 1;
  const child = startUnrec([...args, "--restart"]);
  await haltWhen(child.pid, () => left() < MANY);
  child.kill("SIGINT");
  letGoOn(child.pid);
  const { code, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr);
  assertEquals(code, 130, said);
  assert(left() > 0 && left() < MANY, `${left()} left: ${said}`);
  assertStringIncludes(said, "Interrupted: 0 images (of 40,000) written");
  const again = await paste(commandAfter(said, "to go on"));
  assertEquals([again.code, left()], [0, MANY], again.stderr);
  assertEquals(/^images +40,000$/m.test(again.stdout), true, again.stdout);
  assert(!again.stderr.includes("Going on"), again.stderr);
});

/** A dataset whose record of a row is damaged, and what mends it. */
function makeDamaged(folder: string, rows: number[]): (row: number) => void {
  const records: TestRecord[] = [...faces({ identities: 4, images: 40, bytes: [10, 90], record0: "first" })];
  writeDataset(folder, records);
  let time = 2e9;
  const flip = (row: number) => {
    const bytes = Deno.readFileSync(`${folder}/train.rec`);
    bytes[records.slice(0, row).reduce((sum, record) => sum + encodeRecord(record).length, 0)] ^= 1;
    Deno.writeFileSync(`${folder}/train.rec`, bytes);
    Deno.utimeSync(`${folder}/train.rec`, ++time, time);
  };
  rows.forEach(flip);
  return flip;
}

const HEADER = "file\tkey\tidentity\tnumber\tbyte\n";

Deno.test("lost.tsv: it tells of what is lost now, and is gone when nothing is", async () => {
  using folder = temporaryFolder();
  const mend = makeDamaged(`${folder.path}/faces`, [5, 20]);
  const output = `${folder.path}/images`;
  const args = [`--include=${folder.path}/faces`, `--output=${output}`, "--on-error=skip", "--quiet"];
  const keys = () => Deno.readTextFileSync(`${output}/lost.tsv`).slice(HEADER.length).match(/(?<=\t)\d+(?=\t1?\d?\d)/g);
  assertEquals((await runUnrec(...args)).code, 1);
  assertEquals(exists(`${output}/lost.tsv`), false);
  const listed = await runUnrec(...args, "--lost-tsv");
  assertStringIncludes(listed.stderr, `All 2 lost images are listed in ${output}/lost.tsv`);
  assertEquals(keys()?.[0], "5");
  const both = Deno.readTextFileSync(`${output}/lost.tsv`);
  assertEquals(both.split("\n").length, 4);
  // One is mended: a list that is there is kept true without being asked for.
  mend(5);
  const one = await runUnrec(...args);
  assertEquals(one.code, 1, one.stderr);
  assertEquals(Deno.readTextFileSync(`${output}/lost.tsv`).split("\n").length, 3);
  assertStringIncludes(both, Deno.readTextFileSync(`${output}/lost.tsv`).slice(HEADER.length));
  mend(20);
  // Nothing is done with it where nothing is to be written.
  await runUnrec(...args, "--dry-run");
  assertEquals(exists(`${output}/lost.tsv`), true);
  assertEquals((await runUnrec(...args)).code, 0);
  assertEquals(exists(`${output}/lost.tsv`), false);
  // A run that was killed after its last line had no time for it.
  Deno.writeTextFileSync(`${output}/lost.tsv`, both);
  assertStringIncludes((await runUnrec(...args)).stdout, "Already complete");
  assertEquals(exists(`${output}/lost.tsv`), false);
});

Deno.test("lost.tsv: one that this program has not written is left where nothing is lost", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  Deno.mkdirSync(output);
  for (const text of ["mine\n".repeat(20), HEADER.slice(0, -1), ""]) {
    Deno.writeTextFileSync(`${output}/lost.tsv`, text);
    assertEquals((await runUnrec(GLINT, `--output=${output}`, "--overwrite")).code, 0);
    assertEquals(Deno.readTextFileSync(`${output}/lost.tsv`), text);
  }
});

Deno.test("lost.tsv: no link is followed, and what else it is called stays as it is", async () => {
  using folder = temporaryFolder();
  makeDamaged(`${folder.path}/faces`, [5]);
  const output = `${folder.path}/images`;
  const list = `${output}/lost.tsv`;
  const args = [`--include=${folder.path}/faces`, `--output=${output}`, "--on-error=skip", "--lost-tsv", "--quiet"];
  assertEquals((await runUnrec(...args)).code, 1);
  const text = Deno.readTextFileSync(list);
  const precious = `${folder.path}/precious`;
  Deno.writeTextFileSync(precious, "kept");
  for (const link of [Deno.symlinkSync, Deno.linkSync]) {
    for (const name of ["lost.tsv", ".lost.tsv.part"]) {
      Deno.removeSync(list);
      link(precious, `${output}/${name}`);
      assertEquals((await runUnrec(...args)).code, 1);
      assertEquals([Deno.readTextFileSync(precious), Deno.readTextFileSync(list)], ["kept", text]);
      assertEquals([Deno.lstatSync(list).isFile, exists(`${output}/.lost.tsv.part`)], [true, false]);
    }
  }
  Deno.removeSync(list);
  Deno.mkdirSync(`${list}/x`, { recursive: true });
  const { code, stderr } = await runUnrec(...args);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot write ${list}: it is a directory`);
  assertEquals(exists(`${output}/.lost.tsv.part`), false);
});

Deno.test("an output that is a file, or in one, or begins with ~/: one line that says so", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/file`, "kept");
  assertRefused(
    await runUnrec(GLINT, `--output=${folder.path}/file`),
    1,
    `Cannot make the output folder ${folder.path}/file: it exists already, and is no folder`,
  );
  assertRefused(
    await runUnrec(GLINT, `--output=${folder.path}/file/images`),
    1,
    `Cannot make the output folder ${folder.path}/file/images: a part of the path is not a directory`,
  );
  Deno.symlinkSync(`${folder.path}/none`, `${folder.path}/link`);
  assertRefused(await runUnrec(GLINT, `--output=${folder.path}/link`), 1, "Cannot make the output folder");
  assertRefused(
    await runUnrec(GLINT, "--output=~/images"),
    2,
    "--output=~/images: the shell leaves that ~ as it is; give",
  );
  assertEquals(Deno.readTextFileSync(`${folder.path}/file`), "kept");
});

/** Runs a command as a user who is not the superuser, who may write everywhere. */
const asNobody = (command: string) =>
  Deno.uid() === 0 ? paste(`setpriv --reuid=65534 --regid=65534 --clear-groups ${command}`) : paste(command);

/** Why no other user can run this program here: neither the cache of modules nor the project is everybody's. */
const WHY_NOT_NOBODY = await (async () => {
  const { code, stderr } = await asNobody(`${UNREC} --version`);
  return code === 0 ? undefined : `another user cannot run it: ${stderr.split("\n")[0]}`;
})();

testUnless(WHY_NOT_NOBODY, "an output in a folder that may not be written to: one line that says so", async () => {
  // Neither the cache of modules nor the temporary folder is everybody's.
  using folder = temporaryFolder();
  Deno.chmodSync(folder.path, 0o755);
  Deno.mkdirSync(`${folder.path}/closed`, { mode: 0o555 });
  Deno.mkdirSync(`${folder.path}/locked`, { mode: 0o500 });
  if (Deno.uid() === 0) Deno.chownSync(`${folder.path}/locked`, 0, 0);
  for (
    const [output, part] of [
      ["closed/images", `Cannot make the output folder ${folder.path}/closed/images: `],
      ["closed", `Cannot write the journal ${folder.path}/closed/${JOURNAL}: `],
      ["locked/images", `${folder.path}/locked/images`],
    ]
  ) {
    assertRefused(
      await asNobody(`${UNREC} ${GLINT} --output=${folder.path}/${output}`),
      1,
      part,
      ": permission denied",
    );
  }
});

/** Why no errors can be put into a program's calls here; undefined if they can. */
const WHY_NO_FAULTS = whyNoFaults();

function whyNoFaults(): string | undefined {
  try {
    const { success, stderr } = new Deno.Command("strace", { args: ["-f", "-qq", "-o", "/dev/null", "true"] })
      .outputSync();
    return success ? undefined : new TextDecoder().decode(stderr);
  } catch (error) {
    return String(error);
  }
}

testUnless(
  WHY_NO_FAULTS,
  "a write that fails, for whatever reason and however late, leaves no part of the file",
  async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/images`;
    const image = `${output}/id_1/1_5.jpg`;
    const errors: [string, string][] = [
      ["ENOSPC", "the disk is full"],
      ["EDQUOT", "the disk quota is used up"],
      ["EIO", "the disk reports an input/output error"],
      ["ESTALE", "the file is gone from the network drive"],
      ["EFBIG", "the file is too large"],
      ["EACCES", "permission denied"],
      ["EROFS", "the file system is read-only"],
      ["ENOENT", "there is no such file or directory"],
      ["EREMOTEIO", "Remote I/O error"],
    ];
    for (const [i, [error, words]] of errors.entries()) {
      const inject = ["-f", "-qq", "-o", "/dev/null", "-P", image, "-e", `inject=write:error=${error}`];
      // One that is there already is replaced, and then there is none of it either.
      const isThere = i % 2 === 1;
      if (isThere) {
        Deno.mkdirSync(`${output}/id_1`, { recursive: true });
        Deno.writeTextFileSync(image, "an older one");
      }
      const args = [Deno.execPath(), ...RUN, GLINT, `--output=${output}`, "--jobs=1", "--overwrite", "--quiet"];
      const { code, stderr } = await new Deno.Command("strace", { args: [...inject, ...args] }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 1, said);
      assertStringIncludes(said, `Cannot write ${image}: ${words}`);
      assert(!said.includes("a part of that file is left"), said);
      assertEquals(
        treeOf(output).map((line) => line.split("  ")[1]),
        [0, 1, 2, 3, 4].map((number) => `id_${number < 2 ? 0 : 1}/${number < 2 ? 0 : 1}_${number}.jpg`),
      );
      const { code: next, stderr: why } = await runUnrec(GLINT, `--output=${output}`, "--quiet");
      assertEquals([next, treeOf(output)], [0, expectedTree("glint_mini")], why);
      Deno.removeSync(output, { recursive: true });
    }
    // What cannot be removed is told.
    const inject = ["-P", image, "-e", "inject=write:error=EIO", "-e", "inject=unlink,unlinkat:error=EIO"];
    const args = [Deno.execPath(), ...RUN, GLINT, `--output=${output}`, "--jobs=1", "--quiet"];
    const { stderr } = await new Deno.Command("strace", { args: ["-f", "-qq", "-o", "/dev/null", ...inject, ...args] })
      .output();
    assertStringIncludes(new TextDecoder().decode(stderr), "; a part of that file is left and is not whole");
  },
);
