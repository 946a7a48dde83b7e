import { assertEquals, assertThrows } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { FolderSink } from "../../src/sink/folder_sink.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("FolderSink: a label is met again after others, and by a second sink", () => {
  using folder = temporaryFolder();
  const bytes = Uint8Array.of(1, 2, 3);
  const sinks = [new FolderSink(folder.path), new FolderSink(folder.path)];
  for (const [sink, label, ordinal] of [[0, 7, 0], [0, -1, 1], [0, 7, 2], [1, 7, 3], [1, 1e20, 4]]) {
    sinks[sink].write(label, ordinal, bytes);
  }
  const files = ["id_7/7_0", "id_-1/-1_1", "id_7/7_2", "id_7/7_3", "id_100000000000000000000/100000000000000000000_4"];
  for (const file of files) assertEquals(Deno.readFileSync(`${folder.path}/${file}.jpg`), bytes);
});

Deno.test("FolderSink: a folder that cannot be made, a file that cannot be written", () => {
  using folder = temporaryFolder();
  const sink = new FolderSink(folder.path);
  Deno.writeTextFileSync(`${folder.path}/id_1`, "");
  Deno.mkdirSync(`${folder.path}/id_2/2_0.jpg`, { recursive: true });
  assertThrows(() => sink.write(1, 0, new Uint8Array()), UnrecError, `Cannot make the folder ${folder.path}/id_1`);
  assertThrows(() => sink.write(2, 0, new Uint8Array()), UnrecError, `2_0.jpg: it is a directory`);
});
