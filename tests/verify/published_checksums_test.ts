import { assertEquals } from "@std/assert";
import { GLINT360K } from "../../src/dataset/published_sets.ts";
import { type Known, recognisedBy } from "../../src/verify/published_checksums.ts";

const OTHER: Known = { property: "85742,112,112", indexLines: 5_908_396, records: "0".repeat(32), index: undefined };

for (
  const [known, by] of [
    [OTHER, undefined],
    [{ ...OTHER, property: undefined, indexLines: undefined }, undefined],
    [{ ...OTHER, records: GLINT360K.records }, "the md5 sum of its records"],
    [{ ...OTHER, index: GLINT360K.index }, "the md5 sum of its index"],
    [{ ...OTHER, property: "360232,112,112" }, "the classes in its property file"],
    [{ ...OTHER, indexLines: 17_507_700 }, "the lines of its index"],
  ] as [Known, string | undefined][]
) {
  Deno.test(`recognisedBy: ${by ?? "nothing"} (${known.property})`, () =>
    assertEquals(recognisedBy(known, GLINT360K), by));
}
