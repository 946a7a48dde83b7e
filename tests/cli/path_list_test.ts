import { assertEquals } from "@std/assert";
import { splitAtCommas } from "../../src/cli/path_list.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** What is there. */
const NAMES = ["a,b/train_1.rec", "c", "d", "e,f_1", "c9", "c10"];

for (
  const [text, ...expected] of [
    ["c", "c"],
    ["c,d", "c", "d"],
    ["none,c", "none", "c"],
    ["c,,d,", "c", "d"],
    [","],
    [""],
    ["a,b", "a,b"],
    ["a,b,c", "a,b", "c"],
    ["c,a,b,d", "c", "a,b", "d"],
    ["a,b/train_1.rec,c", "a,b/train_1.rec", "c"],
    ["a,b/train_*.rec", "a,b/train_*.rec"],
    ["c,a,b/train_*.rec,d", "c", "a,b/train_*.rec", "d"],
    ["e,f_*", "e,f_*"],
    ["c*,d*", "c*", "d*"],
    ["g,h_*", "g", "h_*"],
    ["c{9,10}", "c{9,10}"],
    ["c{9,10},d", "c{9,10}", "d"],
    ["c{9,10},{x,y}*", "c{9,10}", "{x,y}*"],
    ["x,y}", "x", "y}"],
    ["{c,d", "{c", "d"],
    ["-,c", "-", "c"],
  ]
) {
  Deno.test(`splitAtCommas: ${text || "nothing"}`, () => {
    using folder = temporaryFolder();
    Deno.mkdirSync(`${folder.path}/a,b`);
    for (const name of NAMES) Deno.writeTextFileSync(`${folder.path}/${name}`, "");
    const before = Deno.cwd();
    Deno.chdir(folder.path);
    try {
      assertEquals(splitAtCommas(text), expected);
    } finally {
      Deno.chdir(before);
    }
  });
}
