import { assertEquals, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
import { readIndex } from "../../src/dataset/read_index.ts";
import { UnrecError } from "../../src/errors.ts";
import type { IndexScanner } from "../../src/recordio/types.ts";
import { loadEngine } from "../../src/wasm/load_engine.ts";
import { MemorySource, readNow } from "../bytes/sources.ts";
import { seededRandom } from "../write_dataset.ts";

const ENGINES = [await loadEngine("wasm"), await loadEngine("ts")];

/** Reads an index from text or bytes, with each engine and with chunks so small that lines cross their borders. */
function read(text: string | Uint8Array) {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
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

Deno.test("readIndex: a byte order mark at the beginning is passed over", () => {
  const text = Array.from({ length: 1000 }, (_, key) => `${key}\t${key * 6000}\n`).join("");
  assertEquals(read(`\ufeff${text}`), read(text));
  assertEquals(read("\ufeff5\t0").entries, [[5, 0]]);
});

Deno.test("readIndex: a byte order mark that comes in pieces", () => {
  const readInPieces = (text: string, scanner: IndexScanner) => {
    const source = new MemorySource(new TextEncoder().encode(text));
    const bytewise = {
      name: source.name,
      size: source.size,
      read: (offset: number, into: Uint8Array<ArrayBuffer>) => source.read(offset, into.subarray(0, 1)),
      [Symbol.dispose]() {},
    };
    return Array.from(readNow(readIndex("train.idx", source.size, scanner), bytewise).offsets);
  };
  for (const engine of ENGINES) {
    const scanner = engine.createIndexScanner();
    // The second time, the chunk still holds what was read the first time.
    for (const _ of ["once", "again"]) {
      assertEquals(readInPieces("\ufeff5\t0\n6\t80\n\n", scanner), [0, 80]);
      assertThrows(() => readInPieces("\ufeff\ufeff5\t0\n", scanner), UnrecError, "line 1 is not");
    }
    scanner.close();
  }
});

Deno.test("readIndex: blank lines at the end are passed over", () => {
  const text = Array.from({ length: 1000 }, (_, key) => `${key}\t${key * 6000}\n`).join("");
  for (const end of ["\n", "\n\n\n", "\r\n", "  ", " \t\r\n\n", " ".repeat(100), "\n".repeat(2000), "\r"]) {
    assertEquals(read(text + end), read(text), JSON.stringify(end));
    assertEquals(read(`\ufeff5\t0\r\n${end}`).entries, [[5, 0]], JSON.stringify(end));
  }
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
    ["a first line that is empty", "\n0\t0\n", 'line 1 is not `key TAB offset`: ""'],
    ["many empty lines and another", `0\t0\n${"\n".repeat(5000)}1\t80\n`, 'line 2 is not `key TAB offset`: ""'],
    ["blanks before a key", `0\t0\n${" ".repeat(600)}1\t80\n`, "line 2 is not"],
    ["blanks after an offset", "0\t0 \n1\t80\n", 'line 1 is not `key TAB offset`: "0\\t0 "'],
    ["nothing but blank lines", "\r\n \n", 'line 1 is not `key TAB offset`: "\\r"'],
    ["nothing but a byte order mark", "\ufeff", 'line 1 is not `key TAB offset`: ""'],
    ["two byte order marks", "\ufeff\ufeff0\t0\n", "line 1 is not"],
    ["a byte order mark in the middle", "0\t0\n\ufeff1\t80\n", "line 2 is not"],
    ["a space for a tab", "0 0\n1 80\n", 'line 1 is not `key TAB offset`: "0 0"'],
    ["a key with a point", "0.0\t0\n", 'line 1 is not `key TAB offset`: "0.0\\t0"'],
    ["CR in place of LF", "0\t0\r1\t80\r", 'line 1 is not `key TAB offset`: "0\\t0\\r1\\t80\\r"'],
    ["a sign", "0\t0\n1\t-80\n", "line 2 is not"],
    ["a third column", "0\t0\t4\n", "line 1 is not"],
    ["no digits", "\t0\n", "line 1 is not"],
    ["seventeen digits", "00000000000000001\t0\n", "line 1 is not"],
    ["a key beyond 32 bits", "0\t0\n4294967296\t80\n", "line 2 has a key above 4294967295"],
    ["an offset beyond 53 bits", "0\t9007199254740992\n", "line 1 has an offset above 2^53 - 1"],
    ["bytes that are no text", "\u0000\u0001\u0002".repeat(5000), "line 1 is not"],
    ["nothing", "", "train.idx is empty: 0 bytes; the download did not begin or was cut"],
    ["a web page", "<html><title>Quota</title></html>\n", "train.idx is a web page, as servers send it"],
    ["text in UTF-16", Uint8Array.of(0xff, 0xfe, 0x30, 0, 9, 0, 0x30, 0, 10, 0), "train.idx is text in UTF-16"],
    [
      "a file of records",
      Uint8Array.of(0x0a, 0x23, 0xd7, 0xce, 0, 0, 0, 0),
      "train.idx is a file of records (RecordIO)",
    ],
    ["zeros", "\0".repeat(3000), "train.idx is zeros from its beginning on"],
    ["a list", "0\t1.0\timages/a.jpg\n", "train.idx is a list of images (.lst)"],
    ["an error in the last line", `${"1\t2\n".repeat(300)}x`, "line 301 is not"],
  ] as [string, string | Uint8Array, string][]
) {
  Deno.test(`readIndex: ${name} is an error`, () => {
    assertThrows(() => read(text), UnrecError, message);
  });
}

Deno.test("readIndex: whatever the index is, it can be rebuilt; what is compressed can be inflated", () => {
  const kindsOf = (bytes: Uint8Array) => assertThrows(() => read(bytes), UnrecError).remedies.map(({ kind }) => kind);
  assertEquals(kindsOf(new Uint8Array()), ["download-again", "rebuild-index"]);
  assertEquals(kindsOf(new TextEncoder().encode("<html>")), ["download-again", "rebuild-index"]);
  assertEquals(kindsOf(new TextEncoder().encode("0 0\n")), ["download-again", "rebuild-index"]);
  assertEquals(kindsOf(gzipSync("0\t0\n")), ["inflate", "rebuild-index"]);
});
