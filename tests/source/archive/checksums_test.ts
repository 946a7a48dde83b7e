/** Sums are taken of what they are compared with, and of nothing else. */
import { assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { UnrecError } from "../../../src/errors.ts";
import { Checksum, checksumFor } from "../../../src/source/archive/checksum.ts";
import { PUBLISHED, readChecksums } from "../../../src/source/archive/checksums.ts";
import { PartsReader } from "../../../src/source/archive/parts_reader.ts";
import { ArchivePlace } from "../../../src/source/archive/archive_source.ts";
import type { SourceOptions } from "../../../src/source/source.ts";
import { decode } from "../../../src/decode/decode.ts";
import { eachImage } from "../../../src/sink/sink.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { makeTar, writeParts } from "./make_archive.ts";

/** Counts the bytes that sums are taken of while something is done. */
async function summed(action: () => Promise<void>): Promise<number> {
  const { update } = Checksum.prototype;
  let bytes = 0;
  Checksum.prototype.update = function (piece) {
    bytes += piece.length;
    update.call(this, piece);
  };
  try {
    await action();
  } finally {
    Checksum.prototype.update = update;
  }
  return bytes;
}

async function readAll(reader: PartsReader): Promise<void> {
  for await (const _ of reader);
}

/** Reads an archive in this thread, as decoding does, and writes nothing. */
async function readArchive(path: string, checksums: SourceOptions["checksums"]): Promise<void> {
  using archive = await new ArchivePlace([path]).open({ checksums });
  assertEquals((await decode([archive], eachImage(() => {}))).images, 82);
}

const md5 = (path: string) => createHash("md5").update(Deno.readFileSync(path)).digest("hex");

Deno.test("checksumFor: nothing to compare with, nothing to take", () => {
  assertEquals(checksumFor(undefined, "/a/glint360k_00"), undefined);
  assertEquals(checksumFor(PUBLISHED, "/a/faces_00"), undefined);
  assertEquals(checksumFor(new Map(), "/a/faces_00"), undefined);
  assertEquals(checksumFor(PUBLISHED, "/a/glint360k_06") instanceof Checksum, true);
});

Deno.test("only parts whose sum is known are summed up", async () => {
  using folder = temporaryFolder();
  const parts = writeParts(makeTar({ names: ["glint_mini"] }), `${folder.path}/faces`, 3);
  const { size } = Deno.statSync(parts[1]);
  assertEquals(await summed(() => readAll(new PartsReader(parts, undefined))), 0);
  assertEquals(await summed(() => readAll(new PartsReader(parts, PUBLISHED))), 0);
  const sums = new Map([["faces_01", md5(parts[1])]]);
  assertEquals(await summed(() => readAll(new PartsReader(parts, sums))), size);
});

Deno.test("a whole archive is read without a sum, of parts or of files in it, unless one is known", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.tar`;
  Deno.writeFileSync(path, makeTar({ names: ["glint_mini"], gzip: false }));
  assertEquals(await summed(() => readArchive(path, PUBLISHED)), 0);
  assertEquals(await summed(() => readArchive(path, false)), 0);
  const { size } = Deno.statSync(path);
  assertEquals(await summed(() => readArchive(path, new Map([["a.tar", md5(path)]]))), size);
});

Deno.test("readChecksums: what md5sum and sha256sum write", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/sums`;
  const [a, b] = ["a".repeat(32), "B".repeat(64)];
  Deno.writeTextFileSync(path, `${a}  x/y_00\r\n\n${b} *y_01\n`);
  assertEquals([...readChecksums(path)], [["y_00", a], ["y_01", "b".repeat(64)]]);
  Deno.writeTextFileSync(path, `${a}  x\n${a} y\n`);
  assertThrows(() => readChecksums(path), UnrecError, "line 2 is not what md5sum or sha256sum write");
  // Of one that is too long the lines at its end would be missing, and the last one that is read could be a part of one.
  const name = "x".repeat(29);
  Deno.writeTextFileSync(path, `${a}  ${name}\n`.repeat(2 ** 14));
  assertEquals([...readChecksums(path)], [[name, a]]);
  Deno.writeTextFileSync(path, "\n", { append: true });
  assertThrows(() => readChecksums(path), UnrecError, "it has more than 1048576 bytes, so it is no such list");
  assertThrows(() => readChecksums(`${path}2`), UnrecError, "there is no such file");
});
