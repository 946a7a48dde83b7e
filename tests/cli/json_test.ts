/** `--json`: one object on standard output with the same keys, however a run ends. */
import { assert, assertEquals } from "@std/assert";
import { haltWhen, letGoOn, MANY, writeMany } from "../halt.ts";
import { testUnless, WHY_NO_LINUX, WHY_NO_UNIX } from "../needs.ts";
import { complaints, type Finished, runUnrec, startUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists } from "../tree.ts";
import { encodeRecord } from "../write_dataset.ts";

const DAMAGED = `${DATA}/cases/damage_in_the_middle`;

/** Asserts that one line was printed, an object, and gives it. */
function objectOf({ stdout, stderr }: Finished): Record<string, unknown> {
  assert(stdout.endsWith("\n") && stdout.indexOf("\n") === stdout.length - 1, `${stdout} ${stderr}`);
  const object = JSON.parse(stdout);
  assertEquals(typeof object, "object");
  return object;
}

/** Asserts that an error is the same in JSON and on standard error. */
function assertError(finished: Finished): void {
  const { error } = objectOf(finished);
  assertEquals(complaints(finished).filter((line) => !line.startsWith("unrec: Warning: ")), [`unrec: ${error}`]);
}

/** Starts a command, sends it a signal when something has come to be, and lets it end. */
async function interrupted(args: string[], hasBegun: (child: Deno.ChildProcess) => boolean): Promise<Finished> {
  const child = startUnrec(args);
  await haltWhen(child.pid, () => hasBegun(child));
  child.kill("SIGTERM");
  letGoOn(child.pid);
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

testUnless(WHY_NO_UNIX, "decode --json: complete, already complete, lost, failed, interrupted, dry", async () => {
  using folder = temporaryFolder();
  const output = `--output=${folder.path}/images`;
  const run = (...args: string[]) => runUnrec(...args, "--json");
  const include = `--include=${DATA}/glint_mini`;
  using many = temporaryFolder("/dev/shm");
  writeMany(`${many.path}/faces`);
  const damagedTar = makeTar({ names: ["header_last"] });
  Deno.writeFileSync(`${folder.path}/a.tgz`, damagedTar.subarray(0, damagedTar.length - 1000));
  Deno.writeFileSync(`${folder.path}/b.tgz`, damagedTar);
  const runs: [string, number, Finished][] = [
    ["dry-run", 0, await run(include, output, "--dry-run")],
    ["dry-run", 0, await run(include, "--dry-run")],
    ["complete", 0, await run(include, output)],
    ["complete", 0, await run(`--include=${folder.path}/b.tgz`, `${output}-archive`)],
    ["already-complete", 0, await run(include, output)],
    ["already-complete", 0, await run(include, output, "--dry-run")],
    ["already-complete", 0, await run(`--include=${folder.path}/b.tgz`, `${output}-archive`)],
    ["failed", 1, await run(`--include=${DAMAGED}`, `${output}2`)],
    ["failed", 1, await run(`--include=${DAMAGED}`, `${output}2`)],
    ["lost", 1, await run(`--include=${DAMAGED}`, `${output}2`, "--on-error=skip")],
    ["lost", 1, await run(`--include=${DAMAGED}`, `${output}2`, "--on-error=skip")],
    ["lost", 1, await run(`--include=${DAMAGED}`, `${output}2`, "--on-error=skip", "--dry-run")],
    ["lost", 1, await run(`--include=${DATA}/cases/gap_damaged`, `${output}3`, "--on-error=skip")],
    ["failed", 1, await run(`--include=${folder.path}/none`, output)],
    ["failed", 1, await run(include, output, "--relabel")],
    ["failed", 1, await run(include, `--output=${DATA}/header_last/train.rec/x`)],
    ["failed", 1, await run(`--include=${DATA}/cases/empty_range`, `${output}4`)],
    ["failed", 1, await run(`--include=${folder.path}/a.tgz`, `${output}5`)],
    ["failed", 1, await run(`--include=${folder.path}/a.tgz`, `${output}6`, "--on-error=skip")],
    [
      "interrupted",
      143,
      await interrupted(
        [`--include=${many.path}/faces`, `--output=${many.path}/images`, "--jobs=2", "--json"],
        () => exists(`${many.path}/images/id_0/0_0.jpg`),
      ),
    ],
  ];
  const keys = Object.keys(objectOf(runs[0][2]));
  const SECOND_LOST_RUN = 1 + runs.findIndex(([status]) => status === "lost");
  for (const [i, [status, code, finished]] of runs.entries()) {
    const object = objectOf(finished);
    assertEquals(Object.keys(object), keys, `run ${i}`);
    assertEquals([object.status, finished.code], [status, code], `run ${i}: ${finished.stderr}`);
    assertEquals(object.error === null, status !== "failed");
    if (status === "failed") assertError(finished);
    // The second run of what had lost something finds that all else is there.
    assertEquals(object.alreadyComplete, status === "already-complete" || i === SECOND_LOST_RUN);
  }
  const { images, totalImages } = objectOf(runs.at(-1)![2]);
  assert(images as number > 0 && images as number < MANY && totalImages === MANY, `${images} of ${totalImages}`);
  // What was written before a failure is counted.
  assertEquals([objectOf(runs[7][2]).images, objectOf(runs[8][2]).images], [20, 20]);
});

/** Makes a file without an end of records to be read, for runs that are to be stopped; linux only. */
function makeEndless(folder: string): void {
  Deno.mkdirSync(folder);
  using file = Deno.openSync(`${folder}/train.rec`, { create: true, write: true });
  file.writeSync(encodeRecord({ key: 1, label: 1, image: new Uint8Array(40) }));
  file.truncateSync(2 ** 42);
  Deno.writeTextFileSync(`${folder}/train.idx`, "1\t0\n");
}

/** Whether a process has a file open. */
function hasOpen(pid: number, path: string): boolean {
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      if (Deno.readLinkSync(`/proc/${pid}/fd/${name}`) === path) return true;
    } catch {
      // It was closed meanwhile.
    }
  }
  return false;
}

for (
  const [command, ends] of [
    ["index", (folder: string) => [[`${folder}/good`, 0], [`${folder}/damaged`, 1], [`${folder}/none`, 1]]],
    ["verify", (folder: string) => [[`${folder}/good`, 0], [`${folder}/damaged`, 1], [`${folder}/none`, 1]]],
  ] as [string, (folder: string) => [string, number][]][]
) {
  testUnless(WHY_NO_LINUX, `${command} --json: well, not well, failed, interrupted`, async () => {
    using folder = temporaryFolder();
    for (const [name, from] of [["good", `${DATA}/glint_mini`], ["damaged", DAMAGED]]) {
      Deno.mkdirSync(`${folder.path}/${name}`);
      for (const file of ["train.rec", "train.idx"]) {
        Deno.copyFileSync(`${from}/${file}`, `${folder.path}/${name}/${file}`);
      }
    }
    makeEndless(`${folder.path}/endless`);
    const runs: [number, Finished][] = [];
    for (const [path, code] of ends(folder.path)) {
      runs.push([code, await runUnrec(command, `--include=${path}`, "--json")]);
    }
    // What was done before the failure is told, and both ways of damage.
    runs.push([1, await runUnrec(command, `--include=${folder.path}/good,${folder.path}/none`, "--json")]);
    if (command === "index") {
      runs.push([1, await runUnrec(command, `--include=${folder.path}/damaged`, "--json", "--on-error=skip")]);
    } else {
      const tree = `--output=${folder.path}/tree`;
      runs.push([1, await runUnrec(command, `--include=${folder.path}/good`, tree, "--json")]);
      assertEquals((await runUnrec(`--include=${folder.path}/good`, tree)).code, 0);
      runs.push([0, await runUnrec(command, `--include=${folder.path}/good`, tree, "--json")]);
      runs.push([0, await runUnrec(command, `--include=${folder.path}/good`, "--checksums", "--json")]);
    }
    const how = command === "index" ? ["--on-error=skip"] : ["--jobs=1"];
    const endless = `${folder.path}/endless/train.rec`;
    runs.push([
      143,
      await interrupted(
        [command, `--include=${folder.path}/endless`, "--json", ...how],
        ({ pid }) => hasOpen(pid, endless),
      ),
    ]);
    const keys = Object.keys(objectOf(runs[0][1]));
    for (const [i, [code, finished]] of runs.entries()) {
      assertEquals(finished.code, code, `run ${i}: ${finished.stderr}`);
      const object = objectOf(finished);
      assertEquals(Object.keys(object), keys, `run ${i}`);
      if (object.error !== null && code === 1) assertError(finished);
      if (code === 0) assertEquals(object.error, null);
    }
  });
}
