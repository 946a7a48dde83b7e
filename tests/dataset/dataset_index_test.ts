import { assertEquals } from "@std/assert";
import { DatasetIndex } from "../../src/dataset/dataset_index.ts";
import { Runs } from "../../src/dataset/runs.ts";

function indexOf(keys: number[], offsets: number[]): DatasetIndex {
  const runs = new Runs();
  for (const key of keys) runs.append(key, 1);
  return new DatasetIndex(Float64Array.from(offsets), runs, false, 0);
}

Deno.test("DatasetIndex.rowOf: every key and its neighbours", () => {
  const keys = [5, 6, 7, 0, 1, 20, 10, 4294967295];
  const index = indexOf(keys, keys.map((_, row) => row * 8));
  for (let key = 0; key < 25; key++) assertEquals(index.rowOf(key), keys.indexOf(key));
  assertEquals(index.rowOf(4294967295), 7);
  assertEquals(index.rowOf(-1), -1);
});

Deno.test("DatasetIndex.rowsOf: a range over several runs, in key order, up to the first missing key", () => {
  const index = indexOf([5, 6, 7, 2, 3, 4, 9], [0, 8, 16, 24, 32, 40, 48]);
  const found: number[][] = [];
  assertEquals(index.rowsOf(3, 8, (row, count) => found.push([row, count])), undefined);
  assertEquals(found, [[4, 2], [0, 3]]);
  assertEquals(index.rowsOf(6, 10, () => {}), 8);
  assertEquals(index.rowsOf(1, 3, () => {}), 1);
  assertEquals(index.rowsOf(3, 3, () => {}), undefined);
});

Deno.test("DatasetIndex.keyOfOffset: the key whose record begins there", () => {
  const index = indexOf([5, 6, 2], [80, 0, 40]);
  assertEquals([0, 40, 80, 8].map((offset) => index.keyOfOffset(offset)), [6, 2, 5, undefined]);
});
