/** The single binary, run from another folder on a machine without Deno. */
import { assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { PROJECT } from "./run_unrec.ts";
import { makeTar } from "./source/archive/make_archive.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { EXPECTED, expectedTree, includeOf, treeOf } from "./tree.ts";

Deno.test("deno task compile gives one binary that decodes and verifies with one job and with two", async (t) => {
  using folder = temporaryFolder();
  const binary = `${folder.path}/unrec`;
  const [, ...args] = config.tasks.compile.split(" ");
  args[args.indexOf("--output") + 1] = binary;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: PROJECT }).output();
  const why = new TextDecoder().decode(stderr);
  if (!success && Deno.env.get("DENORT_BIN") === undefined && /sending request for url .*denort/.test(why)) {
    return console.log("Not tested: the base of the binary cannot be downloaded here, and DENORT_BIN names none");
  }
  assertEquals(success, true, why);

  /** Runs the binary, which must ask for nothing, to its end. */
  async function run(...args: string[]): Promise<void> {
    const { code, stderr } = await new Deno.Command(binary, {
      args,
      cwd: folder.path,
      stdin: "null",
      clearEnv: true,
      env: { PATH: folder.path, HOME: folder.path },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  }

  await t.step("an archive", async () => {
    Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["multipart"] }));
    const output = `${folder.path}/archive`;
    await run(`--include=${folder.path}/a.tgz`, `--output=${output}`, "--jobs=2", "--quiet");
    assertEquals(treeOf(output), expectedTree("multipart"));
  });
  for (const name of EXPECTED) {
    for (const jobs of [1, 2]) {
      await t.step(`${name} with --jobs=${jobs}`, async () => {
        const output = `${folder.path}/${name}_${jobs}`;
        const options = [`--include=${includeOf(name)}`, `--output=${output}`, `--jobs=${jobs}`, "--chunk-size=300"];
        await run(...options, "--quiet");
        assertEquals(treeOf(output), expectedTree(name));
        await run("verify", ...options);
      });
    }
  }
});
