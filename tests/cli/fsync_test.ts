/** `--fsync`, as the system sees it. */
import { assert, assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { testUnless, whyNotRun } from "../needs.ts";
import { RUN } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, JOURNAL } from "../tree.ts";

const WHY_NOT = whyNotRun("strace", "-f", "-qq", "-o", "/dev/null", "true");

testUnless(WHY_NOT, "--fsync: images and their folders are on the disk before the journal says so", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const trace = `${folder.path}/trace`;
  const args = [`--include=${DATA}/glint_mini`, `--output=${output}`, "--jobs=1", "--chunk-size=16K", "--fsync"];
  const { success } = await new Deno.Command("strace", {
    args: ["-f", "-qq", "-y", "-e", "trace=write,fsync", "-o", trace, Deno.execPath(), ...RUN, ...args],
    stdout: "null",
    stderr: "null",
  }).output();
  assertEquals(success, true);
  /** What was written and is not on the disk yet. */
  const waiting = new Set<string>();
  const synced = new Set<string>();
  let lines = 0;
  for (const line of Deno.readTextFileSync(trace).split("\n")) {
    const call = /\b(write|fsync)\(\d+<([^>]*)>/.exec(line);
    if (call === null || !call[2].startsWith(output)) continue;
    const [, name, path] = call;
    if (name === "fsync") {
      waiting.delete(path);
      synced.add(path);
    } else if (path !== `${output}/${JOURNAL}`) {
      for (let written = path; written !== dirname(output); written = dirname(written)) waiting.add(written);
    } else if (line.includes('\\"source\\":')) {
      lines++;
      assertEquals([...waiting].filter((path) => path !== `${output}/${JOURNAL}`), [], line);
    }
  }
  // Several tasks, all images, all folders.
  assert(lines > 3, `${lines} tasks`);
  assertEquals(Array.from(synced).filter((path) => path.endsWith(".jpg")).length, 82);
  assertEquals(Array.from(synced).filter((path) => /\/id_\d+$/.test(path)).length, 24);
});
