/** Python itself, where it is there: it writes sets for the reader, and both read the same of what is damaged. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { UnrecError } from "../../src/errors.ts";
import { OPCODES } from "../../src/pickle/opcodes.ts";
import { readVerificationSet } from "../../src/pickle/verification_set.ts";
import { samplePickle } from "../fuzz/samples.ts";
import { testUnless, WHY_NO_UNIX, whyNotRun } from "../needs.ts";
import { PROJECT } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { seededRandom } from "../write_dataset.ts";
import { expectedRows, PAIRS, rowsOf, SETS } from "./sets.ts";

const SCRIPTS = join(PROJECT, "tests/pickle");
const CASES = 5000;
const SEED = 20_261_125;

const WHY_NO_PYTHON = whyNotRun("python3", "-c", "import pickle");

testUnless(WHY_NO_PYTHON, "sets as this machine's Python pickles them, in all of its protocols", async () => {
  using folder = temporaryFolder();
  const { success, stderr } = await runPython(join(SCRIPTS, "make_sets.py"), folder.path);
  assert(success, stderr);
  const names = Array.from(Deno.readDirSync(folder.path), ({ name }) => name);
  assert(names.length >= 20, names.join());
  for (const name of names) {
    const rows = rowsOf(readVerificationSet(Deno.readFileSync(join(folder.path, name)), name));
    // With whatever NumPy, and without: the pairs are the same.
    const sample = name.startsWith("shared") ? "python3_shared_p5.bin" : "python2_bytes_p2.bin";
    assertEquals(rows, expectedRows(sample), name);
  }
});

testUnless(
  WHY_NO_PYTHON,
  "the opcodes, their names and first protocols are those of Python's pickletools",
  async () => {
    const { stdout } = await runPython(join(SCRIPTS, "python_oracle.py"), "opcodes");
    const theirs: [number, string, number][] = JSON.parse(stdout);
    const ours = Array.from(OPCODES, ([code, { name, protocol }]) => [code, name, protocol]);
    const byCode = (a: unknown[], b: unknown[]) => (a[0] as number) - (b[0] as number);
    // A later Python may have more.
    assertEquals(theirs.filter(([, , protocol]) => protocol <= 5).sort(byCode), ours.sort(byCode));
  },
);

testUnless(
  WHY_NO_PYTHON ?? WHY_NO_UNIX,
  `${CASES} damaged sets: what is read of them is what Python reads`,
  async () => {
    const random = seededRandom(SEED);
    const whole = SETS.filter((name) => !name.startsWith("pairs")).map((name) => Deno.readFileSync(join(PAIRS, name)));
    const pickles = Array.from({ length: CASES }, () => samplePickle(whole, random));
    const theirs = await readByPython([...whole, ...pickles]);
    let read = 0;
    for (const [i, pickle] of [...whole, ...pickles].entries()) {
      const ours = rowsOrRefusal(pickle);
      if (ours === undefined || theirs[i] === "too large") continue;
      read++;
      assertEquals(theirs[i], ours, `case ${i - whole.length}, seed ${SEED}`);
    }
    // Many change an image only.
    assert(read > CASES / 10, `${read} of ${CASES} were read`);
  },
);

/** What is read of a pickle; undefined if it is refused. */
function rowsOrRefusal(pickle: Uint8Array<ArrayBuffer>): unknown[][] | undefined {
  try {
    return rowsOf(readVerificationSet(pickle, "x.bin")).map((row) => {
      const [, same, ...sums] = row.split("\t");
      return [Number(same), ...sums];
    });
  } catch (error) {
    assert(error instanceof UnrecError);
    return undefined;
  }
}

async function readByPython(pickles: Uint8Array[]): Promise<unknown[]> {
  const input = new Blob(pickles.flatMap((pickle) => [Uint32Array.of(pickle.length), pickle.slice()]));
  const { stdout } = await runPython(join(SCRIPTS, "python_oracle.py"), "read", input);
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

async function runPython(script: string, arg: string, input = new Blob()) {
  const child = new Deno.Command("python3", {
    args: [script, arg],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), input.stream().pipeTo(child.stdin)]);
  const text = new TextDecoder();
  return { success, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
