/** What the command line says of formats, and where. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless, whyNotRun } from "../needs.ts";
import { complaints, runUnrec, startUnrec } from "../run_unrec.ts";
import { assertSays } from "../says.ts";
import { WHY_NO_PARQUET } from "../sink/parquet/why_no_parquet.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

const GLINT = `--include=${DATA}/glint_mini`;

testUnless(
  whyNotRun("tar", "--version"),
  "--format=tar --output=-: the archive on standard output, all else on standard error",
  async () => {
    using folder = temporaryFolder();
    const { code, stdout, stderr } = await startUnrec([GLINT, "--format=tar", "--output=-"]).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 0, said);
    assertStringIncludes(said, "unrec: images            82\n");
    assertStringIncludes(said, "unrec: written to        the standard output\n");
    Deno.writeFileSync(`${folder.path}/tree.tar`, stdout);
    const args = ["-xf", "tree.tar"];
    assertEquals(new Deno.Command("tar", { args, cwd: folder.path }).outputSync().success, true);
    Deno.removeSync(`${folder.path}/tree.tar`);
    assertEquals(treeOf(folder.path), expectedTree("glint_mini"));
  },
);

Deno.test("--format=tar --output=-: a reader that goes ends it with an error", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 5, images: 500, bytes: [8000, 9000], record0: "first" }));
  const child = startUnrec([`--include=${folder.path}`, "--format=tar", "--output=-", "--quiet"]);
  await child.stdout.cancel();
  const said = await new Response(child.stderr).text();
  assertEquals([(await child.status).code, said], [
    1,
    "unrec: Cannot write to the standard output: nobody reads it any more\n",
  ]);
});

Deno.test("--format=tar: a file that is there is replaced only if that is wanted", async () => {
  using folder = temporaryFolder();
  const args = [GLINT, "--format=tar", `--output=${folder.path}/tree.tar`];
  const first = await runUnrec(...args);
  assertEquals([first.code, complaints(first)], [0, []]);
  const again = await runUnrec(...args);
  assertEquals(again.code, 1);
  assertStringIncludes(
    again.stderr,
    `Cannot write ${folder.path}/tree.tar: it is there already; give another --output, or`,
  );
  assertStringIncludes(again.stderr, " --overwrite");
  assertEquals((await runUnrec(...args, "--overwrite")).code, 0);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["tree.tar"]);
});

Deno.test("--list: beside a tree and beside shards, also when all was there already", async () => {
  using folder = temporaryFolder();
  const list = `${folder.path}/images.tsv`;
  for (const format of ["folder", "webdataset"]) {
    const args = [GLINT, `--format=${format}`, `--output=${folder.path}/${format}`, `--list=${list}`];
    for (const status of [/^datasets /, /^Already complete: 82 images/]) {
      const { code, stdout, stderr } = await runUnrec(...args);
      assertEquals(code, 0, stderr);
      assert(status.test(stdout), stdout);
      const lines = Deno.readTextFileSync(list).trimEnd().split("\n");
      const path = format === "folder" ? "id_0/0_1.jpg" : "train-000000.tar/000000001.jpg";
      assertEquals([lines.length, lines[2]], [83, `${path}\t0\t2\t1\t83\t4063`]);
      Deno.removeSync(list);
    }
  }
  const form = await startUnrec([GLINT, "--format=list", "--output=-", "--list-form=insightface", "--quiet"]).output();
  assertEquals([form.code, new TextDecoder().decode(form.stdout).split("\n")[1]], [0, "1\tid_0/0_1.jpg\t0"]);
  const dry = await runUnrec(GLINT, `--output=${folder.path}/dry`, `--list=${list}`, "--dry-run");
  assertEquals([dry.code, exists(list), exists(`${folder.path}/dry`)], [0, false, false]);
});

Deno.test("--format=webdataset: what it says at the end, when it is run again, and to verify", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shards`;
  const args = [GLINT, "--format=webdataset", "--shard-images=30", `--output=${output}`];
  const first = await runUnrec(...args);
  assertEquals([first.code, complaints(first)], [0, []]);
  assert(/^labels {12}24$/m.test(first.stdout), first.stdout);
  const again = await runUnrec(...args);
  assertEquals([again.code, again.stdout], [0, `Already complete: 82 images of 24 labels in ${output}\n`]);
  assertEquals(complaints(again).length, 1);
  assertStringIncludes(again.stderr, "To be sure, write all again with: ");
  const verified = await runUnrec("verify", GLINT, `--output=${output}`);
  assertEquals(verified.code, 1);
  assertStringIncludes(verified.stderr, "its journal says that it holds files of the format webdataset");
  const other = await runUnrec(GLINT, `--output=${output}`, "--restart");
  assertEquals(other.code, 1);
  assertStringIncludes(other.stderr, "it writes webdataset, and this one folder; give another --output");
  const bad = await runUnrec(...args, "--prefix=a/b");
  assertEquals(bad.code, 2);
  assertStringIncludes(bad.stderr, "unrec: --prefix=a/b: give up to 100 letters, digits and ");
});

Deno.test("what is made of all files is made again by the same command, when it is gone", async () => {
  using folder = temporaryFolder();
  for (
    const [format, name, ...options] of [
      ["webdataset", "_info.json"],
      ["webdataset", "train-wids.json", "--index=wids"],
      ["rec", "property"],
      ["rec", "property", "--layout=flat"],
      ["webdataset", "_info.json", "--shuffle"],
      ...WHY_NO_PARQUET === undefined ? [["parquet", "README.md"]] : [],
    ]
  ) {
    const output = `${folder.path}/${[format, name, ...options].join("_")}`;
    const args = [GLINT, `--format=${format}`, `--output=${output}`, ...options];
    assertEquals((await runUnrec(...args)).code, 0);
    const whole = treeOf(output);
    Deno.removeSync(`${output}/${name}`);
    const again = await runUnrec(...args);
    assertEquals([again.code, treeOf(output)], [0, whole], again.stderr);
    assertEquals((await runUnrec(...args)).stdout.startsWith("Already complete"), true);
  }
});

Deno.test("--format=webdataset --dry-run: it says how much, and writes nothing", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/shards`;
  const { code, stdout } = await runUnrec(GLINT, "--format=webdataset", `--output=${output}`, "--dry-run");
  assertEquals([code, exists(output)], [0, false]);
  assert(/^images {12}82$/m.test(stdout), stdout);
});

Deno.test("--list: no file but an older list is lost for it, be it of the dataset, of this run or somebody's own", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  copyFolder(`${DATA}/glint_mini`, `${path}/faces`);
  const before = treeOf(path);
  for (
    const [list, format, code, why] of [
      [`${path}/faces/train.idx`, "folder", 2, "overlap: the list is inside the dataset; put the list elsewhere"],
      [`${path}/faces/list.tsv`, "folder", 2, "overlap: the list is inside the dataset; put the list elsewhere"],
      ["-", "folder", 2, "--list is a file: a list alone goes to the standard output"],
      [`${path}/out`, "tar", 2, "are the same file; put the list elsewhere"],
      [`${path}/none/list.tsv`, "folder", 1, `${path}/none: there is no such file or directory; give another --list`],
      [`${DATA}/pairs`, "folder", 1, "it is a directory; give another --list"],
    ] as const
  ) {
    const refused = await runUnrec(
      `--include=${path}/faces`,
      ...[`--output=${path}/out`, `--format=${format}`, `--list=${list}`],
    );
    assertEquals(refused.code, code, refused.stderr);
    assertStringIncludes(refused.stderr, why);
    assertEquals(treeOf(path), before);
  }
  for (
    const [format, name] of [
      ["rec", "train.rec"],
      ["webdataset", "train-000000.tar"],
      ["webdataset", "_info.json"],
      ["folder", ".unrec-journal"],
    ]
  ) {
    const output = `${path}/${format}_${name}`;
    const args = [`--include=${path}/faces`, `--output=${output}`, `--format=${format}`];
    for (const when of ["as it is written", "when it is there"]) {
      const refused = await runUnrec(...args, `--list=${output}/${name}`);
      assertEquals(refused.code, 1, when);
      assertStringIncludes(refused.stderr, "which is no list of the form tsv; give another --list");
    }
    const again = await runUnrec(...args);
    assert(again.stdout.startsWith("Already complete"), again.stdout);
    assertEquals((await runUnrec(...args, `--list=${path}/list.tsv`)).code, 0);
  }
  Deno.writeTextFileSync(`${path}/mine`, "my notes\n");
  for (const form of ["tsv", "path-label", "lst", "insightface"]) {
    const args = [GLINT, `--output=${path}/tree`, `--list-form=${form}`];
    const refused = await runUnrec(...args, `--list=${path}/mine`);
    assertStringIncludes(refused.stderr, `no list of the form ${form}`);
    for (let run = 0; run < 2; run++) assertEquals((await runUnrec(...args, `--list=${path}/${form}`)).code, 0);
  }
  assertEquals(Deno.readTextFileSync(`${path}/mine`), "my notes\n");
});

testUnless(
  whyNotRun("mkfifo", "--version"),
  "formats that are one file: a pipe or a device is not replaced, and a dry run says what stands in the way",
  async () => {
    using folder = temporaryFolder();
    const pipe = `${folder.path}/pipe`;
    assertEquals(whyNotRun("mkfifo", pipe), undefined);
    Deno.symlinkSync("pipe", `${folder.path}/link`);
    for (const output of [pipe, `${folder.path}/link`]) {
      for (const format of ["tar", "list"]) {
        for (const options of [[], ["--overwrite"], ["--dry-run"]]) {
          assertSays(
            await runUnrec(GLINT, `--format=${format}`, `--output=${output}`, ...options, "--quiet"),
            `Cannot write ${output}: it is no regular file; give another --output`,
          );
        }
      }
      const listed = await runUnrec(GLINT, `--output=${folder.path}/tree`, `--list=${output}`);
      assertEquals(listed.code, 1);
      assertStringIncludes(listed.stderr, "it is no regular file; give another --list");
    }
    assertEquals(Deno.lstatSync(pipe).isFile, false);
    Deno.writeTextFileSync(`${folder.path}/file`, "");
    const there = await runUnrec(GLINT, "--format=tar", `--output=${folder.path}/file`, "--dry-run");
    assertEquals(there.code, 1);
    assertStringIncludes(there.stderr, "it is there already");
  },
);
