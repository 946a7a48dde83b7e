import { assert, assertEquals, assertThrows } from "@std/assert";
import { Cursor } from "../../src/dataset/cursor.ts";
import { UnrecError } from "../../src/errors.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { ROW, ROW_WORDS, SCAN } from "../../src/recordio/types.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { MemorySource, readNow } from "../bytes/sources.ts";
import { encodeRecord, seededRandom } from "../write_dataset.ts";

const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => i * 7 + (i >> 8));

for (const [name, engine] of [["wasm", wasmEngine], ["ts", tsEngine]] as const) {
  /** A cursor over the bytes, with a chunk of 64 bytes. */
  const over = (bytes: Uint8Array, size = bytes.length) => {
    const source = new MemorySource(bytes, "train.rec");
    const heard: [number, number[]][] = [];
    const cursor = new Cursor(
      { name: "train.rec", size },
      engine.createRecordScanner(64),
      (bytes, offset) => void heard.push([offset, [...bytes]]),
    );
    const readOn = (needed: number, until: number) => readNow(cursor.readOn(needed, until), source);
    const there = () => [...cursor.scanner.chunk.subarray(cursor.position, cursor.filled)];
    return { cursor, source, heard, readOn, there };
  };

  Deno.test(`Cursor: wherever it goes and however much is read, the bytes there are those of the file (${name})`, () => {
    const random = seededRandom(3);
    const { cursor, readOn, there } = over(BYTES);
    for (let i = 0; i < 2000; i++) {
      const offset = Math.floor(random() * 1001);
      if (random() < 0.5) cursor.jumpTo(offset);
      else cursor.moveTo(offset);
      assertEquals(cursor.offset, offset);
      // The chunk begins where frames can: at a multiple of 4.
      assertEquals(cursor.chunkOffset % 4, 0);
      const needed = Math.min(1000 - offset, Math.floor(random() * 50));
      assertEquals(readOn(needed, random() < 0.5 ? 0 : offset + Math.floor(random() * 200)), true);
      assert(cursor.available >= needed);
      assertEquals([cursor.offset, there()], [offset, [...BYTES.subarray(offset, offset + cursor.available)]]);
    }
    assertEquals(cursor.scanner.chunk.length, 64);
    cursor.scanner.close();
  });

  Deno.test(`Cursor: what is there is not read again, unless it is jumped to (${name})`, () => {
    const { cursor, source, readOn } = over(BYTES);
    cursor.jumpTo(103);
    readOn(10, 0);
    for (const offset of [150, 100, 164, 103]) {
      cursor.moveTo(offset);
      assertEquals(cursor.available, 164 - offset);
    }
    readOn(61, 0);
    assertEquals(source.reads, [[100, 64]]);
    for (const offset of [99, 165]) {
      cursor.moveTo(offset);
      assertEquals(cursor.available, 0);
    }
    cursor.jumpTo(100);
    readOn(4, 110);
    readOn(20, 110);
    readOn(30, 110);
    // Up to where it is wanted; then no less than is needed, as far as the chunk goes.
    assertEquals(source.reads.slice(1), [[100, 10], [110, 54]]);
    cursor.jumpTo(100);
    assertEquals(cursor.available, 0);
    cursor.scanner.close();
  });

  Deno.test(`Cursor: it is told of what is read, as it is in the file, before a scan changes it (${name})`, () => {
    const { cursor, heard, readOn } = over(BYTES);
    for (const offset of [0, 60, 61, 300]) {
      cursor.moveTo(offset);
      readOn(20, 0);
    }
    let last = 0;
    for (const [offset, bytes] of heard) {
      assert(bytes.length > 0 && offset >= last);
      assertEquals(bytes, [...BYTES.subarray(offset, offset + bytes.length)]);
      last = offset + bytes.length;
    }
    assertEquals(heard.map(([offset]) => offset), [0, 64, 300]);
    cursor.scanner.close();
  });

  Deno.test(`Cursor: the chunk grows for what has no room in it (${name})`, () => {
    const { cursor, readOn, there } = over(BYTES);
    cursor.jumpTo(3);
    readOn(40, 0);
    assertEquals(cursor.scanner.chunk.length, 64);
    // In a file the bytes are there, so it grows to twice its size at least.
    readOn(62, 0);
    assertEquals([cursor.scanner.chunk.length, there().slice(0, 62)], [128, [...BYTES.subarray(3, 65)]]);
    readOn(500, 0);
    assertEquals([cursor.scanner.chunk.length, there().slice(0, 500)], [503, [...BYTES.subarray(3, 503)]]);
    cursor.scanner.close();
  });

  Deno.test(`Cursor: in a stream no more memory is taken than has come, and its end is no error (${name})`, () => {
    const { cursor, readOn, there } = over(BYTES, Infinity);
    // A frame may announce anything.
    assertEquals(readOn(2 ** 29, Infinity), false);
    assertEquals(there(), [...BYTES]);
    assert(cursor.scanner.chunk.length <= 2048, `${cursor.scanner.chunk.length}`);
    cursor.scanner.close();
  });

  Deno.test(`Cursor: a file that became shorter, and one that claims what no memory has (${name})`, () => {
    const { cursor, readOn } = over(BYTES, 1200);
    cursor.jumpTo(900);
    assertThrows(
      () => readOn(200, 0),
      UnrecError,
      "Cannot read train.rec at byte 1000: the file became shorter while it was read",
    );
    const huge = over(BYTES, 2 ** 40);
    assertThrows(
      () => huge.readOn(2 ** 36, 0),
      UnrecError,
      "Cannot read a record of train.rec that takes 68719476736 bytes: there is no memory for it",
    );
    for (const { scanner } of [cursor, huge.cursor]) scanner.close();
  });

  Deno.test(`Cursor.peek: bytes anywhere, without a word to the listener, and the place stays (${name})`, () => {
    const { cursor, source, heard, readOn, there } = over(BYTES);
    cursor.jumpTo(200);
    readOn(20, 0);
    const before = there();
    for (const [offset, length, count] of [[0, 10, 10], [995, 10, 5], [1000, 4, 0], [2000, 4, 0], [5, 0, 0]]) {
      assertEquals(
        [...readNow(cursor.peek(offset, length), source)],
        [...BYTES.subarray(offset, offset + count)],
      );
    }
    assertEquals([cursor.offset, there(), heard.length], [200, before, 1]);
    cursor.scanner.close();
  });

  Deno.test(`Cursor.scan: the records from the place on (${name})`, () => {
    const records = [1, 2, 3].map((key) => encodeRecord({ key, label: key, image: new Uint8Array(5) }));
    const size = records[0].length;
    const { cursor, readOn } = over(Uint8Array.from(records.flatMap((record) => [...record])));
    cursor.jumpTo(size);
    readOn(size, 0);
    assertEquals(cursor.scan(), SCAN.INCOMPLETE);
    const { table, count, next } = cursor.scanner;
    assertEquals([count, cursor.chunkOffset + table[ROW.FRAME], table[ROW.ID], next], [1, size, 2, size]);
    assertEquals(table.length % ROW_WORDS, 0);
    cursor.scanner.close();
  });
}
