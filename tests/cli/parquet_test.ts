/** `--format=parquet`: what comes of it, whatever happens on the way. */
import { assert, assertEquals } from "@std/assert";
import { watch } from "../crash/processes.ts";
import { testUnless } from "../needs.ts";
import { complaints, type Finished, PROJECT, RUN, runUnrec } from "../run_unrec.ts";
import { HYPARQUET } from "../sink/parquet/content.ts";
import { WHY_NO_PARQUET } from "../sink/parquet/why_no_parquet.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, EXPECTED, expectedTree, includeOf, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** The rows of all files of an output, in order, in the form of `sha256sum`. */
async function rowsOf(output: string): Promise<string[]> {
  const names = Array.from(Deno.readDirSync(`${output}/data`), ({ name }) => name).sort();
  const contents = await HYPARQUET.read(names.map((name) => `${output}/data/${name}`));
  return contents.flatMap(({ rows }) => rows.map(([sum, path]) => `${sum}  ${path}`));
}

/** What stands in the card after a name. */
function cardSays(output: string, name: string): string[] {
  const card = Deno.readTextFileSync(`${output}/README.md`);
  return Array.from(card.matchAll(new RegExp(`${name}: (.*)`, "g")), ([, value]) => value);
}

for (const name of EXPECTED) {
  testUnless(
    WHY_NO_PARQUET ?? HYPARQUET.whyNot,
    `${name}: the rows are the tree, with any jobs and engine`,
    async () => {
      using folder = temporaryFolder();
      const trees: string[][] = [];
      for (const engine of ["wasm", "ts"]) {
        for (const jobs of [1, 2, 5]) {
          const output = `${folder.path}/${engine}${jobs}`;
          const finished = await runUnrec(
            ...[`--include=${includeOf(name)}`, `--output=${output}`, "--format=parquet", "--shard-images=7"],
            ...[`--engine=${engine}`, `--jobs=${jobs}`],
          );
          const warnings = complaints(finished).filter((line) => !line.startsWith("unrec: Warning: "));
          assertEquals([finished.code, warnings], [0, []]);
          trees.push(treeOf(output));
        }
      }
      for (const tree of trees) assertEquals(tree, trees[0]);
      const output = `${folder.path}/wasm1`;
      const rows = await rowsOf(output);
      assertEquals(rows.toSorted(), expectedTree(name).sort());
      // In reading order, which the numbers in the paths tell.
      assertEquals(rows.map((row) => Number(/_(\d+)\.jpg$/.exec(row)![1])), rows.map((_, i) => i));
      assertEquals(cardSays(output, "num_examples"), [String(rows.length)]);
    },
  );
}

testUnless(
  WHY_NO_PARQUET,
  "the files have the names that Hugging Face looks for, and the card tells of them",
  async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/faces`;
    const include = `--include=${DATA}/glint_mini`;
    const args = [include, `--output=${output}`, "--format=parquet", "--shard-images=50", "--prefix=test"];
    const { code, stderr } = await runUnrec(...args);
    assertEquals(code, 0, stderr);
    const names = ["test-00000-of-00002.parquet", "test-00001-of-00002.parquet"];
    assertEquals(treeOf(output).map((line) => line.slice(66)), ["README.md", ...names.map((name) => `data/${name}`)]);
    const bytes = names.reduce((sum, name) => sum + Deno.statSync(`${output}/data/${name}`).size, 0);
    // As `datasets` 5.0.1 writes one.
    assertEquals(
      Deno.readTextFileSync(`${output}/README.md`),
      `---
dataset_info:
  features:
  - name: image
    dtype: image
  - name: label
    dtype: int64
  splits:
  - name: test
    num_bytes: ${bytes}
    num_examples: 82
  download_size: ${bytes}
  dataset_size: ${bytes}
configs:
- config_name: default
  data_files:
  - split: test
    path: data/test-*
---
`,
    );
  },
);

testUnless(WHY_NO_PARQUET ?? HYPARQUET.whyNot, "--name names the images in the column", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/faces`;
  const tree = `${folder.path}/tree`;
  const include = `--include=${DATA}/shared_label`;
  for (const name of ["{label:06}/{number}.{ext}", "{identity}/{key}.jpg", "{label}/{index}.jpg"]) {
    const args = [include, `--name=${name}`, "--restart"];
    assertEquals((await runUnrec(...args, `--output=${output}`, "--format=parquet")).code, 0);
    assertEquals((await runUnrec(...args, `--output=${tree}`)).code, 0);
    assertEquals((await rowsOf(output)).sort(), treeOf(tree).sort(), name);
  }
});

testUnless(
  WHY_NO_PARQUET ?? HYPARQUET.whyNot,
  "--list tells of each image its file, and its path in the column",
  async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/faces`;
    const list = `${folder.path}/list.tsv`;
    const args = [`--include=${DATA}/glint_mini`, `--output=${output}`, "--format=parquet", "--shard-images=30"];
    const { code, stderr } = await runUnrec(...args, `--list=${list}`);
    assertEquals(code, 0, stderr);
    const names = [0, 1, 2].map((i) => `data/train-0000${i}-of-00003.parquet`);
    const contents = await HYPARQUET.read(names.map((name) => `${output}/${name}`));
    assertEquals(
      Deno.readTextFileSync(list).trimEnd().split("\n").slice(1).map((line) => line.split("\t").slice(0, 2)),
      contents.flatMap(({ rows }, i) => rows.map(([_, path, label]) => [`${names[i]}/${path}`, String(label)])),
    );
  },
);

testUnless(
  WHY_NO_PARQUET ?? HYPARQUET.whyNot,
  "an archive, whose images are not counted before: names without a total",
  async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/faces`;
    Deno.writeFileSync(`${folder.path}/a.tar`, makeTar({ names: ["header_last"] }));
    const { code, stderr } = await runUnrec(
      ...[`--include=${folder.path}/a.tar`, `--output=${output}`, "--format=parquet", "--shard-images=4"],
    );
    assertEquals(code, 0, stderr);
    const rows = await rowsOf(output);
    assertEquals(rows.toSorted(), expectedTree("header_last").sort());
    const names = Array.from(Deno.readDirSync(`${output}/data`), ({ name }) => name).sort();
    assertEquals(
      names,
      Array.from({ length: Math.ceil(rows.length / 4) }, (_, i) => `train-${String(i).padStart(5, "0")}.parquet`),
    );
    assertEquals(cardSays(output, "num_examples"), [String(rows.length)]);
  },
);

testUnless(WHY_NO_PARQUET, "killed after any file, the same command goes on, and the bytes are the same", async () => {
  using folder = temporaryFolder("/dev/shm");
  const records = `${folder.path}/in`;
  writeDataset(records, faces({ identities: 50, images: 4000, bytes: [1000, 2000], record0: "first" }));
  const args = (output: string) => [
    ...[`--include=${records}`, `--output=${folder.path}/${output}`, "--format=parquet"],
    ...["--shard-images=300", "--jobs=2"],
  ];
  assertEquals((await runUnrec(...args("whole"))).code, 0);
  const whole = treeOf(`${folder.path}/whole`);
  assertEquals(whole.length, 15);
  const data = `${folder.path}/killed/data`;
  /** How many files have their names. */
  const written = () => exists(data) ? [...Deno.readDirSync(data)].filter(({ name }) => name[0] !== ".").length : 0;
  let killed = 0;
  for (let files = 1; files < 14; files += 2) {
    const { signal } = await watch(args("killed"), () => written() >= files, (child) => child.kill("SIGKILL"));
    if (signal === "SIGKILL") killed++;
    assert(!exists(`${folder.path}/killed/README.md`) || written() === 14, "the card came before the last file");
  }
  assert(killed > 0, "no run was met in its midst");
  const { code, stderr } = await runUnrec(...args("killed"));
  assertEquals(code, 0, stderr);
  assertEquals(treeOf(`${folder.path}/killed`), whole);
});

testUnless(WHY_NO_PARQUET, "--restart with fewer files leaves none of those before", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${DATA}/glint_mini`, `--output=${folder.path}`, "--format=parquet"];
  assertEquals((await runUnrec(...args, "--shard-images=10")).code, 0);
  const { code, stderr } = await runUnrec(...args, "--restart", "--prefix=all");
  assertEquals(code, 0, stderr);
  assertEquals(treeOf(folder.path).map((line) => line.slice(66)), ["README.md", "data/all-00000-of-00001.parquet"]);
});

testUnless(
  WHY_NO_PARQUET,
  "refused in one line: a prefix that is no split, a label that is no whole number",
  async () => {
    using folder = temporaryFolder();
    const include = `--include=${DATA}/cases/fraction_labels`;
    const args = [`--output=${folder.path}/out`, "--format=parquet", include];
    const split = await runUnrec(...args, "--prefix=train-all");
    assertEquals(
      [split.code, split.stderr],
      [
        1,
        "unrec: Cannot name a split train-all: give letters, digits and underscores, with single dots between them\n",
      ],
    );
    const label = await runUnrec(...args);
    assertEquals(label.code, 1);
    const [line, ...others] = complaints(label);
    assert(
      /^unrec: Cannot write the record of key 0, at byte 0, as Parquet: its label is 0\.25, and /.test(line),
      line,
    );
    assertEquals(others, []);
    assertEquals(exists(`${folder.path}/out/README.md`), false);
  },
);

testUnless(WHY_NO_PARQUET ?? WHY_NO_SMALL_DISK, "a full disk: one line, and with more room it goes on", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  const args = [`--include=${DATA}/glint_mini`, "--format=parquet", "--shard-images=50", "--jobs=1"];
  assertEquals((await runUnrec(...args, `--output=${folder.path}/whole`)).code, 0);
  using disk = mountSmall(output, "size=280k");
  const full = await runUnrec(...args, `--output=${output}`, "--no-space-check");
  assertEquals(full.code, 1);
  const [line, ...others] = complaints(full);
  const file = `${output}/data/train-00001-of-00002.parquet`;
  assert(line.startsWith(`unrec: Cannot write ${file}: the disk is full (no space or no inodes left). Written`), line);
  assertEquals(others, []);
  disk.remount("size=1m");
  const { code, stderr } = await runUnrec(...args, `--output=${output}`);
  assertEquals(code, 0, stderr);
  assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
});

testUnless(WHY_NO_PARQUET, "run again when all is written, it says so, and not to look at a tree", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${DATA}/glint_mini`, `--output=${folder.path}/out`, "--format=parquet"];
  assertEquals((await runUnrec(...args)).code, 0);
  const again = await runUnrec(...args);
  assertEquals([again.code, again.stdout], [0, `Already complete: 82 images of 24 labels in ${folder.path}/out\n`]);
  assertEquals(complaints(again).map((line) => /^unrec: To be sure, write all again with: .* --restart$/.test(line)), [
    true,
  ]);
});

/** Runs the command line as a process that has no package of npm and no way to fetch one. */
async function runWithoutNetwork(cache: string, ...args: string[]): Promise<Finished> {
  const [run, ...options] = RUN;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [run, "--cached-only", ...options, ...args],
    env: { NO_COLOR: "1", DENO_DIR: cache, UNREC_OFFLINE: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out, stderr: err };
}

Deno.test("without a network one line says what to do, and nothing is begun", async () => {
  using folder = temporaryFolder();
  for (const jobs of [1, 2]) {
    const { code, stdout, stderr } = await runWithoutNetwork(
      `${folder.path}/cache`,
      ...[`--include=${DATA}/glint_mini`, `--output=${folder.path}/out`],
      ...["--format=parquet", "--shard-images=10", `--jobs=${jobs}`],
    );
    const lines = stderr.trimEnd().split("\n");
    assertEquals([code, stdout, lines.length], [1, "", 1], stderr);
    assert(lines[0].startsWith("unrec: Cannot write Parquet: what does that is not in Deno's cache, and "), stderr);
    assert(lines[0].endsWith(` cache ${PROJECT}src/sink/parquet_shard.ts`), stderr);
    assertEquals(exists(`${folder.path}/out`), false);
  }
});

testUnless(
  WHY_NO_PARQUET,
  "unrec finish puts shares of Parquet together without a network: it writes the card alone",
  async () => {
    using folder = temporaryFolder();
    const args = [`--include=${DATA}/glint_mini`, "--format=parquet", "--shard-images=10", "--quiet"];
    for (const output of ["whole", "shares"]) {
      for (const share of output === "whole" ? [[]] : [["--shard=0/2"], ["--shard=1/2"]]) {
        const { code, stderr } = await runUnrec(...args, ...share, `--output=${folder.path}/${output}`);
        assertEquals(code, 0, stderr);
      }
    }
    const { code, stderr } = await runWithoutNetwork(
      `${folder.path}/cache`,
      ...["finish", `--output=${folder.path}/shares`],
    );
    assertEquals([code, stderr], [0, ""]);
    assertEquals(treeOf(`${folder.path}/shares`), treeOf(`${folder.path}/whole`));
  },
);
