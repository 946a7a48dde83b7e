/** What would be published to JSR, as far as that can be told without it: the stand-ins take the place of its packages. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import standIns from "../src/offline/import_map.json" with { type: "json" };
import { PROJECT } from "./run_unrec.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { copyFolder } from "./tree.ts";

Deno.test("deno publish takes the library: no slow types, nothing that JSR refuses, every file", async () => {
  using folder = temporaryFolder();
  for (const name of config.publish.include) {
    const copy = Deno.statSync(join(PROJECT, name)).isDirectory ? copyFolder : Deno.copyFileSync;
    copy(join(PROJECT, name), join(folder.path, name));
  }
  const imports = Object.fromEntries(
    Object.entries(standIns.imports).map(([name, file]) => [
      name,
      file.startsWith("./") ? `./${join("src/offline", file)}` : file,
    ]),
  );
  Deno.writeTextFileSync(join(folder.path, "deno.json"), JSON.stringify({ ...config, imports }));

  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert(success, said);

  // What starts the program where JSR cannot be reached, and what a package is loaded by only when it is needed, import
  // what is named at run time.
  const places = said.matchAll(/^(?:warning|error)\[([^\]]+)\].*\n *--> .*\/(src\/[^:]*|main\.ts):/gm);
  assertEquals(Array.from(places, ([, kind, path]) => [kind, path]).filter(([, path]) => !loadsLater(path)), []);

  const published = Array.from(
    said.matchAll(/^ +file:\/\/.*?\/((?:src|assembly)\/\S+|[^/\s]+) \(/gm),
    ([, path]) => path,
  );
  for (const name of ["deno.json", "README.md", "src/mod.ts", "src/pool/worker.ts", "src/wasm/decoder.wasm"]) {
    assert(published.includes(name), `${name} is not published`);
  }
  assertEquals(published.filter((name) => /^tests|_test\.ts$|^bench/.test(name)), []);
});

function loadsLater(path: string): boolean {
  return path.startsWith("src/offline/") || path === "src/load_from_npm.ts";
}
