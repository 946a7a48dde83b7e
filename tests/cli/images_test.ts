/** Folders and lists of images on the command line: packed as records are decoded. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless, WHY_NO_UNIX, whyNotRun } from "../needs.ts";
import { complaints, runProcess, runUnrec } from "../run_unrec.ts";
import { assertSays } from "../says.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, JOURNAL, treeOf } from "../tree.ts";

Deno.test("a decoded tree read as a source gives the same tree, with any number of jobs, and is known to be done", async () => {
  using folder = temporaryFolder();
  const tree = `${folder.path}/tree`;
  await runUnrec(`--include=${DATA}/glint_mini`, `--output=${tree}`);
  for (const engine of ["wasm", "ts"]) {
    for (const jobs of [1, 2, 5]) {
      const args = [`--include=${tree}`, `--output=${folder.path}/${engine}${jobs}`, `--jobs=${jobs}`];
      const finished = await runProcess(...args, `--engine=${engine}`, "--chunk-size=40K");
      assertEquals(finished.code, 0, finished.stderr);
      assertEquals(complaints(finished), [`unrec: ${tree}: a folder of images, 24 labels, 82 images`]);
      assertEquals(treeOf(`${folder.path}/${engine}${jobs}`), expectedTree("glint_mini"));
      assertStringIncludes((await runUnrec(...args)).stdout, "Already complete");
    }
  }
});

Deno.test("what names are numbered as is listed in classes.tsv, shifted as the labels are", async () => {
  using folder = temporaryFolder();
  const [tree, named] = [`${folder.path}/tree`, `${folder.path}/named`];
  await runUnrec(`--include=${DATA}/second_source`, `--output=${tree}`);
  const labels = Array.from(Deno.readDirSync(tree), ({ name }) => name).filter((name) => name !== JOURNAL);
  for (const name of labels) copyFolder(`${tree}/${name}`, `${named}/of ${name}`);
  const args = [`--include=${DATA}/glint_mini,${named}`, "--relabel", `--output=${folder.path}/out`];
  const { code, stderr } = await runUnrec(...args);
  assertEquals(code, 0, stderr);
  const list = `${folder.path}/out/classes.tsv`;
  assertStringIncludes(stderr, `which are which is listed in ${list}`);
  const expected = `label\tname\n${labels.sort().map((name, i) => `${24 + i}\tof ${name}\n`).join("")}`;
  assertEquals(Deno.readTextFileSync(list), expected);
  assertEquals(exists(`${folder.path}/out/id_${24 + labels.length - 1}`), true);
  // A run that was ended before it wrote the list writes it when it is started again.
  Deno.removeSync(list);
  assertStringIncludes((await runUnrec(...args)).stdout, "Already complete");
  assertEquals(Deno.readTextFileSync(list), expected);
  // With labels that are numbers by themselves it would not be true.
  await runUnrec(`--include=${tree}`, `--output=${folder.path}/out`, "--restart");
  assertEquals(exists(list), false);
  // Where all goes to one file it lies beside that.
  await runUnrec(`--include=${named}`, "--format=tar", `--output=${folder.path}/a.tar`);
  assertEquals(exists(`${folder.path}/a.tar.classes.tsv`), true);
  // Shares that end at the same time write it each by itself.
  const shares = [`--include=${named}`, `--output=${folder.path}/shares`, "--quiet"];
  Deno.mkdirSync(`${folder.path}/shares/.classes.tsv.part`, { recursive: true });
  for (const i of [0, 1]) assertEquals((await runUnrec(...shares, `--shard=${i}/2`)).code, 0);
  assertEquals(exists(`${folder.path}/shares/classes.tsv`), true);
  const piped = await runProcess(`--include=${named}`, "--format=list", "--output=-", "--quiet");
  assertEquals(piped.code, 0);
  assertStringIncludes(piped.stderr, "unrec: Warning: labels are the numbers of the folders' names");
  await runUnrec(`--include=${named}`, "--dry-run", `--output=${folder.path}/dry`);
  assertEquals(exists(`${folder.path}/dry`), false);
  const taken = await runUnrec(`--include=${tree}`, `--output=${folder.path}/names`, "--name=classes.tsv/{number}");
  assertStringIncludes(taken.stderr, "classes.tsv is something else in the output");
});

Deno.test("files that are no images are named, and images that changed since are told", async () => {
  using folder = temporaryFolder();
  const [tree, output] = [`${folder.path}/tree`, `${folder.path}/out`];
  await runUnrec(`--include=${DATA}/glint_mini`, `--output=${tree}`);
  Deno.writeTextFileSync(`${tree}/id_0/notes.txt`, "");
  const { code, stderr } = await runUnrec(`--include=${tree}`, `--output=${output}`);
  assertEquals(code, 0, stderr);
  assertStringIncludes(
    stderr,
    `Warning: ${tree} has 1 file that is left out, for want of the name of an image or of a person's folder: ` +
      `${tree}/id_0/notes.txt`,
  );
  Deno.removeSync(`${tree}/id_0/notes.txt`);
  Deno.writeTextFileSync(`${tree}/id_0/0_0.jpg`, "other");
  assertSays(
    await runUnrec(`--include=${tree}`, `--output=${output}`, "--quiet"),
    "the size of the images of source 1 was 349374 and is 345471",
  );
});

/** Whether Deno tells of files whose names are not UTF-8. That of 2.7 does not: for its programs they are not there. */
function listsOtherNames(): boolean {
  using folder = temporaryFolder();
  assertEquals(whyNotRun("bash", "-c", `touch ${folder.path}/$'\\xff'`), undefined);
  return [...Deno.readDirSync(folder.path)].length > 0;
}

testUnless(
  WHY_NO_UNIX ?? whyNotRun("mkfifo", "--version"),
  "what has the name of an image and cannot be read is no file that is left out",
  async () => {
    using folder = temporaryFolder();
    const { path } = folder;
    await runUnrec(`--include=${DATA}/glint_mini`, `--output=${path}/tree`);
    const bash = (text: string) => assertEquals(whyNotRun("bash", "-c", `cd ${path} && ${text}`), undefined);
    for (
      const [name, make, why] of [
        [
          "link",
          "ln -s nowhere link/id_0/x.jpg",
          `Cannot read ${path}/link/id_0/x.jpg: it is a link to what is not there`,
        ],
        [
          "alone",
          "rm alone/*/*.jpg && ln -s nowhere alone/id_0/x.jpg",
          "it is a link to what is not there; remove it, or",
        ],
        ["pipe", "mkfifo pipe/id_0/x.jpg", `Cannot read ${path}/pipe/id_0/x.jpg: it is no regular file`],
        ...(listsOtherNames()
          ? [
            [
              "file",
              "cp tree/id_0/0_0.jpg file/id_0/$'x\\xff.jpg'",
              "its name is not UTF-8, and files are found by such",
            ],
            [
              "folder",
              "mv folder/id_0 folder/$'id_\\xff'",
              "its name is not UTF-8, and files are found by such names alone",
            ],
          ]
          : []),
      ]
    ) {
      bash(`cp -r tree ${name} && ${make}`);
      for (const format of ["rec", "folder"]) {
        const output = `${path}/${name}_${format}`;
        assertSays(await runUnrec(`--include=${path}/${name}`, `--output=${output}`, `--format=${format}`), why);
        assertEquals(exists(output), false);
      }
    }
  },
);

Deno.test("images in no folder of a person, and people of whom some have numbers: nothing is guessed silently", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  await runUnrec(`--include=${DATA}/glint_mini`, `--output=${path}/tree`);
  copyFolder(`${path}/tree/id_0`, `${path}/flat`);
  assertSays(
    await runUnrec(`--include=${path}/flat`, `--output=${path}/out`, "--format=rec"),
    `Cannot open the dataset ${path}/flat: its images are in no folder of a person`,
    "or give a list of path and label",
  );
  copyFolder(`${path}/tree/id_0`, `${path}/tree/thumbs`);
  const mixed = await runUnrec(`--include=${path}/tree`, `--output=${path}/out`, "--format=rec", "--quiet");
  assertEquals([mixed.code, complaints(mixed)], [0, [
    `unrec: Warning: ${path}/tree has folders with numbers for names and others, such as thumbs: so all are numbered ` +
    "in the order of their names, and no number is taken for a label",
  ]]);
});

Deno.test("a list of this program is read as what it is, be columns of it empty, for images and for labels", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const name of ["glint_mini", "scalar_label", "no_identity"]) {
    const tree = `${path}/${name}`;
    await runUnrec(`--include=${DATA}/${name}`, `--output=${tree}`);
    const list = `${tree}/images.tsv`;
    await runUnrec(`--include=${DATA}/${name}`, "--format=list", `--output=${list}`);
    const read = await runUnrec(`--include=${list}`, `--output=${tree}_again`, "--quiet");
    assertEquals([read.code, complaints(read)], [0, []]);
    assertEquals(treeOf(`${tree}_again`), expectedTree(name));
    const labels = await runUnrec(
      `--include=${DATA}/${name}`,
      `--labels-from=${list}`,
      `--output=${tree}_labels`,
      "-q",
    );
    assertEquals([labels.code, complaints(labels)], [0, [
      `unrec: Warning: ${list} has no keys: its lines are taken for the images in reading order, the first for the ` +
      "first image",
    ]]);
    assertEquals(treeOf(`${tree}_labels`), expectedTree(name));
  }
});

Deno.test("a folder that was renamed, images that were swapped and labels that were edited are another source", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  await runUnrec(`--include=${DATA}/glint_mini`, `--output=${path}/tree`);
  Deno.writeTextFileSync(`${path}/faces.lst`, "0\t1\ttree/id_0/0_0.jpg\n1\t2\ttree/id_10/10_34.jpg\n");
  const swap = (a: string, b: string) => {
    for (const [from, to] of [[a, "c"], [b, a], ["c", b]]) {
      Deno.renameSync(`${path}/tree/${from}`, `${path}/tree/${to}`);
    }
  };
  const list = `${path}/faces.lst`;
  for (
    const [source, change] of [
      ["tree", () => Deno.renameSync(`${path}/tree/id_1`, `${path}/tree/id_99`)],
      ["tree", () => swap("id_0/0_0.jpg", "id_0/0_1.jpg")],
      ["faces.lst", () => Deno.writeTextFileSync(list, Deno.readTextFileSync(list).replace("\t2\t", "\t5\t"))],
    ] as const
  ) {
    const args = [`--include=${path}/${source}`, `--output=${path}/out`, "--format=rec", "--quiet"];
    assertEquals((await runUnrec(...args, "--restart")).code, 0);
    change();
    assertSays(await runUnrec(...args), "the sum of names and sizes of the images of source 1 was");
  }
});

Deno.test("info, ls and shares know folders of images; what needs records says so", async () => {
  using folder = temporaryFolder();
  const tree = `${folder.path}/tree`;
  await runUnrec(`--include=${DATA}/glint_mini`, `--output=${tree}`);
  const info = await runUnrec("info", `--include=${tree}`);
  assertEquals(info.code, 0, info.stderr);
  assertStringIncludes(info.stdout, "labels are:         the numbers in the folders' names");
  assertStringIncludes(info.stdout, "bytes:              349,374");
  const { sources: [{ kind, images, labels }] } = JSON.parse(
    (await runUnrec("info", `--include=${tree}`, "--json")).stdout,
  );
  assertEquals([kind, images, labels.count], ["images", 82, 24]);
  const [ls, records] = await Promise.all([tree, `${DATA}/glint_mini`].map((path) => runUnrec("ls", `-i=${path}`)));
  assertEquals(ls.stdout.split("\n").length, records.stdout.split("\n").length);
  for (const shard of ["0/2", "1/2"]) {
    const shared = await runUnrec(`--include=${tree}`, `--output=${folder.path}/shared`, `--shard=${shard}`);
    assertEquals(shared.code, 0, shared.stderr);
  }
  assertEquals(treeOf(`${folder.path}/shared`), expectedTree("glint_mini"));
  for (const command of ["get", "verify", "index"]) {
    const key = command === "get" ? ["1"] : [];
    const { code, stderr } = await runUnrec(command, ...key, `--include=${tree}`);
    assert(code !== 0);
    assertStringIncludes(stderr, `Cannot read ${tree} for this: its images are files, and not records`);
  }
});

Deno.test("an empty list, and a folder whose people have no images, say what is missing", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/faces/id_1`, { recursive: true });
  assertSays(await runUnrec(`--include=${folder.path}/faces`, `--output=${folder.path}/out`), "neither train.rec nor");
  Deno.writeTextFileSync(`${folder.path}/a.lst`, "path label\n");
  assertSays(await runUnrec(`--include=${folder.path}/a.lst`, `--output=${folder.path}/out`), "no label in it");
});
