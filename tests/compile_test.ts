/** The single binary, run from another folder on a machine without Deno. */
import { assertEquals } from "@std/assert";
import deno from "../deno.json" with { type: "json" };
import { makeTar } from "./archive/make_archive.ts";
import { PROJECT } from "./run_unrec.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { EXPECTED, expectedTree, includeOf, treeOf } from "./tree.ts";

Deno.test("deno task compile gives one binary that decodes and verifies with one job and with two", async (t) => {
  using folder = temporaryFolder();
  const binary = `${folder.path}/unrec`;
  const [, ...args] = deno.tasks.compile.split(" ");
  args[args.indexOf("--output") + 1] = binary;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: PROJECT }).output();
  const why = new TextDecoder().decode(stderr);
  if (!success && Deno.env.get("DENORT_BIN") === undefined && /download|sending request/i.test(why)) {
    return console.log("Not tested: the base of the binary cannot be downloaded here, and DENORT_BIN names none");
  }
  assertEquals(success, true, why);
  await t.step("an archive", async () => {
    Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["multipart"] }));
    const output = `${folder.path}/archive`;
    const { code, stderr } = await new Deno.Command(binary, {
      args: [`--include=${folder.path}/a.tgz`, `--output=${output}`, "--jobs=2", "--quiet"],
      cwd: folder.path,
      clearEnv: true,
      env: { PATH: folder.path, HOME: folder.path },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(treeOf(output), expectedTree("multipart"));
  });
  for (const name of EXPECTED) {
    for (const jobs of [1, 2]) {
      await t.step(`${name} with --jobs=${jobs}`, async () => {
        const output = `${folder.path}/${name}_${jobs}`;
        const { code, stderr } = await new Deno.Command(binary, {
          args: [`--include=${includeOf(name)}`, `--output=${output}`, `--jobs=${jobs}`, "--chunk-size=300", "--quiet"],
          cwd: folder.path,
          clearEnv: true,
          env: { PATH: folder.path, HOME: folder.path },
        }).output();
        assertEquals(code, 0, new TextDecoder().decode(stderr));
        assertEquals(treeOf(output), expectedTree(name));
        const verified = await new Deno.Command(binary, {
          args: ["verify", `--include=${includeOf(name)}`, `--output=${output}`, `--jobs=${jobs}`, "--chunk-size=300"],
          cwd: folder.path,
          clearEnv: true,
          env: { PATH: folder.path, HOME: folder.path },
        }).output();
        assertEquals(verified.code, 0, new TextDecoder().decode(verified.stderr));
      });
    }
  }
});
