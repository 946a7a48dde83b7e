import { assertEquals } from "@std/assert";
import type { DatasetFacts } from "../../src/dataset/dataset.ts";
import { publishedLike } from "../../src/dataset/published_sets.ts";

/** A dataset with the numbers of Glint360K, as recognition/partial_fc/README.md and issue 1269 of InsightFace have them. */
function facts(images = 17_091_657, identityRecords = 416_042, records = 17_507_700, duplicateKeys = 0): DatasetFacts {
  const layout = {
    ...{ kind: "identity", record0: "first", identityRecords, images } as const,
    ...{ backwardRanges: 0, unnamedRecords: 0, repeatedImages: 0 },
  };
  return { path: "train.rec", layout, records, duplicateKeys };
}

Deno.test("publishedLike: only if images, identity records and lines of the index are all the same", () => {
  assertEquals(publishedLike(facts())?.name, "Glint360K");
  assertEquals(publishedLike(facts(17_091_658)), undefined);
  assertEquals(publishedLike(facts(17_091_657, 416_043)), undefined);
  assertEquals(publishedLike(facts(17_091_657, 416_042, 17_507_701)), undefined);
  assertEquals(publishedLike(facts(17_091_657, 416_042, 17_507_699, 1))?.name, "Glint360K");
});
