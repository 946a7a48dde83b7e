import { assertEquals } from "@std/assert";
import { distributionOf } from "../../src/info/distribution.ts";

Deno.test("distributionOf: of nothing there is none", () => assertEquals(distributionOf([]), undefined));

Deno.test("distributionOf: least, median, mean and most, in whatever order they come", () => {
  const { histogram: _, ...figures } = distributionOf([7, 1, 3, 2])!;
  assertEquals(figures, { least: 1, median: 2.5, mean: 3.25, most: 7 });
  assertEquals(distributionOf([9, 1, 4])?.median, 4);
  assertEquals(distributionOf([2 ** 32 - 1, 2 ** 32 - 1])?.mean, 2 ** 32 - 1);
});

Deno.test("distributionOf: each bin is twice as wide as the one before, from the least to the most", () => {
  assertEquals(distributionOf([1, 2, 3, 3, 16])?.histogram, [
    { from: 1, to: 1, groups: 1 },
    { from: 2, to: 3, groups: 3 },
    { from: 4, to: 7, groups: 0 },
    { from: 8, to: 15, groups: 0 },
    { from: 16, to: 31, groups: 1 },
  ]);
  assertEquals(distributionOf([100, 64, 127])?.histogram, [{ from: 64, to: 127, groups: 3 }]);
});
