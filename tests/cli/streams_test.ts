/** Standard streams that are closed, full or read by nobody: the work is done all the same. And defects, in one line. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless, WHY_NO_LINUX } from "../needs.ts";
import { RUN } from "../run_unrec.ts";
import { UNREC } from "../paste.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, expectedTree, treeOf } from "../tree.ts";

/** Runs a command line in bash, where the exit code is that of the program and not that of what reads from it. */
async function runIn(command: string) {
  const shell = new Deno.Command("bash", { args: ["-o", "pipefail", "-c", command], stdin: "null" });
  const { code, stdout, stderr } = await shell.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

for (
  const [name, streams, code] of [
    ["standard error is closed", "2>&-", 0],
    ["standard error is a full disk", "2>/dev/full", 0],
    ["nobody reads standard error", "2> >(exec true)", 0],
    ["nobody reads standard output", "| true", 0],
    ["nobody reads either of them", "2>&1 | true", 0],
    ["standard output is closed", ">&-", 0],
    ["all streams are closed", ">&- 2>&- <&-", 0],
    ["standard output is a full disk", ">/dev/full", 1],
    ["both are a full disk", ">/dev/full 2>/dev/full", 1],
  ] as const
) {
  testUnless(WHY_NO_LINUX, `${name}: what was asked for is done, and the exit code is ${code}`, async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/images`;
    const set = `${folder.path}/set`;
    Deno.mkdirSync(set);
    Deno.copyFileSync(`${DATA}/glint_mini/train.rec`, `${set}/train.rec`);
    for (
      const command of [`index --include=${set}`, `--include=${set} --output=${output}`, `verify --include=${set}`]
    ) {
      for (const json of ["", " --json"]) {
        const finished = await runIn(`${UNREC} ${command}${json} ${streams}`);
        assertEquals(finished.code, code, `${command}: ${finished.stderr}`);
      }
    }
    assertEquals(treeOf(output), expectedTree("glint_mini"));
    assertEquals(Deno.readTextFileSync(`${output}/.unrec-journal`).includes('"complete":true'), true);
  });
}

Deno.test("a defect is one line that says how to report it, in JSON too; UNREC_DEBUG=1 shows where it comes from", async () => {
  using folder = temporaryFolder();
  // What no system does.
  const preload = `${folder.path}/defect.ts`;
  Deno.writeTextFileSync(preload, "Deno.addSignalListener = () => { throw new TypeError('no signals\\nhere'); };");
  const [run, ...rest] = RUN;
  const args = [run, `--preload=${preload}`, ...rest, "verify", `--include=${DATA}/glint_mini`, "--json"];
  const start = async (env: Record<string, string>) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
    const { ok, error } = JSON.parse(new TextDecoder().decode(stdout));
    return { code, ok, error, lines: new TextDecoder().decode(stderr).trimEnd().split("\n") };
  };
  const { code, ok, error, lines } = await start({});
  assertEquals([code, ok, lines], [1, false, [`unrec: ${error}`]], lines.join("\n"));
  assertStringIncludes(
    lines[0],
    "unrec: This is a defect of unrec: no signals; please report it, with what this says: ",
  );
  assertStringIncludes(lines[0], `UNREC_DEBUG=1 deno run -A `);
  const debugged = await start({ UNREC_DEBUG: "1" });
  assertEquals(debugged.code, 1);
  assertStringIncludes(debugged.lines.join("\n"), "defect.ts:1:");
  assertEquals(debugged.lines.filter((line) => !line.startsWith("unrec: ")), []);
});
