/** What `--include` means: datasets, archives, folders and patterns of either, and what it says of anything else. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Remedy, UnrecError } from "../../src/errors.ts";
import { findDatasets, findSources } from "../../src/source/find.ts";
import { byNumber } from "../../src/source/in_folder.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { tarHeader } from "./archive/make_archive.ts";

/** What was said of the last paths. */
const said: string[] = [];

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
  const notice = (message: string) => void said.push(message.replaceAll(`${folder.path}/`, ""));
  said.length = 0;
  return (await findSources(paths.map((path) => path === "-" ? path : `${folder.path}/${path}`), notice)).map((
    source,
  ) =>
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

Deno.test("findSources: several .rec files are as many datasets, in the order of their numbers", async () => {
  const numbers = [0, 1, 2, 9, 10, 11, 100];
  const files = numbers.toReversed().flatMap((i) => [`train_${i}.rec`, `train_${i}.idx`]);
  const names = [...files, "property", "train_0.lst", "._train_0.rec", "notes.txt"];
  const inOrder = numbers.map((i) => [`train_${i}.rec`]);
  for (const path of [".", "train_*.rec", "train_?*.rec", "*.rec"]) {
    assertEquals(await find(path === "*.rec" ? files : names, path), inOrder, path);
  }
  // An index is matched with its record file.
  assertEquals(await find(files, "train_*"), inOrder);
  assertEquals(
    await find(names.map((name) => `chunks/${name}`), "chunks"),
    numbers.map((i) => [`chunks/train_${i}.rec`]),
  );
  assertEquals(await find(["2.rec", "01.rec", "1.rec", "10.rec"], "."), [["01.rec"], ["1.rec"], ["2.rec"], ["10.rec"]]);
  // A list stays as it is.
  assertEquals(await find(names, "train_10.rec", "train_2.rec"), [["train_10.rec"], ["train_2.rec"]]);
});

Deno.test("byNumber: names are in one order, however they are listed", () => {
  const sorted = ["a_01", "a_1", "a_2", "a_09", "a_9", "a_10", "a_10b", "b_1"];
  assertEquals(sorted.toSorted(byNumber), sorted);
  assertEquals(sorted.toReversed().sort(byNumber), sorted);
});

Deno.test("findSources: a folder of folders of .rec files, and of both", async () => {
  const names = ["set10/a_2.rec", "set10/a_10.rec", "set9/train.rec", "set9/val.rec", "notes/readme", "x.rec"];
  assertEquals(await find(names.slice(0, -1), "."), [["set9/train.rec"], ["set10/a_2.rec"], ["set10/a_10.rec"]]);
  assertEquals(await find(names, "."), [["set9/train.rec"], ["set10/a_2.rec"], ["set10/a_10.rec"], ["x.rec"]]);
  assertEquals(await find(names, "set*"), [["set9/train.rec"], ["set10/a_2.rec"], ["set10/a_10.rec"]]);
  assertEquals(await find([...names, "a.tar*"], "set10", "x.rec", "a.tar", "set9"), [
    ...[["set10/a_2.rec"], ["set10/a_10.rec"]],
    ...[["x.rec"], ["a.tar"], ["set9/train.rec"]],
  ]);
});

Deno.test("findSources: what lies there too and is not read is said, and which numbers are missing", async () => {
  for (
    const [names, path, ...expected] of [
      [["train.rec", "train.idx", "property"], "."],
      [["train_0.rec", "train_1.rec"], "."],
      [["train.rec", "val.rec"], ".", "train.rec is read, and not val.rec beside it, which can be given by name"],
      [["train.rec", "val.rec"], "*.rec"],
      [
        ["train.rec", "val.rec", "test.rec", "x.rec"],
        ".",
        "train.rec is read, and not test.rec and 2 others beside it, " +
        "which can be given by name",
      ],
      [["a/train.rec", "a/val.rec"], ".", "a/train.rec is read, and not val.rec beside it, which can be given by name"],
      [["a.tar*", "a/train.rec"], ".", "a.tar is read, and not a/train.rec beside, which can be given by name"],
      [
        ["b.tar*", "a_0.rec", "a_1.rec"],
        ".",
        "a_0.rec and 1 other are read, and not b.tar beside, which can be given by " +
        "name",
      ],
      [["a_0.rec", "a_2.rec"], ".", "By their numbers, a file is missing between a_0.rec and a_2.rec"],
      [["a_0.rec", "a_2.rec", "a_8.rec"], "a_*", ...[
        "By their numbers, a file is missing between a_0.rec and a_2.rec",
        "By their numbers, 5 files are missing between a_2.rec and a_8.rec",
      ]],
      [["a/x_0.rec", "b/x_2.rec"], "*/*.rec"],
      [["a_0.rec", "b_2.rec"], "."],
    ] as [string[], string, ...string[]][]
  ) {
    await find(names, path);
    assertEquals(said.map((message) => message.replaceAll("./", "")), expected, `${names} ${path}`);
  }
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
    ["a file of something else", ["notes"], "notes", "notes is zeros from its beginning on"],
    ["an index alone", ["train.idx", "a/train.rec"], ".", "it has train.idx, but no train.rec"],
    ["an index alone beside another file", ["train.idx", "val.rec"], ".", "it has train.idx, but no train.rec"],
    [
      "an index alone among many",
      ["a_0.rec", "a_0.idx", "a_1.idx"],
      ".",
      "it has a_1.idx, but no a_1.rec, which holds",
    ],
    [
      "an index alone in one of many folders",
      ["a/train.rec", "b/train.idx"],
      ".",
      "/b: it has train.idx, but no train",
    ],
    [
      "a download that is not complete",
      ["train.rec.part"],
      ".",
      "no train.rec, only train.rec.part, which is zeros from",
    ],
    ["a link that leads in a circle", ["loop -> loop"], "loop", "too many symbolic links"],
    ["a gap", ["a_00*", "a_01", "a_03"], "a_00", "a_02 is missing, a_03 comes in its place"],
    ["a gap among letters", ["a.aa*", "a.ac"], ".", "a.ab is missing, a.ac comes in its place"],
    ["a gap that may be one of an archive", ["a_01", "a_03"], ".", "a_02 is missing, a_03 comes in its place"],
    ["no beginning", ["a_01", "a_02"], "a_01", "a_01 on: it does not begin as a tar archive does"],
    ["a beginning far on", ["a_03", "a_04"], "a_*", "a_00 is missing, a_03 comes in its place"],
    ["one number twice", ["a_1*", "a_01"], "a_1", "is missing"],
    ["a pattern that nothing matches", [], "a_*", "no file matches the pattern"],
    ["a pattern that matches other things", ["a.tar*", "a.txt"], "a.*", "a.txt is neither a dataset nor an archive"],
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

/** Bytes, where a letter is one. */
const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

for (
  const [name, files, path, message, ...remedies] of [
    [
      "a file that nobody knows",
      { "faces.dat": "\x8f\x03\xaa\0" },
      "faces.dat",
      "it is neither a folder, nor a .rec file",
    ],
    [
      "an index, and its record file is meant",
      { "val.idx": "0\t0\n", "val.rec": "" },
      "val.idx",
      "Cannot open a dataset: val.idx is the text of an index",
      { kind: "include", path: "val.rec" },
    ],
    [
      "a file of a dataset, and its folder is meant",
      { "set/property": "10,112,112\n", "set/train.rec": "" },
      "set/property",
      'set/property is text: "10,112,112"',
      { kind: "include", path: "set" },
    ],
    [
      "a verification set",
      { "set/lfw.bin": "\x80\x03]q", "set/train.rec": "" },
      "set/lfw.bin",
      "set/lfw.bin is a Python pickle, as the verification sets lfw.bin",
      { kind: "see-pairs", path: "set/lfw.bin" },
    ],
    [
      "records under another name",
      { "faces.dat": "\x0a\x23\xd7\xce" },
      "faces.dat",
      "faces.dat is a file of records (RecordIO)",
      { kind: "rename", path: "faces.dat", to: "faces.rec" },
    ],
    [
      "records under the name of a download that is not complete, with their index",
      { "set/train.rec.part": "\x0a\x23\xd7\xce", "set/train.idx": "0\t0\n" },
      "set",
      "set: it has train.idx, but no train.rec, only train.rec.part, which is a file of records (RecordIO)",
      { kind: "rename", path: "set/train.rec.part", to: "set/train.rec" },
    ],
    [
      "compressed records among others",
      { "set/a_0.rec": "", "set/a_1.rec.xz": "\xfd7zXZ\0", "set/a_1.idx": "0\t0\n" },
      "set",
      "set: it has a_1.idx, but no a_1.rec, only a_1.rec.xz, which is compressed with xz",
      { kind: "inflate", path: "set/a_1.rec.xz", inflater: "xz", ending: ".xz" },
    ],
  ] as [string, Record<string, string>, string, string, ...Remedy[]][]
) {
  Deno.test(`findSources: ${name}`, async () => {
    using folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) {
      Deno.mkdirSync(`${folder.path}/${name}`.replace(/[^/]*$/, ""), { recursive: true });
      Deno.writeFileSync(`${folder.path}/${name}`, latin1(text));
    }
    const error = await assertRejects(() => findSources([`${folder.path}/${path}`]), UnrecError);
    assertStringIncludes(error.message.replaceAll(`${folder.path}/`, ""), message);
    const below = JSON.stringify(error.remedies).replaceAll(`${folder.path}/`, "");
    assertEquals(JSON.parse(below), remedies);
  });
}
