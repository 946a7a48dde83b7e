import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { RUN } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** What is there. */
const NAMES = ["a,b/train_1.rec", "c", "d", "e,f_1", "c9", "c10"];

/** A text, and the paths in it. */
const CASES = [
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
];

const SPLIT = await splitThere(CASES.map(([text]) => text));

for (const [i, [text, ...expected]] of CASES.entries()) {
  Deno.test(`splitAtCommas: ${text || "nothing"}`, () => assertEquals(SPLIT[i], expected));
}

/** Splits texts where those names are. In a process of its own: all tests have one folder that they are started in. */
async function splitThere(texts: string[]): Promise<string[][]> {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/a,b`);
  for (const name of NAMES) Deno.writeTextFileSync(`${folder.path}/${name}`, "");
  const script = fileURLToPath(new URL("split_here.ts", import.meta.url));
  const args = [...RUN.slice(0, -1), script, ...texts];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder.path }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
