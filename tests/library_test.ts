/**
 * The examples of the library, those of the README too, are true: each passes the type check and prints what the comments
 * after its `console.log` say, and there is one of everything that can be called.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import * as library from "../src/mod.ts";
import { modulesOfSource } from "./modules.ts";
import { PROJECT, RUN } from "./run_unrec.ts";
import { WHY_NO_PARQUET } from "./sink/parquet/why_no_parquet.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** An example. */
interface Example {
  /** The file it stands in, and which one of it. */
  name: string;
  /** Its text. */
  code: string;
}

const EXAMPLES: Example[] = [
  ...examplesIn("README.md", /^```ts\n([^]*?)^```$/gm),
  ...["mod.ts", ...modulesOfSource().get("mod.ts")!.imports]
    .flatMap((path) => examplesIn(`src/${path}`, /^ *\* ```ts.*\n([^]*?)^ *\* ```$/gm)),
];

/** `deno COMMAND` with the packages that these tests run with; the library's own name is that of `deno.json`. */
const [, ...FLAGS] = RUN.slice(0, -1);
const CONFIG = `--config=${join(PROJECT, "deno.json")}`;

Deno.test("there is an example of every function and of what a dataset can do", () => {
  const text = EXAMPLES.map(({ code }) => code).join();
  const functions = Object.entries(library).filter(([name, value]) =>
    typeof value === "function" && /^[a-z]/.test(name)
  );
  const calls = [...functions.map(([name]) => name), "dataset.images", "dataset.get"];
  assertEquals(calls.filter((name) => !text.includes(`${name}(`)), []);
});

Deno.test("the examples are true", async (t) => {
  using folder = temporaryFolder();
  const pathOf = (i: number) => join(folder.path, `example_${i}.ts`);
  for (const [i, { code }] of EXAMPLES.entries()) Deno.writeTextFileSync(pathOf(i), code);

  await t.step("types", async () => {
    const flags = FLAGS.filter((flag) => flag !== "-A");
    const { success, stderr } = await runDeno(PROJECT, "check", CONFIG, ...flags, ...EXAMPLES.keys().map(pathOf));
    assert(success, stderr);
  });
  for (const [i, { name, code }] of EXAMPLES.entries()) {
    const ignore = code.includes("parquet(") && WHY_NO_PARQUET !== undefined;
    const fn = async () => {
      const said = Array.from(code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm), ([, text]) => text);
      assert(said.length > 0, "it says nothing of what it prints");
      assert(code.includes(`from "${config.name}"`), "it imports something else");
      // Each in a folder of its own, where the samples lie as in a clone.
      const cwd = join(folder.path, `${i}`);
      Deno.mkdirSync(cwd);
      Deno.symlinkSync(join(PROJECT, "tests"), join(cwd, "tests"));
      const { success, stdout, stderr } = await runDeno(cwd, "run", "--quiet", CONFIG, ...FLAGS, pathOf(i));
      assert(success, stderr);
      assertEquals([stdout.trimEnd().split("\n"), stderr], [said, ""]);
    };
    await t.step({ name, ignore, fn });
  }
});

async function runDeno(cwd: string, ...args: string[]) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } })
    .output();
  const text = new TextDecoder();
  return { success, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

function examplesIn(path: string, fence: RegExp): Example[] {
  return Array.from(Deno.readTextFileSync(join(PROJECT, path)).matchAll(fence), ([, block], i) => ({
    name: `${path}, example ${i + 1}`,
    code: block.replaceAll(/^ *\* ?/gm, ""),
  }));
}
