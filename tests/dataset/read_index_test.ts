import { assertEquals, assertThrows } from "@std/assert";
import { readIndex } from "../../src/dataset/read_index.ts";
import { UnrecError } from "../../src/errors.ts";
import { loadEngine } from "../../src/wasm/load_engine.ts";
import { MemorySource, readNow } from "../bytes/sources.ts";
import { seededRandom } from "../write_dataset.ts";

const ENGINES = [await loadEngine("wasm"), await loadEngine("ts")];

/** Reads an index from text, with each engine and with chunks so small that lines cross their borders. */
function read(text: string) {
  const bytes = new TextEncoder().encode(text);
  const read = ENGINES.flatMap((engine) =>
    [256, 301, 2 ** 20].map((chunkBytes) => {
      const scanner = engine.createIndexScanner(chunkBytes);
      try {
        const { keys, offsets, rising, duplicates } = readNow(
          readIndex("train.idx", bytes.length, scanner),
          new MemorySource(bytes),
        );
        return {
          entries: Array.from(offsets, (offset, row) => [keys.at(row), offset]),
          runs: keys.count,
          rising,
          duplicates,
        };
      } finally {
        scanner.close();
      }
    })
  );
  for (const other of read) assertEquals(other, read[0]);
  return read[0];
}

/** The Python loop that MXNet's loader amounts to: a dict keeps a key's first place and its last value. */
function asPython(text: string): number[][] {
  const dict = new Map<number, number>();
  for (const line of text.split("\n")) {
    if (line !== "") dict.set(...line.split("\t").map(Number) as [number, number]);
  }
  return [...dict];
}

Deno.test("readIndex: consecutive keys are one run", () => {
  const text = Array.from({ length: 1000 }, (_, key) => `${key}\t${key * 6000}\n`).join("");
  assertEquals(read(text), { entries: asPython(text), runs: 1, rising: true, duplicates: 0 });
});

Deno.test("readIndex: CR LF, and no line feed at the end", () => {
  const expected = { entries: [[5, 0], [6, 80], [7, 160]], runs: 1, rising: true, duplicates: 0 };
  assertEquals(read("5\t0\r\n6\t80\r\n7\t160"), expected);
  assertEquals(read("5\t0\r\n6\t80\n7\t160\r\n"), expected);
});

Deno.test("readIndex: offsets beyond 32 bits", () => {
  assertEquals(read("1\t4294967296\n2\t138547865432\n3\t9007199254740991\n").entries, [
    [1, 4294967296],
    [2, 138547865432],
    [3, 9007199254740991],
  ]);
});

Deno.test("readIndex: keys and offsets in any order", () => {
  const random = seededRandom(5);
  const keys = Array.from({ length: 500 }, (_, key) => key).sort(() => random() - 0.5);
  const text = keys.map((key) => `${key}\t${Math.floor(random() * 1e9)}\n`).join("");
  const { entries, rising } = read(text);
  assertEquals(entries, asPython(text));
  assertEquals(rising, false);
});

Deno.test("readIndex: a key that comes again keeps its place and takes its last offset", () => {
  const random = seededRandom(6);
  const text = Array.from({ length: 500 }, () => `${Math.floor(random() * 200)}\t${Math.floor(random() * 1e6)}\n`).join(
    "",
  );
  const { entries, duplicates } = read(text);
  assertEquals(entries, asPython(text));
  assertEquals(duplicates, 500 - entries.length);
  assertEquals(read("3\t0\n4\t40\n3\t80\n").rising, false);
});

for (
  const [name, text, message] of [
    ["no tab", "0\t0\n1 80\n", 'line 2 is not `key TAB offset`: "1 80"'],
    ["an empty line", "0\t0\n\n1\t80\n", 'line 2 is not `key TAB offset`: ""'],
    ["a sign", "0\t0\n1\t-80\n", "line 2 is not"],
    ["a third column", "0\t0\t4\n", "line 1 is not"],
    ["no digits", "\t0\n", "line 1 is not"],
    ["seventeen digits", "00000000000000001\t0\n", "line 1 is not"],
    ["a key beyond 32 bits", "0\t0\n4294967296\t80\n", "line 2 has a key above 4294967295"],
    ["an offset beyond 53 bits", "0\t9007199254740992\n", "line 1 has an offset above 2^53 - 1"],
    ["bytes that are no text", "\u0000\u0001\u0002".repeat(5000), "line 1 is not"],
    ["nothing", "", "it is empty"],
    ["an error in the last line", `${"1\t2\n".repeat(300)}x`, "line 301 is not"],
  ]
) {
  Deno.test(`readIndex: ${name} is an error`, () => {
    assertThrows(() => read(text), UnrecError, message);
  });
}
