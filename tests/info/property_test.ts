import { assertEquals } from "@std/assert";
import type { SourceInfo } from "../../src/info/dataset_info.ts";
import { distributionOf } from "../../src/info/distribution.ts";
import { checkProperty } from "../../src/info/property.ts";

/** What is known of images with labels in a range, and of their sizes. */
function info(lowest: number, highest: number, sizes: [number, number][], isSample = false): SourceInfo {
  return {
    datasets: [],
    images: 10,
    looked: { images: 10, bytes: 10, kinds: {}, sizes: sizes.map(([width, height]) => ({ width, height, images: 1 })) },
    isAll: !isSample,
    labels: { labels: 1, lowest, highest, gaps: 0, absent: 0, imagesPerLabel: distributionOf([1])! },
    labelBasis: isSample ? "sample" : "images",
    lostImages: 0,
    problem: undefined,
  };
}

for (
  const [what, text, known, classesAreTrue, sizeIsTrue] of [
    ["all is true", "9,112,96", info(0, 8, [[96, 112]]), true, true],
    ["labels that nobody has are common at the beginning", "9,112,96", info(3, 8, [[96, 112]]), true, true],
    ["more classes than labels", "10,112,112", info(0, 8, [[112, 112]]), false, true],
    ["a label beyond the classes", "8,112,112", info(0, 8, [[112, 112]]), false, true],
    ["a label below 0", "9,112,112", info(-1, 8, [[112, 112]]), false, true],
    ["another size among others", "9,112,112", info(0, 8, [[112, 112], [96, 112]]), true, false],
    ["sides that are swapped", "9,112,96", info(0, 8, [[112, 96]]), true, false],
    ["no size is known", "9,112,112", info(0, 8, []), true, null],
    ["no size is named", "9", info(0, 8, [[112, 112]]), true, null],
    ["a sample of the labels, all low enough", "100,112,112", info(0, 8, [[112, 112]], true), null, true],
    ["a sample with a label that is too high", "8,112,112", info(0, 8, [[112, 112]], true), false, true],
    ["no number", "faces", info(0, 8, [[112, 112]]), null, null],
  ] as const
) {
  Deno.test(`checkProperty: ${what}`, () => {
    const check = checkProperty(text, known);
    assertEquals([check.text, check.classesAreTrue, check.sizeIsTrue], [text, classesAreTrue, sizeIsTrue]);
  });
}

Deno.test("checkProperty: of images that were chosen the highest label need not be that of the set", () => {
  const chosen = { images: 3, absentLabels: [], absentKeys: [], partial: [] };
  const layout = {
    ...{ kind: "flat", record0: "first", identityRecords: 0, images: 9 } as const,
    ...{ backwardRanges: 0, unnamedRecords: 0, repeatedImages: 0 },
  };
  const known = { ...info(0, 8, []), datasets: [{ path: "train.rec", layout, records: 9, duplicateKeys: 0, chosen }] };
  assertEquals([100, 9, 8].map((classes) => checkProperty(`${classes}`, known).classesAreTrue), [null, null, false]);
});

Deno.test("checkProperty: classes, height, width", () => {
  const { classes, size } = checkProperty("9,112,96", info(0, 8, []));
  assertEquals([classes, size], [9, { width: 96, height: 112 }]);
  assertEquals(checkProperty("9,112,96", { ...info(0, 8, []), labels: undefined }).classesAreTrue, null);
});
