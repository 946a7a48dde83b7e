import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { FolderSink, type FolderSpec } from "../../src/sink/folder_sink.ts";
import { REFERENCE_NAMES } from "../../src/sink/name_template.ts";
import { testUnless, WHY_NO_LINUX, WHY_NO_UNIX } from "../needs.ts";
import { viewOf } from "../recordio/view_of.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { exists } from "../tree.ts";

function specOf(output: string, names = REFERENCE_NAMES): FolderSpec {
  return { format: "folder", output, names, fsync: false };
}

const bytesOf = (path: string) => Array.from(Deno.readFileSync(path));

Deno.test("FolderSink: a label is met again after others, and by a second sink", () => {
  using folder = temporaryFolder();
  const bytes = Uint8Array.of(1, 2, 3);
  const sinks = [0, 1].map(() => new FolderSink(specOf(folder.path)));
  for (const [sink, label, number] of [[0, 7, 0], [0, -1, 1], [0, 7, 2], [1, 7, 3], [1, 1e20, 4]]) {
    sinks[sink].write(viewOf(label, number, bytes));
  }
  const files = ["id_7/7_0", "id_-1/-1_1", "id_7/7_2", "id_7/7_3", "id_100000002004087734272/100000002004087734272_4"];
  for (const file of files) assertEquals(Deno.readFileSync(`${folder.path}/${file}.jpg`), bytes);
});

for (const fsync of [false, true]) {
  Deno.test(`FolderSink: names of every depth, by labels and by what else there is${fsync ? ", durable" : ""}`, () => {
    using folder = temporaryFolder();
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    for (
      const [i, [names, ...files]] of [
        ["{number}", "0", "1", "2", "3"],
        ["{label:03}/{number}.{ext}", "007/0.png", "-01/1.bin", "007/2.png", "1000/3.bin"],
        ["{label/10}/{label}/{number}", "0/7/0", "-1/-1/1", "0/7/2", "100/1000/3"],
        ["a/{label}/b/{number}", "a/7/b/0", "a/-1/b/1", "a/7/b/2", "a/1000/b/3"],
        ["{number/2}/{label}/{key}_{id}_{number}", "0/7/0_0_0", "0/-1/1_1_1", "1/7/2_2_2", "1/1000/3_3_3"],
        ["{ext}/{number}", "png/0", "bin/1", "png/2", "bin/3"],
      ].entries()
    ) {
      const output = `${folder.path}/${i}`;
      Deno.mkdirSync(output);
      // Two sinks find each other's folders.
      const sinks = [0, 1].map(() => new FolderSink({ ...specOf(output, names), fsync }));
      sinks.forEach((sink) => sink.begin());
      for (const [number, label] of [7, -1, 7, 1000].entries()) {
        sinks[number >> 1].write(viewOf(label, number, number % 2 === 0 ? png : Uint8Array.of(number)));
      }
      for (const [k, sink] of sinks.entries()) {
        const path = files[2 * k + 1];
        assertEquals(sink.finish().receipts, [{ path, bytes: 1 }]);
      }
      for (const [number, file] of files.entries()) {
        assertEquals(bytesOf(`${output}/${file}`), number % 2 === 0 ? [...png] : [number], `${names}: ${file}`);
      }
    }
  });
}

Deno.test("FolderSink: a folder that cannot be made, a file that cannot be written", () => {
  using folder = temporaryFolder();
  const sink = new FolderSink(specOf(folder.path));
  Deno.writeTextFileSync(`${folder.path}/id_1`, "");
  Deno.mkdirSync(`${folder.path}/id_2/2_0.jpg`, { recursive: true });
  assertThrows(() => sink.write(viewOf(1, 0)), UnrecError, `Cannot make the folder ${folder.path}/id_1`);
  assertThrows(() => sink.write(viewOf(2, 0)), UnrecError, `2_0.jpg: it is a directory`);
});

Deno.test("FolderSink: an output that has vanished is not made again", () => {
  using folder = temporaryFolder();
  for (const names of [REFERENCE_NAMES, "{label/10}/{label}/{number}", "{number}"]) {
    const output = `${folder.path}/images`;
    Deno.mkdirSync(output);
    const sink = new FolderSink(specOf(output, names));
    sink.write(viewOf(1, 0));
    Deno.removeSync(output, { recursive: true });
    assertThrows(() => sink.write(viewOf(1, 1)), UnrecError, "there is no such file or directory");
    assertThrows(() => sink.write(viewOf(50, 2)), UnrecError, "there is no such file or directory");
    assertEquals(exists(output), false);
  }
});

Deno.test("FolderSink: the receipt is of the last image of the task, and there is none where none was written", () => {
  using folder = temporaryFolder();
  const sink = new FolderSink(specOf(folder.path));
  sink.begin();
  sink.write(viewOf(3, 10, new Uint8Array(7)));
  sink.write(viewOf(2, 11, new Uint8Array(5)));
  assertEquals(sink.finish(), { receipts: [{ path: "id_2/2_11.jpg", bytes: 5 }] });
  sink.begin();
  assertEquals(sink.finish(), {});
});

Deno.test("FolderSink: with fsync all of it can be waited for, and the time it takes is told", () => {
  using folder = temporaryFolder();
  const sink = new FolderSink({ ...specOf(folder.path), fsync: true });
  for (const numbers of [[0, 1], [2]]) {
    sink.begin();
    for (const number of numbers) sink.write(viewOf(number % 2, number, Uint8Array.of(number)));
    const { receipts, syncSeconds } = sink.finish();
    const [last] = numbers.slice(-1);
    assertEquals(receipts, [{ path: `id_${last % 2}/${last % 2}_${last}.jpg`, bytes: 1 }]);
    assert(syncSeconds! >= 0);
  }
  // A file that is gone cannot be made durable, so each of a task is opened once more.
  sink.begin();
  sink.write(viewOf(0, 4));
  Deno.removeSync(`${folder.path}/id_0/0_4.jpg`);
  assertThrows(
    () => sink.finish(),
    UnrecError,
    `Cannot make ${folder.path}/id_0/0_4.jpg durable: there is no such file`,
  );
});

Deno.test("FolderSink: links in the place of a file or a folder are not followed, an older file is replaced", () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  Deno.mkdirSync(`${output}/id_1`, { recursive: true });
  Deno.mkdirSync(`${folder.path}/elsewhere`);
  Deno.writeTextFileSync(`${folder.path}/elsewhere/file`, "mine");
  Deno.symlinkSync(`${folder.path}/elsewhere/file`, `${output}/id_1/1_0.jpg`);
  Deno.symlinkSync(`${folder.path}/elsewhere/none`, `${output}/id_1/1_1.jpg`);
  Deno.symlinkSync(`${folder.path}/elsewhere`, `${output}/id_2`);
  Deno.writeTextFileSync(`${output}/id_1/1_2.jpg`, "longer than what comes");
  const sink = new FolderSink(specOf(output));
  for (const number of [0, 1]) {
    const path = `${output}/id_1/1_${number}.jpg`;
    assertThrows(() => sink.write(viewOf(1, number)), UnrecError, `Cannot write ${path}: it is a symbolic link`);
  }
  assertThrows(() => sink.write(viewOf(2, 0)), UnrecError, `the folder ${output}/id_2: it is a symbolic link`);
  sink.write(viewOf(1, 2, Uint8Array.of(9)));
  assertEquals(bytesOf(`${output}/id_1/1_2.jpg`), [9]);
  // Nor is one in the place of a folder on the way.
  const nested = new FolderSink(specOf(output, "{label/10}/{label}/{number}"));
  Deno.symlinkSync(`${folder.path}/elsewhere`, `${output}/3`);
  assertThrows(() => nested.write(viewOf(33, 0)), UnrecError, `the folder ${output}/3: it is a symbolic link`);
  assertEquals(Array.from(Deno.readDirSync(`${folder.path}/elsewhere`), ({ name }) => name), ["file"]);
  assertEquals(Deno.readTextFileSync(`${folder.path}/elsewhere/file`), "mine");
});

Deno.test("FolderSink: what else a file is called elsewhere stays as it is", () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  Deno.mkdirSync(`${output}/id_1`, { recursive: true });
  const path = `${output}/id_1/1_0.jpg`;
  Deno.writeTextFileSync(path, "old and longer");
  Deno.linkSync(path, `${folder.path}/backup`);
  new FolderSink(specOf(output)).write(viewOf(1, 0, Uint8Array.of(9)));
  assertEquals(bytesOf(path), [9]);
  assertEquals(Deno.readTextFileSync(`${folder.path}/backup`), "old and longer");
});

testUnless(WHY_NO_LINUX, "writeImage: where no more files can be open, the one that is there stays", async () => {
  using folder = temporaryFolder();
  const image = `${folder.path}/image`;
  Deno.writeTextFileSync(image, "old");
  const module = new URL("../../src/sink/image_file.ts", import.meta.url).href;
  Deno.writeTextFileSync(
    `${folder.path}/main.ts`,
    `import { writeImage } from "${module}";
     const open = [];
     try { for (;;) open.push(Deno.openSync("/dev/null")); } catch { /* There are as many as there can be. */ }
     try { writeImage("${image}", Uint8Array.of(9)); } catch ({ message }) { open.pop().close(); console.log(message); }`,
  );
  const deno = `'${Deno.execPath()}' run -A --no-lock '${folder.path}/main.ts'`;
  const shell = new Deno.Command("sh", { args: ["-c", `ulimit -n 200; ${deno}`], stdin: "null", stderr: "inherit" });
  const { stdout } = await shell.output();
  assertStringIncludes(new TextDecoder().decode(stdout), `Cannot write ${image}: too many files are open`);
  assertEquals(Deno.readTextFileSync(image), "old");
});

testUnless(WHY_NO_UNIX, "FolderSink: a pipe in the place of an image is neither waited for nor removed", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/id_1`);
  const path = `${folder.path}/id_1/1_0.jpg`;
  assertEquals(new Deno.Command("mkfifo", { args: [path] }).outputSync().success, true);
  assertThrows(
    () => new FolderSink(specOf(folder.path)).write(viewOf(1, 0, Uint8Array.of(9))),
    UnrecError,
    `Cannot write ${path}: it is there, and is no regular file; remove it`,
  );
  assertEquals(Deno.lstatSync(path).isFifo, true);
});
