import { assertEquals } from "@std/assert";
import { isExactKey, keysRoundedTo } from "../../src/recordio/float32_keys.ts";

for (
  const [label, first, last] of [
    [1, 1, 1],
    [2 ** 24 - 1, 2 ** 24 - 1, 2 ** 24 - 1],
    // Above it every second number is exact; those between go to the one that can be divided by 4.
    [2 ** 24, 2 ** 24, 2 ** 24 + 1],
    [2 ** 24 + 2, 2 ** 24 + 2, 2 ** 24 + 2],
    [2 ** 24 + 4, 2 ** 24 + 3, 2 ** 24 + 5],
    [17_091_658, 17_091_658, 17_091_658],
    [17_507_700, 17_507_699, 17_507_701],
    // On both sides of 2^25 the distances differ.
    [2 ** 25, 2 ** 25 - 1, 2 ** 25 + 2],
    [2 ** 25 + 4, 2 ** 25 + 3, 2 ** 25 + 5],
    [2 ** 25 + 8, 2 ** 25 + 6, 2 ** 25 + 10],
    [2 ** 26, 2 ** 26 - 2, 2 ** 26 + 4],
    [2 ** 31 + 512, 2 ** 31 + 384, 2 ** 31 + 640],
    // No key, but the number that comes of the highest ones.
    [2 ** 32, 2 ** 32 - 128, 2 ** 32 + 256],
    [2 ** 33, 2 ** 33, 2 ** 33],
    [0, 0, 0],
    [-3, -3, -3],
    [Infinity, Infinity, Infinity],
    [NaN, NaN, NaN],
  ]
) {
  Deno.test(`keysRoundedTo: ${label}`, () => assertEquals(keysRoundedTo(label), [first, last]));
}

Deno.test("keysRoundedTo, isExactKey: every key around the powers of two", () => {
  for (let power = 23; power < 32; power++) {
    for (let key = 2 ** power - 300; key < 2 ** power + 600; key++) {
      const label = new Float32Array([key])[0];
      const [first, last] = keysRoundedTo(label);
      assertEquals([first <= key && key <= last, isExactKey(key)], [true, label === key], `${key}`);
      assertEquals([Math.fround(first - 1) === label, Math.fround(last + 1) === label], [false, false], `${key}`);
    }
  }
});
