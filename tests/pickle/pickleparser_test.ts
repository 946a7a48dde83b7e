/** The reader of another project: it reads the same of the sample sets. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { readVerificationSet } from "../../src/pickle/verification_set.ts";
import { testUnless } from "../needs.ts";
import { NO_DOWNLOAD, runDeno } from "../run_deno.ts";
import { PROJECT } from "../run_unrec.ts";
import { PAIRS, rowsOf, SETS } from "./sets.ts";

const SCRIPT = ["run", "-A", "--no-config", "--no-lock", join(PROJECT, "tests/pickle/read_with_pickleparser.ts")];

const trial = await runDeno(SCRIPT);
const WHY_NOT = !trial.success && NO_DOWNLOAD.test(trial.stderr) ? "it cannot be downloaded here" : undefined;

testUnless(WHY_NOT, "pickleparser reads the same pairs of the sample sets", async () => {
  assert(trial.success, trial.stderr);
  const names = SETS.filter((name) => !name.includes("_p0."));
  const { stdout, stderr } = await runDeno([...SCRIPT, ...names.map((name) => join(PAIRS, name))]);
  const theirs = stdout.trimEnd().split("\n");
  assertEquals(theirs.length, names.length, stderr);
  for (const [i, name] of names.entries()) {
    const rows = JSON.parse(theirs[i]).map((row: unknown[], number: number) => [number, ...row].join("\t"));
    assertEquals(rowsOf(readVerificationSet(Deno.readFileSync(join(PAIRS, name)), name)), rows, name);
  }
});
