import { assertEquals } from "@std/assert";
import { PROJECT } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const WASM = `${PROJECT}src/wasm/decoder.wasm`;

Deno.test("decoder.wasm holds no imports, and exports functions and its memory alone", async () => {
  const module = await WebAssembly.compile(Deno.readFileSync(WASM));
  assertEquals(WebAssembly.Module.imports(module), []);
  assertEquals(WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`).sort(), [
    "function findMagic",
    "function scanIndex",
    "function scanRecords",
    "memory memory",
  ]);
});

Deno.test("decoder.wasm is what a fresh build of assembly/ gives", async () => {
  using folder = temporaryFolder();
  const fresh = `${folder.path}/decoder.wasm`;
  const build = new Deno.Command(Deno.execPath(), { args: ["task", "build", "--outFile", fresh], cwd: PROJECT });
  const { code, stderr } = await build.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertEquals(
    Deno.readFileSync(WASM),
    Deno.readFileSync(fresh),
    "run `deno task build` and commit src/wasm/decoder.wasm",
  );
});
