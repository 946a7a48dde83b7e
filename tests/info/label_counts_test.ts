import { assertEquals } from "@std/assert";
import { LabelCounts } from "../../src/info/label_counts.ts";

function figuresOf(...labels: [label: number, images: number][]) {
  const counts = new LabelCounts();
  for (const [label, images] of labels) counts.add(label, images);
  return counts.figures;
}

Deno.test("LabelCounts: before the first label there are no figures", () => assertEquals(figuresOf(), undefined));

Deno.test("LabelCounts: different labels, the range, and what nobody has in it", () => {
  const { imagesPerLabel, ...figures } = figuresOf([7, 1], [3, 2], [7, 4], [4, 1], [9, 1])!;
  assertEquals(figures, { labels: 4, lowest: 3, highest: 9, gaps: 2, absent: 3 });
  assertEquals([imagesPerLabel.least, imagesPerLabel.most], [1, 5]);
});

Deno.test("LabelCounts: the whole part counts, below 0 and above 2^24 too", () => {
  const { imagesPerLabel, ...figures } = figuresOf([-0.5, 1], [0.5, 1], [-3.5, 1], [2 ** 24, 2], [2 ** 24 + 2, 1])!;
  assertEquals(figures, {
    labels: 4,
    lowest: -3,
    highest: 2 ** 24 + 2,
    gaps: 3,
    absent: 2 ** 24 + 6 - 4,
  });
  assertEquals(imagesPerLabel.mean, 6 / 4);
});
