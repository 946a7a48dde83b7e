/** What is made durable, as the system sees it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname } from "node:path";
import { testUnless, whyNotRun } from "../needs.ts";
import { RUN } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, JOURNAL } from "../tree.ts";

const WHY_NOT = whyNotRun("strace", "-f", "-qq", "-o", "/dev/null", "true");

/** Runs the command line, and returns which of some system calls it made, a line each, with the paths of open files. */
async function callsOf(calls: string, folder: string, args: string[]): Promise<string[]> {
  const trace = `${folder}/trace`;
  const { success } = await new Deno.Command("strace", {
    args: ["-f", "-qq", "-y", "-e", `trace=${calls}`, "-o", trace, Deno.execPath(), ...RUN, ...args],
    stdout: "null",
    stderr: "null",
  }).output();
  assertEquals(success, true);
  return Deno.readTextFileSync(trace).split("\n");
}

testUnless(
  WHY_NOT,
  "--fsync: images and their folders are on the disk before the journal says so, and it is",
  async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/images`;
    const args = [`--include=${DATA}/glint_mini`, `--output=${output}`, "--jobs=1", "--chunk-size=16K", "--fsync"];
    /** What was written and is not on the disk yet: files, and folders with new names in them. */
    const waiting = new Set<string>();
    const known = new Set([folder.path]);
    const synced = new Set<string>();
    let lines = 0;
    let images = 0;
    for (const line of await callsOf("write,fsync", folder.path, args)) {
      const call = /\b(write|fsync)\(\d+<([^>]*)>/.exec(line);
      if (call === null || !call[2].startsWith(folder.path)) continue;
      const [, name, path] = call;
      if (name === "fsync") {
        waiting.delete(path);
        synced.add(path);
        continue;
      }
      const isLine = path === `${output}/${JOURNAL}`;
      // The journal's own name is on the disk before there is anything else.
      if (isLine || images === 0) assertEquals([...waiting], [], line);
      if (isLine) lines++;
      else images++;
      waiting.add(path);
      for (let named = path; !known.has(named); named = dirname(named)) {
        known.add(named);
        waiting.add(dirname(named));
      }
    }
    assertEquals([...waiting], [], "at the end");
    // What run it is, several tasks, and that all is written; all images, all folders.
    assert(lines > 5, `${lines} lines`);
    assertEquals([images, Array.from(synced).filter((path) => path.endsWith(".jpg")).length], [82, 82]);
    assertEquals(Array.from(synced).filter((path) => /\/id_\d+$/.test(path)).length, 24);
  },
);

testUnless(WHY_NOT, "unrec index: the new index is on the disk before it takes the place of the old one", async () => {
  using folder = temporaryFolder();
  const faces = `${folder.path}/faces`;
  copyFolder(`${DATA}/glint_mini`, faces);
  Deno.writeTextFileSync(`${faces}/train.idx`, "0\t0\n");
  const calls = (await callsOf("fsync,/^rename", folder.path, ["index", `--include=${faces}`]))
    .filter((line) => line.includes(faces));
  const [sync, rename] = calls.slice(-2);
  const temporary = /fsync\(\d+<([^>]*)>/.exec(sync)?.[1];
  assert(temporary !== undefined, calls.join("\n"));
  assertMatch(rename, /rename.*train\.idx"/);
  assert(rename.includes(`"${temporary}"`), rename);
});
