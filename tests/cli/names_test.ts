/** `--name`: the tree, what is said of it, and what verify makes of it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, includeOf, JOURNAL, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

const ALL = "{label:06}/{identity}_{index:03}_{number}_{key}_{id}.{ext}";

for (
  const [sets, name, jobsOf, more] of [
    ["glint_mini", ALL, [1, 2, 5], []],
    ["glint_mini+second_source", "{label/10}/{label}/{index}.{ext}", [1, 2, 5], ["--relabel"]],
    ["shared_label", "{label:06}/{number}.{ext}", [2], []],
    ["shuffled", "{key}.jpg", [2], []],
    ["no_identity", "all/{number/10}/{label}_{number}", [1], []],
  ] as [string, string, number[], string[]][]
) {
  for (const jobs of jobsOf) {
    Deno.test(`--name=${name} of ${sets}: verify takes it from the journal, or is told, with ${jobs} jobs`, async () => {
      using folder = temporaryFolder();
      const output = `${folder.path}/images`;
      const args = [`--include=${includeOf(sets)}`, `--output=${output}`, `--jobs=${jobs}`, ...more];
      const decoded = await runUnrec(...args, `--name=${name}`, "--json", "--chunk-size=512");
      assertEquals([decoded.code, JSON.parse(decoded.stdout).images], [0, treeOf(output).length], decoded.stderr);
      assertEquals(decoded.stderr.includes("Reading the labels of all images first"), name.includes("{index"));
      assertStringIncludes((await runUnrec(...args, `--name=${name}`)).stdout, `labels in ${output}`);

      const verify = ["verify", ...args, "--deep"];
      const byJournal = await runUnrec(...verify);
      assertEquals(byJournal.code, 0, byJournal.stderr);
      assertStringIncludes(byJournal.stderr, `unrec: ${output}: its journal says that files are named ${name}\n`);
      Deno.removeSync(`${output}/${JOURNAL}`);
      const told = await runUnrec(...verify, `--name=${name}`, "--quiet");
      assertEquals([told.code, told.stderr.replace(/^unrec: Note: .*\n/gm, "")], [0, ""]);
      // By other names nothing of it is right.
      assertEquals((await runUnrec(...verify)).code, 1);

      // A file of no image, one that is missing, one with other bytes, and a folder too many.
      const [first, second, third] = treeOf(output).map((line) => line.split("  ")[1]);
      Deno.copyFileSync(`${output}/${first}`, `${output}/${first}x`);
      Deno.removeSync(`${output}/${second}`);
      const bytes = Deno.readFileSync(`${output}/${third}`);
      Deno.writeFileSync(`${output}/${third}`, bytes.map((byte) => byte ^ 1));
      Deno.mkdirSync(`${output}/empty`);
      const lines = (await runUnrec(...verify, `--name=${name}`)).stderr;
      for (
        const line of [
          `1 image without a file: ${second}`,
          `1 file with other bytes than the image: ${third}`,
          "2 entries belonging to no image: ",
        ]
      ) assertStringIncludes(lines, `${output}: ${line}`);
    });
  }
}

Deno.test("verify --name: files that only look like those of images", async () => {
  using folder = temporaryFolder();
  writeDataset(`${folder.path}/set`, faces({ identities: 4, images: 40, bytes: [10, 90], record0: "first" }));
  const include = `--include=${folder.path}/set`;
  for (
    const [i, [name, ...surplus]] of [
      ["{label/2}/{label}/{number}", "0/0/40", "0/0/10", "1/0", "0/1/9", "7"],
      ["{label}/{index:02}", "0/10", "3/010", "3/10"],
      ["{number}.{ext}", "40.bin", "0.png", "00.bin"],
      ["{key}", "41", "0"],
    ].entries()
  ) {
    const output = `--output=${folder.path}/${i}`;
    assertEquals((await runUnrec(include, output, `--name=${name}`)).code, 0);
    for (const path of surplus) {
      // A folder that no image goes through is one entry.
      const file = path === "1/0" ? "1/0/0" : path;
      Deno.mkdirSync(`${folder.path}/${i}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${folder.path}/${i}/${file}`, "");
    }
    const { code, stderr } = await runUnrec("verify", include, output, "--quiet");
    assertEquals(code, 1);
    const found = /\d+ entr(?:y|ies) belonging to no image: (.*)\n/.exec(stderr)![1].split("; ");
    assertEquals(found.sort(), surplus.sort(), `${name}: ${stderr}`);
  }
});

Deno.test("verify: a folder with nothing in it, one of no label, and what a desktop leaves, each by its name", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  assertEquals((await runUnrec(...args)).code, 0);
  for (const name of ["id_99", "id_007", "other"]) Deno.mkdirSync(`${output}/${name}`);
  Deno.writeTextFileSync(`${output}/id_0/.DS_Store`, "");
  Deno.writeTextFileSync(`${output}/.DS_Store`, "");
  const { code, stderr } = await runUnrec("verify", ...args, "--quiet");
  assertEquals(code, 1);
  assertStringIncludes(stderr, `${output}: 1 folder with nothing in it: id_99\n`);
  const found = /3 entries belonging to no image: (.*)\n/.exec(stderr)![1].split("; ").sort();
  assertEquals(found, ["id_0/.DS_Store", "id_007", "other"]);
});

Deno.test("--name: what makes no sense is wrong usage, before anything is read", async () => {
  using folder = temporaryFolder();
  for (
    const [name, why] of [
      ["../{number}", "a name in it begins with a dot"],
      ["{label}.jpg", "two images could have one name"],
      ["{labl}/{number}", "there is no field {labl}"],
      ["{label}/", "it names no file"],
    ]
  ) {
    for (const command of [[], ["verify"]]) {
      const { code, stdout, stderr } = await runUnrec(
        ...command,
        `--include=${folder.path}/none`,
        `--output=${folder.path}/images`,
        `--name=${name}`,
      );
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, why);
    }
  }
  assertEquals(exists(`${folder.path}/images`), false);
  assertEquals((await runUnrec("verify", `--include=${DATA}/glint_mini`, "--name={number}")).code, 2);
});

Deno.test("--name: what a source does not have is said before the first file", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/set.tgz`, makeTar({ names: ["glint_mini"] }));
  const output = `--output=${folder.path}/images`;
  for (
    const [include, name, why] of [
      [`${folder.path}/set.tgz`, "{key}.jpg", "an archive tells no {key} before its end"],
      [includeOf("no_identity"), "{identity}/{number}", "so its images have no {identity}"],
      [includeOf("glint_mini+second_source"), "{key}.jpg", "two datasets can have the same keys"],
    ]
  ) {
    const finished = await runUnrec(`--include=${include}`, output, `--name=${name}`);
    const lines = complaints(finished);
    assertEquals([finished.code, lines.length, exists(`${folder.path}/images`)], [1, 1, false], finished.stderr);
    assertStringIncludes(lines[0], why);
  }
  assertEquals((await runUnrec(`--include=${folder.path}/set.tgz`, output, "--name={label:03}/{index}.{ext}")).code, 0);
});

Deno.test("--name: a tree of other names is not mixed with; what is said can be pasted", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`];
  assertEquals((await runUnrec(...args)).code, 0);
  const name = "--name={label:06}/{number} {{}}'\".{ext}";
  const refused = await runUnrec(...args, name);
  assertEquals([refused.code, complaints(refused).length], [1, 1], refused.stderr);
  assertStringIncludes(
    refused.stderr,
    "differs: the name template was id_{label}/{label}_{number}.jpg and is {label:06}",
  );
  const again = await paste(commandAfter(refused.stderr, "remove what that run wrote and begin anew with"));
  assertEquals(again.code, 0, again.stderr);
  assertEquals(treeOf(output).length, 82);
  assert(exists(`${output}/000000/0 {}'".jpg`) && !exists(`${output}/id_0`));
  // Without its journal it is a tree of files that nobody knows.
  Deno.removeSync(`${output}/${JOURNAL}`);
  const unknown = await runUnrec(...args, name);
  const verified = await paste(commandAfter(unknown.stderr, "see whether it is the tree of the dataset with"));
  assertEquals([verified.code, verified.stderr], [0, ""]);
});
