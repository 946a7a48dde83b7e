/** Disks that are too small, cannot be written or vanish, and links that lead out of the output. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { haltWhen, letGoOn, writeMany } from "../halt.ts";
import { testUnless } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, type Finished, runUnrec, startUnrec } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { exists, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** 400 images that take a block of 4 KiB each, in 20 folders, and a task for every fourth. */
function makeFaces(folder: string): string {
  writeDataset(folder, faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" }));
  return `--include=${folder}`;
}

const SMALL_TASKS = ["--chunk-size=1K", "--quiet"];

function assertStopped(finished: Finished, ...parts: string[]): void {
  const lines = complaints(finished);
  assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
  assert(lines[0].startsWith("unrec: Cannot "), lines[0]);
  for (const part of parts) assertStringIncludes(lines[0], part);
}

/** Asserts that the same command goes on to the whole tree. */
async function assertGoesOn(args: string[], output: string): Promise<void> {
  const { code, stdout, stderr } = await runUnrec(...args, "--json");
  assertEquals([code, stderr], [0, ""]);
  const { images, labels, resumedImages } = JSON.parse(stdout);
  assertEquals([images, labels], [400, 20]);
  assert(resumedImages > 0, stdout);
  using folder = temporaryFolder();
  const whole = `${folder.path}/whole`;
  assertEquals((await runUnrec(args[0], `--output=${whole}`)).code, 0);
  assertEquals(treeOf(output), treeOf(whole));
}

for (
  const [name, options, more, why] of [
    ["bytes", "size=1m", "size=8m", "they need about 1.7 MB, and 1.0 MB are free there"],
    ["inodes", "size=8m,nr_inodes=300", "nr_inodes=1000", "they need about 420 inodes, one a file or folder, and 2"],
  ]
) {
  for (const jobs of [1, 2]) {
    testUnless(
      WHY_NO_SMALL_DISK,
      `too few ${name}: said before the first image; begun all the same it is gone on with, ${jobs} jobs`,
      async () => {
        using folder = temporaryFolder();
        const output = `${folder.path}/disk`;
        using disk = mountSmall(output, options);
        const args = [makeFaces(`${folder.path}/faces`), `--output=${output}`, `--jobs=${jobs}`, ...SMALL_TASKS];
        assertStopped(
          await runUnrec(...args),
          `Cannot write 400 images to ${output}: ${why}`,
          "; make room, or begin all the same with: ",
        );
        assertEquals(treeOf(output), []);

        assertStopped(
          await runUnrec(...args, "--no-space-check"),
          "the disk is full (no space or no inodes left)",
          "when that is put right, the same command goes on from there: ",
        );
        const before = treeOf(output).length;
        assert(before > 100, `${before} files`);
        // What is there need not be written again, so room for the rest is enough.
        assertStopped(await runUnrec(...args), "; make room");
        disk.remount(more);
        await assertGoesOn(args, output);
      },
    );
  }
}

for (const layout of ["without property", "with property"]) {
  testUnless(
    WHY_NO_SMALL_DISK,
    `too few inodes for the folders of a flat set ${layout}: said before the first image`,
    async () => {
      using folder = temporaryFolder();
      const output = `${folder.path}/disk`;
      // Enough for the images, and for their folders if these were one.
      using disk = mountSmall(output, "size=8m,nr_inodes=450");
      const image = new Uint8Array(100);
      writeDataset(`${folder.path}/flat`, Array.from({ length: 300 }, (_, key) => ({ key, label: key, image })));
      if (layout === "with property") Deno.writeTextFileSync(`${folder.path}/flat/property`, "300,112,112\n");
      const args = [`--include=${folder.path}/flat`, `--output=${output}`, ...SMALL_TASKS];
      const refused = await runUnrec(...args);
      assertStopped(
        refused,
        "they need about 600 inodes, one a file or folder, and 4",
        "; make room, or begin all the same",
      );
      assertEquals(treeOf(output), []);
      // Told so, it begins, and fills the disk; then there is room.
      const begun = await paste(commandAfter(refused.stderr, "begin all the same with"));
      assertStopped(begun, "the disk is full");
      disk.remount("nr_inodes=1000");
      const { code, stderr } = await paste(commandAfter(begun.stderr, "the same command goes on from there"));
      assertEquals([code, treeOf(output).length], [0, 300], stderr);
    },
  );
}

testUnless(WHY_NO_SMALL_DISK, "a file system that becomes read-only", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/disk`;
  using disk = mountSmall(output, "size=1m");
  const args = [makeFaces(`${folder.path}/faces`), `--output=${output}`, "--jobs=2", ...SMALL_TASKS];
  assertStopped(await runUnrec(...args, "--no-space-check"), "the disk is full");
  disk.remount("ro,size=8m");
  assertStopped(await runUnrec(...args), "the file system is read-only");
  disk.remount("rw");
  await assertGoesOn(args, output);
});

const WHY_NOT_CLOSED = Deno.uid() === 0 ? "the superuser may write everywhere" : undefined;

testUnless(WHY_NOT_CLOSED, "an output folder that cannot be written to", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  Deno.mkdirSync(output, { mode: 0o555 });
  const args = [makeFaces(`${folder.path}/faces`), `--output=${output}`, ...SMALL_TASKS];
  assertStopped(await runUnrec(...args), ".unrec-journal: permission denied");
});

for (const what of ["removed", "replaced"]) {
  Deno.test(`an output folder that is ${what} midway`, async () => {
    using folder = temporaryFolder("/dev/shm");
    const output = `${folder.path}/images`;
    writeMany(`${folder.path}/faces`);
    const child = startUnrec([`--include=${folder.path}/faces`, `--output=${output}`, "--jobs=1", ...SMALL_TASKS]);
    await haltWhen(child.pid, () => exists(`${output}/id_0/0_0.jpg`));
    Deno.renameSync(output, `${output}.gone`);
    if (what === "replaced") { for (let i = 0; i < 20; i++) Deno.mkdirSync(`${output}/id_${i}`, { recursive: true }); }
    letGoOn(child.pid);
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    const said = { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    const gone = `${output} is not there any more, so the same command writes all again`;
    const replaced = "its journal is gone, so the folder was removed, replaced or unmounted meanwhile";
    assertStopped(said, ...what === "removed" ? [gone] : [replaced, "the same command writes all again"]);
    assertEquals(exists(output), what === "replaced");
  });
}

Deno.test("links in the output are not followed", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const outside = `${folder.path}/outside`;
  Deno.mkdirSync(`${output}/id_3`, { recursive: true });
  Deno.mkdirSync(outside);
  Deno.writeTextFileSync(`${outside}/precious`, "kept");
  // One job, for another one would make what comes after the link.
  const args = [makeFaces(`${folder.path}/faces`), `--output=${output}`, "--overwrite", ...SMALL_TASKS, "--jobs=1"];
  for (
    const [link, target, what] of [
      [`${output}/id_3/3_60.jpg`, `${outside}/precious`, "Cannot write"],
      [`${output}/id_3/3_60.jpg`, `${outside}/made`, "Cannot write"],
      [`${output}/id_7`, outside, "Cannot make the folder"],
    ]
  ) {
    Deno.symlinkSync(target, link);
    assertStopped(
      await runUnrec(...args),
      `${what} ${link}: it is a symbolic link, and links in the output are not followed; remove it`,
    );
    Deno.removeSync(link);
    assertEquals(Array.from(Deno.readDirSync(outside), ({ name }) => name), ["precious"]);
    assertEquals(Deno.readTextFileSync(`${outside}/precious`), "kept");
  }
  await assertGoesOn(args, output);
});
