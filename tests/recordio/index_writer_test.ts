import { assertEquals } from "@std/assert";
import { IndexWriter } from "../../src/recordio/index_writer.ts";

Deno.test("IndexWriter: numbers of every length, and more text than its buffer holds", () => {
  const numbers = [0, 1, 9, 10, 99, 100, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 138_547_865_432, 1e15, 2 ** 53 - 1];
  const expected: string[] = [];
  const pieces: string[] = [];
  const text = new IndexWriter((bytes) => pieces.push(new TextDecoder().decode(bytes)));
  for (let i = 0; i < 8000; i++) {
    for (const number of numbers) {
      const key = number % 2 ** 32;
      expected.push(`${key}\t${number}\n`);
      text.append(key, number);
    }
  }
  text.flush();
  assertEquals(pieces.length > 1, true);
  assertEquals(pieces.join(""), expected.join(""));
});
