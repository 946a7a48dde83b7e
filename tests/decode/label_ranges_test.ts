import { assertEquals } from "@std/assert";
import { labelRanges, labelsOfRanges } from "../../src/decode/label_ranges.ts";

Deno.test("labelRanges: neighbours are joined, and labelsOfRanges reads all of it", () => {
  const cases: [number[], string][] = [
    [[], ""],
    [[5], "5"],
    [[7, 5, 6, 13, -3, -2], "-3..-2,5..7,13"],
    [[2 ** 24, 1e20, Math.fround(3.4e38)], `16777216,100000000000000000000,${Math.fround(3.4e38)}`],
    // Neighbours that are no more told apart.
    [[2 ** 53, 2 ** 53 + 2], "9007199254740992,9007199254740994"],
  ];
  for (const [labels, text] of cases) {
    assertEquals(labelRanges(Float64Array.from(labels)), text);
    assertEquals([...labelsOfRanges(text)], labels.toSorted((a, b) => a - b));
  }
});
