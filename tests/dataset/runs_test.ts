import { assertEquals } from "@std/assert";
import { Runs } from "../../src/dataset/runs.ts";

Deno.test("Runs: a column of numbers and its runs", () => {
  const runs = new Runs();
  for (const [start, length] of [[12, 2], [14, 1], [7, 2], [20, 0], [9, 1], [3, 1]]) runs.append(start, length);
  assertEquals([runs.count, runs.length], [3, 7]);
  assertEquals(Array.from({ length: 7 }, (_, i) => runs.at(i)), [12, 13, 14, 7, 8, 9, 3]);
  assertEquals([0, 1, 2].map((run) => runs.lengthOf(run)), [3, 3, 1]);
  assertEquals([...runs.sorted()], [2, 1, 0]);
  assertEquals(runs.hasDuplicates(), false);
  runs.append(8, 1);
  assertEquals(runs.hasDuplicates(), true);
  assertEquals([...runs.sorted()], [2, 1, 3, 0]);
});

Deno.test("Runs: more runs than it has room for at first", () => {
  const runs = new Runs();
  for (let i = 0; i < 1000; i++) runs.append(2 * i, 1);
  assertEquals([runs.count, runs.at(0), runs.at(500), runs.at(999)], [1000, 0, 1000, 1998]);
});
