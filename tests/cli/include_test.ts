/** `--include` names all that it matches, each once, and something in any case. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { makeTar, writeParts } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, treeOf } from "../tree.ts";
import { writeDataset } from "../write_dataset.ts";

Deno.test("a folder of datasets, and a pattern of their folders or files, means all of them", async () => {
  using folder = temporaryFolder();
  // Number 9 comes before number 10.
  const sets = `${folder.path}/my sets`;
  copyFolder(`${DATA}/glint_mini`, `${sets}/set 9`);
  copyFolder(`${DATA}/second_source`, `${sets}/set 10`);
  Deno.mkdirSync(`${sets}/notes`);
  Deno.writeTextFileSync(`${sets}/readme.txt`, "");
  for (const [i, include] of [sets, `${sets}/set*`, `${sets}/*/train.rec`].entries()) {
    const output = `${folder.path}/images${i}`;
    const finished = await runUnrec(`--include=${include}`, `--output=${output}`, "--json");
    assertEquals(finished.code, 0, finished.stderr);
    assertEquals(JSON.parse(finished.stdout).datasets.map(({ path }: { path: string }) => path), [
      `${sets}/set 9/train.rec`,
      `${sets}/set 10/train.rec`,
    ]);
    assertEquals(treeOf(output), expectedTree("glint_mini+second_source"), include);
  }
  for (const command of ["index", "verify"]) {
    const { code, stdout } = await runUnrec(command, `--include=${sets}/set*`, "--json");
    assertEquals([code, JSON.parse(stdout).datasets.length], [0, 2], command);
  }
});

Deno.test("a set in several .rec files: as a list, a pattern and a folder, for all commands", async () => {
  using folder = temporaryFolder();
  const chunks = `${folder.path}/my,chunks`;
  copyFolder(`${DATA}/cases/chunks`, chunks);
  // Number 10 comes after number 2.
  for (const ending of ["rec", "idx"]) {
    Deno.copyFileSync(`${DATA}/header_last/train.${ending}`, `${chunks}/train_10.${ending}`);
  }
  const files = [0, 1, 2, 10].map((i) => `${chunks}/train_${i}.rec`);
  const includes = [
    files.map((file) => `--include=${file}`),
    [`--include=${chunks}/train_*.rec`],
    [
      `--include=${chunks}`,
    ],
    [`--include=${files.join()}`],
    [`--include=${files[0]},${chunks}/train_{1,2}.rec,${files[3]}`],
  ];
  let tree: string[] | undefined;
  for (const [i, include] of includes.entries()) {
    for (const engine of ["wasm", "ts"]) {
      const output = `${folder.path}/images${i}${engine}`;
      const decoded = await runUnrec(...include, `--output=${output}`, "--json", `--engine=${engine}`);
      assertEquals(decoded.code, 0, decoded.stderr);
      assertEquals(JSON.parse(decoded.stdout).datasets.map(({ path }: { path: string }) => path), files);
      tree ??= treeOf(output);
      assertEquals(treeOf(output), tree, include.join(" "));
      const verified = await runUnrec("verify", ...include, `--output=${output}`, "--json", `--engine=${engine}`);
      assertEquals([verified.code, JSON.parse(verified.stdout).datasets.length], [0, 4], verified.stderr);
    }
    const indexed = await runUnrec("index", ...include, "--json");
    const { datasets } = JSON.parse(indexed.stdout);
    assertEquals(datasets.map(({ path, unchanged }: { path: string; unchanged: boolean }) => [path, unchanged]), [
      ...files.map((path) => [path, true]),
    ]);
  }
  // Three images of a class in each chunk, and 32 images of header_last: numbers go on from one to the next.
  const numbers = tree!.map((line) => Number(/_(\d+)\.jpg$/.exec(line)![1])).sort((a, b) => a - b);
  assertEquals(numbers, Array.from(numbers.keys()));
});

Deno.test("a .rec file among others without its index is named, with the command that makes it", async () => {
  using folder = temporaryFolder();
  const chunks = `${folder.path}/chunks`;
  copyFolder(`${DATA}/cases/chunks`, chunks);
  Deno.removeSync(`${chunks}/train_1.idx`);
  const finished = await runUnrec(`--include=${chunks}`, `--output=${folder.path}/images`);
  assertEquals([finished.code, complaints(finished).length], [1, 1], finished.stderr);
  assertStringIncludes(
    finished.stderr,
    `Cannot open the dataset ${chunks}/train_1.rec: there is no ${chunks}/train_1.idx`,
  );
  const made = await paste(commandAfter(finished.stderr, "rebuild the index with"));
  assertEquals([made.code, exists(`${chunks}/train_1.idx`)], [0, true]);
  assertEquals((await runUnrec(`--include=${chunks}`, `--output=${folder.path}/images`)).code, 0);
});

Deno.test("what lies beside train.rec and is not read is said in a line, but not if it is quiet", async () => {
  using folder = temporaryFolder();
  copyFolder(`${DATA}/header_last`, `${folder.path}/set`);
  copyFolder(`${DATA}/cases/chunks`, `${folder.path}/set`);
  const line =
    `unrec: ${folder.path}/set/train.rec is read, and not train_0.rec and 2 others beside it, which can be ` +
    "given by name";
  for (const args of [["--dry-run"], ["verify"], ["index"]]) {
    const include = `--include=${folder.path}/set`;
    const [command, rest] = args[0].startsWith("-") ? [[], args] : [args, []];
    const loud = await runUnrec(...command, include, ...rest);
    assertEquals([loud.code, loud.stderr.split("\n")[0]], [0, line], loud.stderr);
    assertEquals((await runUnrec(...command, include, ...rest, "--quiet")).stderr, "");
  }
});

Deno.test("a pattern of archives in folders means all of them", async () => {
  using folder = temporaryFolder();
  for (const [name, set] of [["a", "glint_mini"], ["b", "second_source"]]) {
    Deno.mkdirSync(`${folder.path}/${name}`);
    writeParts(makeTar({ names: [set] }), `${folder.path}/${name}/faces`, 3);
  }
  for (const [i, include] of ["?", "?/faces_*", "?/faces_00"].entries()) {
    const output = `${folder.path}/images${i}`;
    const { code, stderr } = await runUnrec(`--include=${folder.path}/${include}`, `--output=${output}`);
    assertEquals(code, 0, stderr);
    assertEquals(treeOf(output), expectedTree("glint_mini+second_source"), include);
  }
});

Deno.test("parts of one archive that are listed one by one are one archive", async () => {
  using folder = temporaryFolder();
  const downloads = `${folder.path}/downloads`;
  Deno.mkdirSync(downloads);
  const parts = writeParts(makeTar({ names: ["glint_mini"] }), `${downloads}/faces`, 3);
  for (
    const [i, include] of [
      [`--include=${parts.join(",")}`],
      parts.toReversed().map((part) => `--include=${part}`),
      [`--include=${parts[1]}`],
      [`--include=${downloads}`, `--include=${parts[2]}`, `--include=${downloads}/faces*`],
    ].entries()
  ) {
    const output = `${folder.path}/images${i}`;
    const { code, stdout, stderr } = await runUnrec(...include, `--output=${output}`, "--json");
    assertEquals([code, JSON.parse(stdout).images], [0, 82], stderr);
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  }
});

/** Name, what is put into a folder, what is given as --include below it. */
const NO_IMAGES: [string, (folder: string) => void, string][] = [
  ["an empty folder", () => {}, ""],
  ["a folder of empty folders", (folder) => Deno.mkdirSync(`${folder}/a/b`, { recursive: true }), ""],
  ["a pattern of folders without a dataset", (folder) => Deno.mkdirSync(`${folder}/a/b`, { recursive: true }), "/*"],
  ["a pattern that matches nothing", () => {}, "/*"],
  ["a dataset whose record 0 names nobody", (folder) => copyFolder(`${DATA}/cases/empty_range`, `${folder}`), ""],
  [
    "a dataset whose identities have no images",
    (folder) =>
      writeDataset(folder, [
        { key: 0, label: [1, 3], image: new Uint8Array() },
        { key: 1, label: [1, 1], image: new Uint8Array() },
        { key: 2, label: [1, 1], image: new Uint8Array() },
      ]),
    "",
  ],
  ["files without a byte", (folder) => writeDataset(folder, []), ""],
  [
    "an archive of something else",
    (folder) => Deno.writeFileSync(`${folder}/a`, makeTar({ names: ["expected"] })),
    "/a",
  ],
  [
    "an archive of a dataset whose record 0 names nobody",
    (folder) => Deno.writeFileSync(`${folder}/a`, makeTar({ names: ["empty_range"], from: `${DATA}/cases` })),
    "/a",
  ],
];

for (const [name, prepare, include] of NO_IMAGES) {
  for (const more of [[], ["--on-error=skip"], ["--dry-run"]]) {
    Deno.test(`no images, exit code 1: ${name} ${more}`, async () => {
      using folder = temporaryFolder();
      Deno.mkdirSync(`${folder.path}/in`);
      prepare(`${folder.path}/in`);
      const output = `${folder.path}/images`;
      for (const _ of ["first", "again"]) {
        const finished = await runUnrec(`--include=${folder.path}/in${include}`, `--output=${output}`, ...more);
        assertEquals([finished.code, finished.stdout], [1, ""], finished.stderr);
        const [line, ...others] = complaints(finished).filter((line) => !line.startsWith("unrec: Warning: "));
        assertEquals(others, []);
        assert(line.startsWith("unrec: Cannot "), line);
      }
    });
  }
}

Deno.test("paths with commas, spaces, quotes, line feeds and signs of patterns", async () => {
  using folder = temporaryFolder();
  for (const name of ["a,b", "a b", 'it\'s "it"', "line\nfeed", "a*b [c] {d,e}", "-dash", "ünï日", "$HOME `x`", "~"]) {
    const dataset = `${folder.path}/${name}`;
    copyFolder(`${DATA}/header_last`, dataset);
    const output = `${folder.path}/out ${name}`;
    const finished = await runUnrec(`--include=${dataset}`, `--output=${output}`, "--json");
    assertEquals(finished.code, 0, finished.stderr);
    assertEquals(treeOf(output), expectedTree("header_last"), name);
    const verified = await runUnrec("verify", `--include=${dataset}`, `--output=${output}`, "--quiet");
    assertEquals([verified.code, verified.stderr], [0, ""]);
    Deno.removeSync(`${dataset}/train.idx`);
    assertEquals((await runUnrec("index", `--include=${dataset}`)).code, 0);
    assert(exists(`${dataset}/train.idx`));
  }
  // A list whose parts have commas: the whole names nothing, so there are commas between paths.
  const both = await runUnrec(`--include=${folder.path}/a b,${folder.path}/line\nfeed`, "--dry-run");
  assertEquals(both.code, 0, both.stderr);
  assertStringIncludes(both.stdout, "images            64");
});
