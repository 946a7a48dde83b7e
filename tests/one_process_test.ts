/** The files of these tests run at the same time, in one process: what belongs to that stays as it is. */
import { assertEquals } from "@std/assert";
import { walkSync } from "@std/fs/walk";
import { relative } from "node:path";
import { PROJECT } from "./run_unrec.ts";

/** What would be changed for other tests too. Scripts that tests start may do so, and are no `_test.ts`. */
const OF_THE_PROCESS = /\bDeno\.(chdir|umask|env\.(set|delete))\b|\bDeno\.exitCode\s*=/g;

Deno.test("no test changes the folder, the variables or the exit code of the process", () => {
  const wrong: string[] = [];
  for (const { path } of walkSync(`${PROJECT}tests`, { includeDirs: false })) {
    if (!path.endsWith("_test.ts")) continue;
    for (const [word] of Deno.readTextFileSync(path).matchAll(OF_THE_PROCESS)) {
      wrong.push(`${relative(PROJECT, path)} has ${word}`);
    }
  }
  assertEquals(wrong, []);
});
