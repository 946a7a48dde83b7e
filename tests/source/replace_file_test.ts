import { assertEquals, assertThrows } from "@std/assert";
import { replaceFile } from "../../src/source/replace_file.ts";
import { UnrecError } from "../../src/errors.ts";
import { temporaryFolder } from "../temporary_folder.ts";

function put(path: string, text: string) {
  return replaceFile(path, (file) => void file.writeSync(new TextEncoder().encode(text)));
}

/** Names and texts of all files in a folder. */
function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    [...Deno.readDirSync(folder)].map(({ name }) => [name, Deno.readTextFileSync(`${folder}/${name}`)]).sort(),
  );
}

Deno.test("replaceFile: what was there is kept, and what was kept is kept too", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/train.idx`;
  assertEquals(put(path, "one"), { unchanged: false, backup: undefined });
  assertEquals(put(path, "two"), { unchanged: false, backup: `${path}.bak` });
  assertEquals(put(path, "three"), { unchanged: false, backup: `${path}.bak2` });
  assertEquals(put(path, "three"), { unchanged: true, backup: undefined });
  assertEquals(put(path, "four"), { unchanged: false, backup: `${path}.bak3` });
  assertEquals(filesOf(folder.path), {
    "train.idx": "four",
    "train.idx.bak": "one",
    "train.idx.bak2": "two",
    "train.idx.bak3": "three",
  });
});

Deno.test("replaceFile: a link is replaced, and its file is left as it is", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/elsewhere`, "old");
  Deno.symlinkSync("elsewhere", `${folder.path}/train.idx`);
  put(`${folder.path}/train.idx`, "new");
  assertEquals(filesOf(folder.path), { "elsewhere": "old", "train.idx": "new", "train.idx.bak": "old" });
  assertEquals(Deno.lstatSync(`${folder.path}/train.idx`).isFile, true);
});

Deno.test("replaceFile: what fails leaves nothing", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/train.idx`;
  put(path, "old");
  assertThrows(
    () =>
      replaceFile(path, (file) => {
        file.writeSync(new Uint8Array(9));
        throw new UnrecError("no more");
      }),
    UnrecError,
    "no more",
  );
  assertEquals(filesOf(folder.path), { "train.idx": "old" });
  Deno.mkdirSync(`${folder.path}/folder`);
  assertThrows(() => put(`${folder.path}/folder`, ""), UnrecError, "what is there is not a regular file");
  assertThrows(() => put(`${folder.path}/none/train.idx`, ""), UnrecError, "there is no such file or directory");
});
