/** The index read around a key: what it finds is what the whole index has, or it finds nothing. */
import { assert, assertEquals } from "@std/assert";
import { readIndexAround } from "../../src/dataset/index_around.ts";
import { readIndex } from "../../src/dataset/read_index.ts";
import { UnrecError } from "../../src/errors.ts";
import type { Engine } from "../../src/recordio/types.ts";
import { loadEngine } from "../../src/wasm/load_engine.ts";
import { MemorySource, readNow } from "../bytes/sources.ts";
import { seededRandom } from "../write_dataset.ts";

const ENGINES = { wasm: await loadEngine("wasm"), ts: await loadEngine("ts") };

/** Offset of a key as far as the lines around it tell, and how often bytes were asked for. */
function around(engine: Engine, text: string, key: number, window: number) {
  const source = new MemorySource(new TextEncoder().encode(text));
  const scanner = engine.createIndexScanner(window);
  try {
    const index = readNow(readIndexAround(source.size, scanner, key), source);
    const row = index?.rowOf(key);
    // One without the key would be taken for all of the index.
    assert(row !== -1, `an index without ${key}`);
    return { offset: row === undefined ? undefined : index!.offsets[row], reads: source.reads.length };
  } finally {
    scanner.close();
  }
}

/** Offsets by key as the whole index has them; undefined if it cannot be read. */
function whole(text: string): Map<number, number> | undefined {
  const source = new MemorySource(new TextEncoder().encode(text));
  const scanner = ENGINES.wasm.createIndexScanner(2 ** 16);
  try {
    const { keys, offsets } = readNow(readIndex("train.idx", source.size, scanner), source);
    return new Map(Array.from(offsets, (offset, row) => [keys.at(row), offset]));
  } catch (error) {
    assert(error instanceof UnrecError, String(error));
    return undefined;
  } finally {
    scanner.close();
  }
}

function linesOf(keys: readonly number[], end = "\n", step = 6001): string {
  return keys.map((key, row) => `${key}\t${row * step}${end}`).join("");
}

function count(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

const RISING: Record<string, string> = {
  "one line": "7\t80\n",
  "one line without a line feed": "7\t80",
  "some lines": linesOf(count(0, 9)),
  "many lines": linesOf(count(0, 5000)),
  "keys with gaps": linesOf(count(0, 3000).map((key) => key * key)),
  "keys that begin at 1": linesOf(count(1, 3000)),
  "two runs far apart": linesOf([...count(0, 1000), ...count(4_000_000_000, 4_000_001_000)]),
  "CR LF": linesOf(count(0, 3000), "\r\n"),
  "no line feed at the end": linesOf(count(0, 3000)).trimEnd(),
  "CR at the end": linesOf(count(0, 3000), "\r\n").slice(0, -1),
  "a byte order mark": `\ufeff${linesOf(count(0, 3000))}`,
  "a byte order mark and one line": "\ufeff7\t80\n",
  "blank lines at the end": `${linesOf(count(0, 3000))}\n \r\n\t\n`,
  "offsets that jump about": count(0, 3000).map((key) => `${key}\t${(key * 7919) % 30011}\n`).join(""),
  "record 0 last": linesOf([...count(1, 3000), 0]),
  "record 0 last, few lines": linesOf([1, 2, 3, 0]),
  "record 0 last without a line feed": linesOf([...count(1, 3000), 0]).trimEnd(),
  "record 0 last in the last window alone": linesOf([...count(1, 40), 0]),
};

for (const [name, engine] of Object.entries(ENGINES)) {
  for (const [what, text] of Object.entries(RISING)) {
    Deno.test(`readIndexAround, ${name}: keys of an index with ${what} is found`, () => {
      const expected = whole(text)!;
      const entries = [...expected].filter((_, i) => i < 30 || i % 17 === 0 || i > expected.size - 30);
      for (const window of [256, 2 ** 14]) {
        for (const [key, offset] of entries) {
          assertEquals([key, around(engine, text, key, window).offset], [key, offset]);
        }
      }
      for (const key of [-1, 0, 0.5, 3500, 2_000_000_000, 4294967295].filter((key) => !expected.has(key))) {
        assertEquals(around(engine, text, key, 256).offset, undefined);
      }
    });
  }

  Deno.test(`readIndexAround, ${name}: an index of a million lines takes a few reads, wherever the key is`, () => {
    const text = linesOf(count(0, 1_000_000));
    for (const key of [0, 1, 600, 12_345, 499_999, 500_000, 876_543, 999_000, 999_999]) {
      const { offset, reads } = around(engine, text, key, 2 ** 14);
      assertEquals(offset, key * 6001);
      assert(reads <= 6, `key ${key}: ${reads} reads`);
    }
  });

  Deno.test(`readIndexAround, ${name}: keys of very different distances take no more reads than halving does`, () => {
    const keys = [...new Set(count(0, 60_000).map((i) => Math.floor(1.0003696 ** i)))];
    const text = linesOf(keys);
    for (const key of [keys[1], keys[100], keys[20_000], keys.at(-2)!]) {
      const { offset, reads } = around(engine, text, key, 2 ** 12);
      assertEquals(offset, keys.indexOf(key) * 6001);
      assert(reads <= 24, `key ${key}: ${reads} reads`);
    }
  });
}

const UNSORTED: Record<string, string> = {
  "keys that fall": linesOf(count(0, 3000).reverse()),
  "a key again at the end": linesOf([...count(0, 3000), 5]),
  "a key twice in a row": linesOf([...count(0, 1500), 1499, ...count(1500, 3000)]),
  "all keys twice": linesOf([...count(0, 3000), ...count(0, 3000)]),
  "record 0 first and last": linesOf([...count(0, 3000), 0]),
  "record 0 twice at the end": linesOf([...count(1, 3000), 0, 0]),
  "nothing": "",
  "a byte order mark alone": "\ufeff",
  "blank lines alone": "\n\n",
  "a long line": `${"1".repeat(70)}\t5\n${linesOf(count(0, 3000))}`,
  "a line without an end": linesOf(count(0, 20)) + "1".repeat(600),
  "words": "these are words\n".repeat(200),
  "a key that is too large": `${linesOf(count(0, 10))}4294967296\t5\n`,
};

for (const [what, text] of Object.entries(UNSORTED)) {
  Deno.test(`readIndexAround: of an index with ${what} it tells nothing that the whole one does not`, () => {
    const expected = whole(text);
    for (const engine of Object.values(ENGINES)) {
      for (const window of [256, 2 ** 14]) {
        for (const key of [0, 1, 5, 700, 1498, 1499, 1500, 2999]) {
          const { offset } = around(engine, text, key, window);
          if (offset !== undefined) assertEquals([what, key, offset], [what, key, expected?.get(key)]);
        }
      }
    }
  });
}

Deno.test("readIndexAround: where two windows contradict each other, a key that comes twice is not told", () => {
  const block = (first: number, step: number, length: number) => count(0, length).map((i) => first + i * step);
  const twice = block(5841, 15, 251);
  const keys = [block(4851, 15, 66), block(4741, 1, 96), twice, twice, block(1515, 15, 216), block(15, 15, 100)];
  const text = linesOf([...keys.flat(), ...block(9599, 8, 242)]);
  const expected = whole(text)!;
  for (const engine of Object.values(ENGINES)) {
    for (const key of [5886, 6006, 6411, 6426]) {
      const { offset } = around(engine, text, key, 256);
      assertEquals([key, offset ?? expected.get(key)], [key, expected.get(key)]);
    }
  }
});

Deno.test("readIndexAround: of keys that come several times in one window, in any order, it tells nothing wrong", () => {
  const random = seededRandom(12);
  for (let round = 0; round < 2000; round++) {
    const keys = Array.from({ length: 1 + Math.floor(random() * 12) }, () => Math.floor(random() * 9));
    const text = linesOf(random() < 0.5 ? keys : keys.toSorted((a, b) => a - b));
    const expected = whole(text)!;
    for (const key of new Set(keys)) {
      for (const engine of Object.values(ENGINES)) {
        const { offset } = around(engine, text, key, 2 ** 12);
        assertEquals([text, key, offset ?? expected.get(key)], [text, key, expected.get(key)]);
      }
    }
  }
});

Deno.test("readIndexAround: of thousands of random texts, cut, mixed and damaged, what is found is right", () => {
  const random = seededRandom(11);
  const upTo = (most: number) => Math.floor(random() * most);
  const pick = <T>(items: readonly T[]): T => items[upTo(items.length)];
  let found = 0;
  for (let round = 0; round < 4000; round++) {
    const length = 1 + upTo(120);
    let key = upTo(3);
    // Keys once each, so that the line of a key is the one that counts, whatever the order.
    const keys = Array.from({ length }, () => key += 1 + (random() < 0.2 ? upTo(10 ** upTo(5)) : 0));
    const disorder = pick(["none", "none", "turned", "swapped", "shuffled", "moved"]);
    if (disorder === "turned") keys.push(...keys.splice(0, upTo(length)));
    if (disorder === "moved") keys.splice(upTo(length), 0, ...keys.splice(upTo(length), 1));
    if (disorder === "shuffled") keys.sort(() => random() - 0.5);
    if (disorder === "swapped") {
      const [a, b] = [upTo(length), upTo(length)];
      [keys[a], keys[b]] = [keys[b], keys[a]];
    }
    const end = pick(["\n", "\n", "\r\n"]);
    let text = keys.map((key, row) => `${key}\t${row * 37 + upTo(10) * 10 ** 9}${end}`).join("");
    text = pick([
      text,
      text,
      `\ufeff${text}`,
      text.trimEnd(),
      `${text}\n\n`,
      text.slice(upTo(20)),
      text.slice(0, upTo(text.length) + 1),
    ]);
    if (random() < 0.1) {
      const at = upTo(text.length);
      text = text.slice(0, at) + pick(["x", "\t", "\n", "9", "\r", "-", "\0", " "]) + text.slice(at + upTo(2));
    }
    const expected = whole(text);
    // A line that is damaged need not be seen: what is found then is a line of the text all the same.
    const lines = new Set(text.replace(/^\ufeff/, "").split(/\r?\n/));
    for (const wanted of [...Array.from({ length: 4 }, () => pick(keys)), upTo(200), 0]) {
      for (const window of [256, 300, 2 ** 12]) {
        const answers = Object.values(ENGINES).map((engine) => around(engine, text, wanted, window).offset);
        assertEquals(answers[1], answers[0], text);
        const [offset] = answers;
        if (offset === undefined) continue;
        found++;
        if (expected !== undefined) assertEquals([wanted, offset], [wanted, expected.get(wanted)], text);
        else assert(lines.has(`${wanted}\t${offset}`), text);
      }
    }
  }
  assert(found > 10_000, `${found} found`);
});
