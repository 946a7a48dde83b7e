import { assertEquals, assertThrows } from "@std/assert";
import { findArchives } from "../../src/archive/find_archive.ts";
import { UnrecError } from "../../src/errors.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { tarHeader } from "./make_archive.ts";

/** Makes files; those whose names end in `*` begin as archives do. Gives what a path below the folder is found to be. */
function find(names: string[], path: string): string[][] | undefined {
  using folder = temporaryFolder();
  for (const name of names) {
    const archive = name.endsWith("*");
    Deno.writeFileSync(
      `${folder.path}/${name.replace("*", "")}`,
      archive ? tarHeader("a", 0, "0") : new Uint8Array(600),
    );
  }
  return findArchives(`${folder.path}/${path}`)?.map((parts) =>
    parts.map((part) => part.slice(folder.path.length + 1))
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
  Deno.test(`findArchives: parts with ${kind}`, () => {
    const files = names.with(0, `${names[0]}*`);
    const others = ["other.txt", "b_00", "readme"];
    for (const path of [names[0], ".", `${names[0].slice(0, 2)}*`]) {
      assertEquals(find(path === names[0] ? [...files, ...others] : files, path), [names], path);
    }
  });
}

Deno.test("findArchives: single archives, in the order of their names", () => {
  assertEquals(find(["b10.tar*", "b9.tar*", "notes"], "."), [["b9.tar"], ["b10.tar"]]);
  assertEquals(find(["b10.tar*", "b9.tar*", "notes"], "*.tar"), [["b9.tar"], ["b10.tar"]]);
  assertEquals(find(["faces.tar*"], "faces.tar"), [["faces.tar"]]);
  assertEquals(find(["faces2*"], "faces2"), [["faces2"]]);
  assertEquals(find(["a.tar*", "a.txt", "a.rec"], "a.tar"), [["a.tar"]]);
});

Deno.test("findArchives: what is none", () => {
  assertEquals(find(["train.rec"], "train.rec"), undefined);
  assertEquals(find(["train.rec", "train.idx", "a.tar*"], "."), undefined);
  assertEquals(find(["notes"], "."), undefined);
  assertEquals(find([], "nothing"), undefined);
  assertEquals(findArchives("-"), [["-"]]);
});

for (
  const [name, names, path, message] of [
    ["a gap", ["a_00*", "a_01", "a_03"], "a_00", "a_02 is missing, a_03 comes in its place"],
    ["a gap among letters", ["a.aa*", "a.ac"], ".", "a.ab is missing, a.ac comes in its place"],
    ["no beginning", ["a_01", "a_02"], "a_01", "a_01 on: it does not begin as a tar archive does"],
    ["a beginning far on", ["a_03", "a_04"], "a_*", "a_00 is missing, a_03 comes in its place"],
    ["one number twice", ["a_1*", "a_01"], "a_1", "is missing"],
    ["a pattern that nothing matches", [], "a_*", "no file matches the pattern"],
    ["a pattern that matches other things", ["a.tar*", "a.txt"], "a.*", "a.txt is no tar archive"],
  ] as [string, string[], string, string][]
) {
  Deno.test(`findArchives: ${name}`, () => {
    assertThrows(() => find(names, path), UnrecError, message);
  });
}
