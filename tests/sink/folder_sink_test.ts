import { assert, assertEquals, assertThrows } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { FolderSink, type FolderSpec } from "../../src/sink/folder_sink.ts";
import { viewOf } from "../recordio/view_of.ts";
import { temporaryFolder } from "../temporary_folder.ts";

function specOf(output: string): FolderSpec {
  return { format: "folder", output, fsync: false };
}

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

Deno.test("FolderSink: a folder that cannot be made, a file that cannot be written", () => {
  using folder = temporaryFolder();
  const sink = new FolderSink(specOf(folder.path));
  Deno.writeTextFileSync(`${folder.path}/id_1`, "");
  Deno.mkdirSync(`${folder.path}/id_2/2_0.jpg`, { recursive: true });
  assertThrows(() => sink.write(viewOf(1, 0)), UnrecError, `Cannot make the folder ${folder.path}/id_1`);
  assertThrows(() => sink.write(viewOf(2, 0)), UnrecError, `2_0.jpg: it is a directory`);
});

Deno.test("FolderSink: the receipt is of the last image of the task, and there is none where none was written", () => {
  using folder = temporaryFolder();
  const sink = new FolderSink(specOf(folder.path));
  sink.begin();
  sink.write(viewOf(3, 10, new Uint8Array(7)));
  sink.write(viewOf(2, 11, new Uint8Array(5)));
  assertEquals(sink.finish(), { receipt: { label: 2, number: 11, bytes: 5 } });
  sink.begin();
  assertEquals(sink.finish(), {});
});

Deno.test("FolderSink: with fsync all of it can be waited for, and the time it takes is told", () => {
  using folder = temporaryFolder();
  const sink = new FolderSink({ ...specOf(folder.path), fsync: true });
  for (const numbers of [[0, 1], [2]]) {
    sink.begin();
    for (const number of numbers) sink.write(viewOf(number % 2, number, Uint8Array.of(number)));
    const { receipt, syncSeconds } = sink.finish();
    const [last] = numbers.slice(-1);
    assertEquals(receipt, { label: last % 2, number: last, bytes: 1 });
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

Deno.test("FolderSink: links in the place of a file or a folder are not followed, an older file is overwritten", () => {
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
  assertEquals(Deno.readFileSync(`${output}/id_1/1_2.jpg`), Uint8Array.of(9));
  assertEquals(Array.from(Deno.readDirSync(`${folder.path}/elsewhere`), ({ name }) => name), ["file"]);
  assertEquals(Deno.readTextFileSync(`${folder.path}/elsewhere/file`), "mine");
});
