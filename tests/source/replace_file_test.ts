import { assertEquals, assertThrows } from "@std/assert";
import { replaceFile } from "../../src/source/replace_file.ts";
import { UnrecError } from "../../src/errors.ts";
import { temporaryFolder } from "../temporary_folder.ts";

function put(path: string, text: string) {
  // In pieces, as an index comes.
  const bytes = new TextEncoder().encode(text);
  return replaceFile(path, (take) => {
    for (let at = 0; at < bytes.length; at += 3) take(bytes.slice(at, at + 3));
  });
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
      replaceFile(path, (take) => {
        take(new TextEncoder().encode("old"));
        take(new Uint8Array(9));
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

Deno.test("replaceFile: where the very file is there, nothing is written, not even for a moment", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/train.idx`;
  for (const text of ["", "one", "four"]) {
    Deno.writeTextFileSync(path, text);
    // Whoever makes a file in the folder changes its time. A folder that is read-only will do.
    Deno.utimeSync(folder.path, 1000, 1000);
    assertEquals(put(path, text), { unchanged: true, backup: undefined });
    assertEquals(Deno.statSync(folder.path).mtime, new Date(1000_000));
  }
  for (const [text, other] of [["one", "ones"], ["ones", "one"], ["onetwo", "oneTwo"], ["one", ""], ["", "one"]]) {
    Deno.writeTextFileSync(path, text);
    assertEquals(put(path, other).unchanged, false, `${text} ${other}`);
    assertEquals(Deno.readTextFileSync(path), other);
  }
});

Deno.test("replaceFile: what a process that was killed has left is removed, and nothing else", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/train.idx`;
  const temporary = (of = "train.idx") => `.${of}.${crypto.randomUUID()}.tmp`;
  const [left, busy, other, link] = [temporary(), temporary(), temporary("other.idx"), temporary()];
  const kept = [busy, other, ".train.idx.mine.tmp", ".train.idx.tmp"];
  for (const name of [left, ...kept]) Deno.writeTextFileSync(`${folder.path}/${name}`, "part");
  Deno.symlinkSync(other, `${folder.path}/${link}`);
  // A process that is at work has its file locked.
  using working = Deno.openSync(`${folder.path}/${busy}`, { write: true });
  assertEquals(working.tryLockSync(true), true);
  put(path, "new");
  assertEquals(Object.keys(filesOf(folder.path)).sort(), [...kept, link, "train.idx"].sort());
});
