import { assertEquals, assertThrows } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { isPiece, numberOfPiece, pieceName } from "../../src/sink/piece_name.ts";
import { copyPiece, removePieces } from "../../src/sink/pieces.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("copyPiece: all bytes come, and one that has others than it had is an error", () => {
  using folder = temporaryFolder();
  const path = pieceName(3);
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i);
  Deno.writeFileSync(`${folder.path}/${path}`, bytes);
  const copied: number[] = [];
  copyPiece(folder.path, { path, bytes: bytes.length, images: 1 }, (some) => copied.push(some.length));
  assertEquals(copied.reduce((sum, length) => sum + length), bytes.length);
  for (const wrong of [bytes.length - 1, bytes.length + 1]) {
    const copy = () => copyPiece(folder.path, { path, bytes: wrong, images: 1 }, () => {});
    assertThrows(copy, UnrecError, `it does not have its ${wrong} bytes any more`);
  }
  assertThrows(
    () => copyPiece(folder.path, { path: pieceName(4), bytes: 1, images: 1 }, () => {}),
    UnrecError,
    "there is no such file",
  );
});

Deno.test("removePieces: pieces and parts of them go, and nothing else", () => {
  using folder = temporaryFolder();
  const others = [".unrec-journal-0-of-2", ".unrec-piece-1", "unrec-piece-000001", ".train.rec.part"];
  for (const name of [...others, pieceName(0), pieceName(1_234_567), `.${pieceName(5)}.part`]) {
    Deno.writeTextFileSync(`${folder.path}/${name}`, "");
  }
  removePieces(folder.path);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort(), others.sort());
  removePieces(`${folder.path}/nowhere`);
});

Deno.test("pieceName: the number is told again, however large it is", () => {
  for (const number of [0, 999_999, 1_000_000]) assertEquals(numberOfPiece(pieceName(number)), number);
  assertEquals([isPiece(".unrec-piece-00001"), isPiece("a.unrec-piece-000001")], [false, false]);
});
