/** What `--include` means: datasets, archives, folders and patterns of either. */
import { assertEquals, assertRejects } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { findDatasets, findSources } from "../../src/source/find.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { tarHeader } from "./archive/make_archive.ts";

/**
 * Makes files; those whose names end in `*` begin as archives do. Gives what paths below the folder are found to be: the
 * parts of archives, and the record files of datasets.
 */
async function find(names: string[], ...paths: string[]): Promise<string[][]> {
  using folder = temporaryFolder();
  for (const name of names) {
    const path = `${folder.path}/${name.replace(/\*$/, "")}`;
    Deno.mkdirSync(path.replace(/[^/]*$/, ""), { recursive: true });
    if (name.includes(" -> ")) {
      const [link, target] = name.split(" -> ");
      Deno.symlinkSync(target, `${folder.path}/${link}`);
    } else if (!name.endsWith("/")) {
      Deno.writeFileSync(path, name.endsWith("*") ? tarHeader("a", 0, "0") : new Uint8Array(600));
    }
  }
  const below = (path: string) => path.slice(folder.path.length + 1);
  return (await findSources(paths.map((path) => path === "-" ? path : `${folder.path}/${path}`))).map((source) =>
    source.kind === "archive" ? source.parts.map((part) => part === "-" ? part : below(part)) : [below(source.path)]
  );
}

for (
  const [kind, names] of [
    ["two digits", ["glint360k_00", "glint360k_01", "glint360k_02"]],
    ["three digits", ["a.tar.gz.000", "a.tar.gz.001"]],
    ["from one on", ["a.tar.part1", "a.tar.part2"]],
    ["one digit and two", Array.from({ length: 12 }, (_, i) => `a.${i}`)],
    ["letters", ["a.aa", "a.ab", "a.ac"]],
    [
      "many letters",
      Array.from({ length: 30 }, (_, i) => `a_a${i < 26 ? "a" : "b"}${String.fromCharCode(97 + i % 26)}`),
    ],
  ] as [string, string[]][]
) {
  Deno.test(`findSources: parts with ${kind}`, async () => {
    const files = names.with(0, `${names[0]}*`);
    const others = ["other.txt", "b_00", "readme"];
    for (const path of [names[0], names[1], ".", `${names[0].slice(0, 2)}*`]) {
      assertEquals(await find(names.includes(path) ? [...files, ...others] : files, path), [names], path);
    }
    // However they are listed, they are one archive.
    assertEquals(await find(files, ...names), [names]);
    assertEquals(await find(files, ...names.toReversed()), [names]);
    assertEquals(await find(files, ".", names[1], `${names[0].slice(0, 2)}*`), [names]);
  });
}

Deno.test("findSources: single archives, in the order of their names", async () => {
  assertEquals(await find(["b10.tar*", "b9.tar*", "notes"], "."), [["b9.tar"], ["b10.tar"]]);
  assertEquals(await find(["b10.tar*", "b9.tar*", "notes"], "*.tar"), [["b9.tar"], ["b10.tar"]]);
  assertEquals(await find(["faces.tar*"], "faces.tar"), [["faces.tar"]]);
  assertEquals(await find(["faces2*"], "faces2"), [["faces2"]]);
  assertEquals(await find(["a.tar*", "a.txt", "a.rec"], "a.tar"), [["a.tar"]]);
  assertEquals(await find([], "-"), [["-"]]);
});

Deno.test("findSources: what is given twice is read twice, but for parts of one archive", async () => {
  assertEquals(await find(["a.tar*", "b/train.rec"], "a.tar", "b", "b"), [["a.tar"], ["b/train.rec"], ["b/train.rec"]]);
  assertEquals(await find(["a_0*", "a_1", "b.tar*"], "a_1", "b.tar", "a_0"), [["a_0", "a_1"], ["b.tar"]]);
});

Deno.test("findSources: a dataset, a record file", async () => {
  assertEquals(await find(["train.rec"], "train.rec"), [["train.rec"]]);
  assertEquals(await find(["train.rec", "train.idx", "a.tar*", "b/train.rec"], "."), [["train.rec"]]);
  assertEquals(await find(["val.rec/train.rec"], "val.rec"), [["val.rec/train.rec"]]);
});

Deno.test("findSources: a folder of datasets, and a pattern of them, means all of them", async () => {
  const names = ["b10/train.rec", "b10/train.idx", "b9/train.rec", "c/notes", "d/", "notes", "x.rec", "loop -> loop"];
  const folders = names.filter((name) => name !== "x.rec");
  assertEquals(await find(folders, "."), [["b9/train.rec"], ["b10/train.rec"]]);
  assertEquals(await find(names, "b*"), [["b9/train.rec"], ["b10/train.rec"]]);
  assertEquals(await find(names, "*/train.rec"), [["b9/train.rec"], ["b10/train.rec"]]);
  assertEquals(await find(names, "b{9,10}"), [["b9/train.rec"], ["b10/train.rec"]]);
  assertEquals(await find(names, "*.rec"), [["x.rec"]]);
  assertEquals(await find(["sets/a/train.rec", "sets/b/f_00*", "sets/b/f_01"], "sets/*"), [["sets/a/train.rec"], [
    "sets/b/f_00",
    "sets/b/f_01",
  ]]);
});

Deno.test("findSources: other files beside datasets and archives do not matter", async () => {
  assertEquals(await find(["a/train.rec", "log1", "log3"], "."), [["a/train.rec"]]);
  assertEquals(await find(["a.tar*", "log1", "log3", "x_05"], "."), [["a.tar"]]);
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tar`, tarHeader("a", 0, "0"));
  // Looking into a pipe would never end.
  assertEquals(new Deno.Command("mkfifo", { args: [`${folder.path}/pipe`] }).outputSync().success, true);
  assertEquals((await findSources([folder.path])).map(({ path }) => path), [`${folder.path}/a.tar`]);
  await assertRejects(() => findSources([`${folder.path}/pipe`]), UnrecError, "it is no regular file");
});

Deno.test("findSources: names that look like patterns", async () => {
  for (const name of ["faces [1]", "a*b", "what?", "{x,y}"]) {
    assertEquals(await find([`${name}/train.rec`], name), [[`${name}/train.rec`]]);
  }
});

Deno.test("findDatasets: no archives", async () => {
  assertEquals(await findDatasets(["a.rec"].filter(() => false)), []);
  await assertRejects(
    async () => {
      using folder = temporaryFolder();
      Deno.writeFileSync(`${folder.path}/a.tar`, tarHeader("a", 0, "0"));
      await findDatasets([`${folder.path}/a.tar`]);
    },
    UnrecError,
    "it is an archive",
  );
});

for (
  const [name, names, path, message] of [
    ["nothing", [], "nothing", "nothing: there is no such file or directory"],
    ["no dataset", ["notes"], ".", "it has neither train.rec nor train.idx"],
    ["a folder of folders without a dataset", ["a/notes", "b/"], ".", "it has neither train.rec nor train.idx"],
    ["a file of something else", ["notes"], "notes", "it is neither a folder, nor a .rec file, nor a tar archive"],
    ["an index alone", ["train.idx", "a/train.rec"], ".", "it has train.idx, but no train.rec"],
    ["a link that leads in a circle", ["loop -> loop"], "loop", "too many symbolic links"],
    ["a gap", ["a_00*", "a_01", "a_03"], "a_00", "a_02 is missing, a_03 comes in its place"],
    ["a gap among letters", ["a.aa*", "a.ac"], ".", "a.ab is missing, a.ac comes in its place"],
    ["a gap that may be one of an archive", ["a_01", "a_03"], ".", "a_02 is missing, a_03 comes in its place"],
    ["no beginning", ["a_01", "a_02"], "a_01", "a_01 on: it does not begin as a tar archive does"],
    ["a beginning far on", ["a_03", "a_04"], "a_*", "a_00 is missing, a_03 comes in its place"],
    ["one number twice", ["a_1*", "a_01"], "a_1", "is missing"],
    ["a pattern that nothing matches", [], "a_*", "no file matches the pattern"],
    ["a pattern that matches other things", ["a.tar*", "a.txt"], "a.*", "a.txt is neither a dataset nor a tar archive"],
    [
      "a pattern of folders without a dataset",
      ["a/notes", "b/"],
      "*",
      "none of the 2 folders that it matches has a train",
    ],
  ] as [string, string[], string, string][]
) {
  Deno.test(`findSources: ${name}`, async () => {
    await assertRejects(() => find(names, path), UnrecError, message);
  });
}
