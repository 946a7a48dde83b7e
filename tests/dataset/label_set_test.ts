import { assertEquals } from "@std/assert";
import { LabelSet } from "../../src/dataset/label_set.ts";

Deno.test("LabelSet: labels of all kinds, each once", () => {
  const labels = new LabelSet();
  assertEquals([labels.size, labels.highest, labels.has(0)], [0, -Infinity, false]);
  const given = [0, 31, 32, 360231, 2 ** 24 - 1, 2 ** 24, 1e20, -1, 31, 0, 1e20, -1];
  assertEquals(given.map((label) => labels.add(label)), given.map((label, i) => given.indexOf(label) === i));
  assertEquals([labels.size, labels.highest], [8, 1e20]);
  assertEquals([...labels], [0, 31, 32, 360231, 2 ** 24 - 1, 2 ** 24, 1e20, -1]);
  assertEquals([1, 30, 33, -2, 2 ** 24 + 1].map((label) => labels.has(label)), [false, false, false, false, false]);
});

Deno.test("LabelSet: each of many", () => {
  const labels = new LabelSet();
  for (let label = 99_999; label >= 0; label -= 3) labels.add(label);
  assertEquals([...labels], Array.from({ length: 33_334 }, (_, i) => 3 * i));
});
