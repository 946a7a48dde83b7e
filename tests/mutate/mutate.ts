/**
 * Breaks the program in one place after the other, and sees that a test fails for each.
 *
 *     deno task mutate [FILE]
 *
 * Each place is broken in a copy of the project; the project itself is not touched. With FILE only places of files whose
 * paths begin so are broken: `src/verify`. A place whose break no test notices is a test that is missing.
 */
import { join } from "node:path";
import { PROJECT } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder } from "../tree.ts";
import { type Mutation, MUTATIONS } from "./mutations.ts";

/** What tests need of the project. */
const FILES = ["deno.json", "main.ts", "README.md", "LICENSE"];
const FOLDERS = ["assembly", "src", "tests"];

/** Milliseconds after which tests count as failed: what is broken may not come to an end. */
const PATIENCE = 900_000;

/** Runs `deno` in a copy of the project, as it runs in the project itself. Returns what it said; undefined if all is well. */
async function failureOf(copy: string, args: string[]): Promise<string | undefined> {
  const env = Deno.env.toObject();
  const map = env.UNREC_IMPORT_MAP;
  if (map?.startsWith(PROJECT)) env.UNREC_IMPORT_MAP = join(copy, map.slice(PROJECT.length));
  const launch = ["run", "-A", "src/offline/launch.ts", ...args];
  const signal = AbortSignal.timeout(PATIENCE);
  const command = new Deno.Command(Deno.execPath(), {
    ...{ args: launch, cwd: copy, clearEnv: true, env: { ...env, NO_COLOR: "1" }, signal, stdin: "null" },
  });
  const { success, stdout, stderr } = await command.output();
  if (success) return undefined;
  const text = new TextDecoder();
  return signal.aborted ? "it does not come to an end" : text.decode(stdout) + text.decode(stderr);
}

/** Breaks a place in a copy; returns the test that noticed it, undefined if none did. */
async function noticed({ file, text, broken, tests }: Mutation): Promise<string | undefined> {
  using folder = temporaryFolder("/dev/shm");
  const copy = copyProject(folder.path);
  const path = join(copy, file);
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace(text, () => broken));
  if (file.startsWith("assembly/")) await build(copy);
  const failure = await testsIn(copy, tests);
  return failure && (/^(.*?) \.\.\. FAILED/m.exec(failure)?.[1] ?? failure.trim().split("\n")[0]);
}

function copyProject(folder: string): string {
  const copy = join(folder, "project");
  for (const name of FOLDERS) copyFolder(join(PROJECT, name), join(copy, name));
  for (const name of FILES) Deno.copyFileSync(join(PROJECT, name), join(copy, name));
  return copy;
}

async function build(copy: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: ["task", "build"], cwd: copy }).output();
  if (!success) throw new Error(`Cannot build what was broken: ${new TextDecoder().decode(stderr)}`);
}

async function testsIn(copy: string, tests: readonly string[]): Promise<string | undefined> {
  return await failureOf(copy, ["test", "-A", "--no-check", "--fail-fast", ...tests.map((test) => `tests/${test}`)]);
}

/** A test that fails by itself would notice everything. */
async function requireWhole(tests: readonly string[]): Promise<void> {
  using folder = temporaryFolder("/dev/shm");
  const failure = await testsIn(copyProject(folder.path), tests);
  if (failure !== undefined) throw new Error(`Tests fail before anything is broken: ${failure}`);
}

const [files = ""] = Deno.args;
const mutations = MUTATIONS.filter(({ file }) => file.startsWith(files));
if (mutations.length === 0) throw new Error(`No place is to be broken in files that begin with ${files}`);
await requireWhole([...new Set(mutations.flatMap(({ tests }) => tests))]);
let missed = 0;
for (const mutation of mutations) {
  const test = await noticed(mutation);
  if (test === undefined) missed++;
  console.log(`${mutation.file}: ${mutation.text}\n  ${test === undefined ? "NOT NOTICED" : test}`);
}
console.log(`${mutations.length} places were broken, and ${mutations.length - missed} were noticed`);
if (missed > 0) Deno.exitCode = 1;
