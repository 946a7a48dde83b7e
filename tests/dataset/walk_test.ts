import { assert, assertEquals } from "@std/assert";
import { Cursor } from "../../src/dataset/cursor.ts";
import { type Damage, findNextRecord, walkRecords } from "../../src/dataset/walk.ts";
import { ROW, ROW_WORDS } from "../../src/recordio/types.ts";
import { loadEngine } from "../../src/wasm/load_engine.ts";
import { MemorySource, readNow } from "../bytes/sources.ts";
import { encodeRecord, seededRandom } from "../write_dataset.ts";

const ENGINES = [await loadEngine("wasm"), await loadEngine("ts")];

/** What a walk finds. */
interface Found {
  records: number[];
  parts: number;
  damages: [number, number, string][];
}

/** Walks bytes with both engines, with small chunks and large ones, in one range and in many; all find the same. */
function walk(bytes: Uint8Array): Found {
  const all: Found[] = [];
  for (const engine of ENGINES) {
    for (const chunkBytes of [256, 2 ** 16]) {
      for (const rangeBytes of [Infinity, 400, 92]) {
        const source = new MemorySource(bytes);
        const scanner = engine.createRecordScanner(chunkBytes);
        const found: Found = { records: [], parts: 0, damages: [] };
        let at: number | undefined = 0;
        for (let start = 0, end = 0; end < source.size; start = end) {
          end = Math.min(source.size, end + rangeBytes);
          if (at === undefined) {
            at = readNow(findNextRecord(new Cursor(source, scanner), start, end), source);
            found.damages.at(-1)![1] = at;
            if (at === end) at = undefined;
          }
          if (at === undefined || at >= end) continue;
          const walking = walkRecords(new Cursor(source, scanner), at, end, {
            records({ table }, count, chunkOffset) {
              for (let row = 0; row < count * ROW_WORDS; row += ROW_WORDS) {
                found.records.push(chunkOffset + table[row + ROW.FRAME]);
                found.parts += table[row + ROW.PARTS];
              }
            },
            damaged: ({ start, end, problem }: Damage) => found.damages.push([start, end, problem.kind]),
          });
          at = readNow(walking, source);
        }
        scanner.close();
        all.push(found);
      }
    }
  }
  for (const other of all) assertEquals(other, all[0]);
  return all[0];
}

function join(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** Six records with images of 60 bytes that begin and end as JPEG do; each takes 92 bytes. */
const SIZE = 92;
function six(): Uint8Array<ArrayBuffer> {
  return join([1, 2, 3, 4, 5, 6].map((key) => {
    const image = new Uint8Array(60).fill(key);
    image.set([0xff, 0xd8, 0xff]);
    image.set([0xff, 0xd9], 58);
    return encodeRecord({ key, label: key, image });
  }));
}

function put(bytes: Uint8Array<ArrayBuffer>, at: number, ...words: number[]): Uint8Array<ArrayBuffer> {
  words.forEach((word, i) => new DataView(bytes.buffer).setUint32(at + 4 * i, word, true));
  return bytes;
}

const at = (...records: number[]) => records.map((record) => (record - 1) * SIZE);
const MAGIC = 0xced7230a;

for (
  const [name, bytes, records, damages] of [
    ["nothing is wrong", six(), at(1, 2, 3, 4, 5, 6), []],
    ["a magic word is damaged", put(six(), 2 * SIZE, 7), at(1, 2, 4, 5, 6), [[184, 276, "bad-magic"]]],
    ["the first magic word is damaged", put(six(), 0, 7), at(2, 3, 4, 5, 6), [[0, 92, "bad-magic"]]],
    ["the last magic word is damaged", put(six(), 5 * SIZE, 7), at(1, 2, 3, 4, 5), [[460, 552, "bad-magic"]]],
    [
      "two magic words in a row are damaged",
      put(put(six(), 2 * SIZE, 7), 3 * SIZE, 7),
      at(1, 2, 5, 6),
      [[184, 368, "bad-magic"]],
    ],
    [
      "every other magic word is damaged: whole images speak for their records",
      put(put(put(six(), 0, 7), 2 * SIZE, 7), 4 * SIZE, 7),
      at(2, 4, 6),
      [[0, 92, "bad-magic"], [184, 276, "bad-magic"], [368, 460, "bad-magic"]],
    ],
    [
      "a length is too large: the record that it swallows is found in it",
      put(six(), 2 * SIZE + 4, 84 + 40),
      at(1, 2, 4, 5, 6),
      [[184, 276, "bad-magic"]],
    ],
    [
      "a length is too large, and the record that it swallows is damaged: bytes come after the end of its image",
      put(put(six(), 2 * SIZE + 4, 84 + 40), 3 * SIZE, 7),
      at(1, 2, 5, 6),
      [[184, 368, "bad-magic"]],
    ],
    [
      "a length is too small: its image is cut",
      put(six(), 2 * SIZE + 4, 60),
      at(1, 2, 4, 5, 6),
      [[184, 276, "bad-magic"]],
    ],
    [
      "a length leads past the end of the file",
      put(six(), 2 * SIZE + 4, 2 ** 29 - 1),
      at(1, 2, 4, 5, 6),
      [[184, 276, "truncated"]],
    ],
    ["the file is cut", six().slice(0, -10), at(1, 2, 3, 4, 5), [[460, 542, "truncated"]]],
    ["the file is cut in a frame header", six().slice(0, 5 * SIZE + 6), at(1, 2, 3, 4, 5), [[460, 466, "truncated"]]],
    ["a label vector is too long", put(six(), 2 * SIZE + 8, 99), at(1, 2, 4, 5, 6), [[184, 276, "labels-too-long"]]],
    ["a part begins no record", put(six(), 2 * SIZE + 4, (3 << 29 | 84) >>> 0), at(1, 2, 4, 5, 6), [
      [184, 276, "unexpected-part"],
    ]],
    ["a record does not end", put(six(), 2 * SIZE + 4, 1 << 29 | 84), at(1, 2, 4, 5, 6), [
      [184, 276, "unfinished-record"],
    ]],
    ["there are bytes after the last record", join([six(), new Uint8Array(50)]), at(1, 2, 3, 4, 5, 6), [
      [552, 602, "bad-magic"],
    ]],
    ["there is no record at all", new Uint8Array(1001).fill(9), [], [[0, 1001, "bad-magic"]]],
    ["there are too few bytes for a frame", new Uint8Array(5), [], [[0, 5, "truncated"]]],
    ["there is nothing", new Uint8Array(), [], []],
    [
      "noise holds magic words that begin nothing",
      join([six().subarray(0, 184), put(new Uint8Array(64), 4, MAGIC, 2 ** 29 - 1, MAGIC, 3 << 29, MAGIC, 24), six()]),
      [0, 92, ...at(1, 2, 3, 4, 5, 6).map((offset) => offset + 248)],
      [[184, 248, "bad-magic"]],
    ],
  ] as [string, Uint8Array<ArrayBuffer>, number[], [number, number, string][]][]
) {
  Deno.test(`walkRecords: ${name}`, () => {
    assertEquals(walk(bytes), { records, parts: records.length, damages });
  });
}

/** A record in many parts, of 24 bytes each. */
function multiPart(key: number): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(400).fill(key);
  for (let at = 16; at < 400; at += 20) image.set([0x0a, 0x23, 0xd7, 0xce], at);
  return encodeRecord({ key, label: key, image });
}

Deno.test("walkRecords: multi-part records, and damage in the middle of one", () => {
  const records = [1, 2, 3, 4].map(multiPart);
  const size = records[0].length;
  const whole = walk(join(records));
  assertEquals(whole.records, [0, size, 2 * size, 3 * size]);
  assert(whole.parts > 40);
  // The parts of a record speak for each other, whatever comes after it.
  const after = walk(put(join(records), 3 * size, 5));
  assertEquals(after.records, [0, size, 2 * size]);
  // The parts after the damage begin no record, so the next record is found and not a part.
  const damaged = walk(put(join(records), size + Math.floor(size / 48) * 24, 5));
  assertEquals(damaged.records, [0, 2 * size, 3 * size]);
  assertEquals(damaged.damages.map(([start, end]) => [start, end]), [[size, 2 * size]]);
});

Deno.test("walkRecords: 400 random damages leave every record that they do not touch", () => {
  const random = seededRandom(71);
  for (let i = 0; i < 400; i++) {
    const pieces = Array.from({ length: 12 }, (_, key) => {
      if (random() < 0.1) return multiPart(key);
      const image = Uint8Array.from({ length: 40 + Math.floor(random() * 300) }, () => random() * 256);
      image.set([0xff, 0xd8, 0xff]);
      image.set([0xff, 0xd9], image.length - 2);
      return encodeRecord({ key, label: random() < 0.5 ? key : [key, 1], image });
    });
    const offsets = pieces.map((_, j) => pieces.slice(0, j).reduce((sum, { length }) => sum + length, 0));
    const bytes = join(pieces);
    const from = Math.floor(random() * bytes.length);
    const length = random() < 0.5 ? 1 : Math.floor(random() * 500);
    const to = Math.min(bytes.length, from + length);
    for (let j = from; j < to; j++) bytes[j] ^= 1 + random() * 255;
    const { records, damages } = walk(bytes);
    for (const [j, offset] of offsets.entries()) {
      const end = offset + pieces[j].length;
      if (to <= offset || from >= end) assert(records.includes(offset), `damage ${i} at ${from} to ${to}: ${offset}`);
    }
    for (const [start, end] of damages) assert(start < end && end <= bytes.length);
    assert(records.every((offset) => offsets.includes(offset)), `damage ${i}`);
  }
});

Deno.test("findNextRecord: from a record, from after its beginning, and from the end", () => {
  const source = new MemorySource(join([new Uint8Array(1000), six(), new Uint8Array(2)]));
  for (const engine of ENGINES) {
    const scanner = engine.createRecordScanner(256);
    const next = (from: number) => readNow(findNextRecord(new Cursor(source, scanner), from), source);
    assertEquals([0, 3, 999, 1000, 1001, 1092, 1400].map(next), [1000, 1000, 1000, 1000, 1092, 1092, 1460]);
    // Up to a byte where none begins before it.
    const below = (end: number) => readNow(findNextRecord(new Cursor(source, scanner), 3, end), source);
    assertEquals([4, 512, 1000, 1004, 1400].map(below), [4, 512, 1000, 1000, 1000]);
    // The last record is followed by bytes that are no frame, but its image is whole.
    assertEquals([1460, 1461, 1552, 1554].map(next), [1460, 1554, 1554, 1554]);
    scanner.close();
  }
});
