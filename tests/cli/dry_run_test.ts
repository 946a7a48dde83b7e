/** `--dry-run` says what the real run would say, and writes nothing whatever else is given. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless } from "../needs.ts";
import { complaints, type Finished, runUnrec } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** All that is below a folder, with sizes and times: what anything that was written changes. */
function everythingIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    const { size, mtime } = Deno.lstatSync(path);
    return isDirectory
      ? [`${path} ${mtime!.getTime()}`, ...everythingIn(path)]
      : [`${path} ${size} ${mtime!.getTime()}`];
  }).sort();
}

/** Runs a command, first dry, and asserts that nothing is written then. */
async function both(folder: string, ...args: string[]): Promise<{ dry: Finished; real: Finished }> {
  const before = everythingIn(folder);
  const dry = await runUnrec(...args, "--dry-run");
  assertEquals(everythingIn(folder), before, `${args}`);
  return { dry, real: await runUnrec(...args) };
}

/** Asserts that both end alike and say the same; what is said to be run has the option too, of course. */
function assertAlike({ dry, real }: { dry: Finished; real: Finished }, name: string): void {
  const said = (finished: Finished) =>
    // What is free there changes a little: the real run has its journal by then.
    complaints(finished).map((line) =>
      line.replaceAll(" --dry-run", "").replace(/[\d.]+( MB)? are free/, "so many are free")
    );
  assertEquals([dry.code, said(dry)], [real.code, said(real)], name);
}

/** 400 images of 4 KiB blocks in 20 folders. */
function makeFaces(folder: string): string {
  writeDataset(folder, faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" }));
  return `--include=${folder}`;
}

for (const [name, options] of [["bytes", "size=1m"], ["inodes", "size=8m,nr_inodes=300"]]) {
  testUnless(
    WHY_NO_SMALL_DISK,
    `--dry-run: too few ${name}, before the output is there and after it was begun`,
    async () => {
      using folder = temporaryFolder();
      const include = makeFaces(`${folder.path}/faces`);
      const disk = `${folder.path}/disk`;
      using _mounted = mountSmall(disk, options);
      for (const output of [disk, `${disk}/new/images`]) {
        const runs = await both(disk, include, `--output=${output}`, "--quiet");
        assertAlike(runs, output);
        assertEquals([runs.real.code, complaints(runs.real).length], [1, 1]);
        assert(/: they need about .* are free there; make room, or begin all the same with: /.test(runs.real.stderr));
      }
      const output = `--output=${disk}/images`;
      assertEquals((await runUnrec(include, output, "--chunk-size=1K", "--no-space-check", "--quiet")).code, 1);
      assertAlike(await both(disk, include, output, "--quiet"), "begun");
      const all = await runUnrec(include, output, "--no-space-check", "--dry-run", "--json");
      assertEquals([all.code, JSON.parse(all.stdout).images], [0, 400]);
    },
  );
}

Deno.test("--dry-run: foreign files, another run, already complete, a run that did not end", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`, "--quiet"];
  Deno.mkdirSync(`${output}/mine`, { recursive: true });
  const foreign = await both(folder.path, ...args);
  assertAlike(foreign, "foreign files");
  assertEquals(foreign.dry.code, 1);
  const among = await both(folder.path, ...args, "--overwrite");
  assertEquals([among.dry.code, among.real.code, among.dry.stderr], [0, 0, ""]);

  const complete = await both(folder.path, ...args);
  assertAlike(complete, "already complete");
  assertEquals([complete.dry.code, complete.dry.stdout], [0, complete.real.stdout]);
  const json = await both(folder.path, ...args, "--json");
  const [dry, real] = [json.dry, json.real].map(({ stdout }) => JSON.parse(stdout));
  assertEquals([dry.status, dry.images, dry.dryRun], [real.status, real.images, true]);

  for (
    const other of [
      ["--include", `${DATA}/header_last`],
      ["--include", `${DATA}/glint_mini`, "--relabel"],
      ["--include", `${DATA}/glint_mini,${DATA}/second_source`],
    ]
  ) {
    const runs = await both(folder.path, ...other, `--output=${output}`, "--quiet");
    assertAlike(runs, `${other}`);
    assertEquals(runs.dry.code, 1);
  }
  // Begun anew it would be written.
  const anew = await both(folder.path, ...args, "--restart");
  assertEquals([anew.dry.code, anew.real.code], [0, 0]);
});

Deno.test("--dry-run: what is in the way of a format is said as without it, and no way out that is none", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const name of ["tree/id_0", "records", "parent"]) Deno.mkdirSync(`${path}/${name}`, { recursive: true });
  for (const name of ["records/train.rec", "file"]) Deno.writeTextFileSync(`${path}/${name}`, "mine");
  for (
    const [format, output, why] of [
      ["rec", "tree", "it holds the folder id_0, and trainers read train.rec and no folder where there are both"],
      ["rec --layout=flat --shuffle", "tree", "it holds the folder id_0, and trainers read train.rec and no folder"],
      ["folder", "records", "it holds train.rec, which trainers read in place of them"],
      ["folder", "file", "it exists already, and is no folder"],
      ["rec", "file", "it exists already, and is no folder"],
      ["webdataset", "file", "it exists already, and is no folder"],
      ["webdataset", "file/shards", "a part of the path is not a directory"],
      ["tar", "parent", "it is a directory"],
      ["tar", "new/", "that is the name of a folder, and all images go to one file"],
      ["list", "none/list", `there is no folder ${path}/none`],
      ["list", "file", "it is there already"],
    ]
  ) {
    const args = [`--include=${DATA}/glint_mini`, `--output=${path}/${output}`, "--quiet"];
    const runs = await both(path, ...args, ...`--format=${format}`.split(" "));
    assertAlike(runs, `${format} to ${output}`);
    assertEquals(runs.dry.code, 1);
    assertStringIncludes(runs.dry.stderr, why);
    assertEquals(runs.dry.stderr.includes("--overwrite"), why === "it is there already");
  }
});

Deno.test("--dry-run: missing keys and identity records with --on-error=skip", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  const include = makeFaces(dataset);
  const index = Deno.readTextFileSync(`${dataset}/train.idx`);
  for (const [i, gone] of [[5, 6, 7, 30], [403, 404], [5, 403]].entries()) {
    const lines = index.split("\n").filter((line) => !gone.includes(Number(line.split("\t")[0] || NaN)));
    Deno.writeTextFileSync(`${dataset}/train.idx`, lines.join("\n"));
    const args = [include, `--output=${folder.path}/images${i}`, "--quiet"];
    assertAlike(await both(folder.path, ...args), `${gone}`);
    const runs = await both(folder.path, ...args, "--on-error=skip", "--json");
    const [dry, real] = [runs.dry, runs.real].map(({ stdout }) => JSON.parse(stdout));
    assertEquals([runs.dry.code, runs.real.code, dry.status, real.status], [1, 1, "lost", "lost"]);
    const lostOf = ({ lost: [{ images, places, identities }] }: typeof dry) => ({ images, places, identities });
    assertEquals([dry.images, lostOf(dry)], [real.images, lostOf(real)]);
    // What was lost once is known then, dry or not.
    const again = await both(folder.path, ...args, "--on-error=skip");
    assertAlike(again, `${gone} again`);
  }
});

Deno.test("--dry-run writes nothing whatever else is given", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  const output = `${folder.path}/images`;
  const damaged = `${DATA}/cases/damage_in_the_middle`;
  assertEquals((await runUnrec(`--include=${damaged}`, `--output=${output}`)).code, 1);
  for (
    const args of [
      [`--include=${damaged}`, "--on-error=skip", "--lost-tsv"],
      [`--include=${damaged}`, "--restart"],
      [`--include=${damaged}`, "--restart", "--on-error=skip", "--lost-tsv", "--fsync"],
      [`--include=${damaged}`, "--overwrite"],
      [`--include=${DATA}/cases/index_cut`, "--restart", "--on-error=skip", "--lost-tsv"],
      [`--include=${folder.path}/a.tgz`, `--keep-rec=${folder.path}/kept`],
      [`--include=${folder.path}/a.tgz`, `--keep-rec=${folder.path}/kept`, "--restart"],
      [`--include=${folder.path}/a.tgz`, `--keep-rec=${folder.path}/kept`, "--relabel", "--restart", "--fsync"],
      [`--include=${DATA}/glint_mini,${DATA}/second_source`, "--relabel", "--restart", "--jobs=3"],
    ]
  ) {
    for (const to of [output, `${folder.path}/new/images`]) {
      const before = everythingIn(folder.path);
      const finished = await runUnrec(...args, `--output=${to}`, "--dry-run");
      assert([0, 1].includes(finished.code), finished.stderr);
      assertEquals(everythingIn(folder.path), before, `${args}`);
    }
  }
  // Nor without an output.
  const before = everythingIn(folder.path);
  for (const more of [[`--include=${damaged}`, "--lost-tsv", "--on-error=skip"], [`--include=${folder.path}/a.tgz`]]) {
    assertEquals((await runUnrec(...more, "--dry-run")).code, 0, `${more}`);
  }
  assertEquals(everythingIn(folder.path), before);
});
