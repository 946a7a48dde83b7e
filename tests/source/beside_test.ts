import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { lookBeside } from "../../src/source/beside.ts";
import { openSources } from "../../src/source/find.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA } from "../tree.ts";

async function besideOf(path: string) {
  const [source] = await openSources([path]);
  using _ = source;
  return await lookBeside(source);
}

Deno.test("lookBeside: verification sets of every protocol, and lists with a label for each image", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  copyFolder(join(DATA, "cases/label_list"), path);
  for (const name of ["pairs_p3.bin", "python2_bytes_p0.bin"]) {
    Deno.copyFileSync(join(DATA, "pairs", name), join(path, name));
  }
  // None of these belongs to the dataset, whatever its name says.
  Deno.writeTextFileSync(`${path}/weights.bin`, "PK\x03\x04 and so on");
  Deno.writeTextFileSync(`${path}/empty.bin`, "");
  Deno.writeTextFileSync(`${path}/._pairs_p3.bin`, "\x80\x03");
  Deno.writeTextFileSync(`${path}/readme.txt`, "What this is.\n");
  Deno.mkdirSync(`${path}/folder.bin`);
  const size = (name: string) => ({ path: join(path, name), bytes: Deno.statSync(join(path, name)).size });
  assertEquals(await besideOf(`${path}/file.rec`), {
    verificationSets: [size("pairs_p3.bin"), size("python2_bytes_p0.bin")],
    labelLists: [size("list.txt")],
  });
});

Deno.test("lookBeside: nothing beside a dataset, and nowhere to look for an archive", async () => {
  assertEquals(await besideOf(join(DATA, "glint_mini")), { verificationSets: [], labelLists: [] });
  assertEquals(await besideOf(join(DATA, "cases/zip")), undefined);
});
