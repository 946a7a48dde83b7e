import { assertEquals } from "@std/assert";
import { addLostRange, type LostRange } from "../../src/dataset/loss.ts";

function lost(number: number, offset: number, kind: LostRange["problem"]["kind"] = "bad-magic"): LostRange {
  return { number, images: 1, problem: { kind, offset, position: offset, value: 0 }, lastOffset: offset };
}

Deno.test("addLostRange: images join whose numbers follow each other, whose records do, and that are lost alike", () => {
  const joined = (...ranges: LostRange[]) => {
    const all: LostRange[] = [];
    for (const range of ranges) addLostRange(all, range);
    return all.map(({ number, images, lastOffset }) => [number, images, lastOffset]);
  };
  assertEquals(joined(lost(3, 100), lost(4, 200), lost(5, 300)), [[3, 3, 300]]);
  assertEquals(joined(lost(3, 100), lost(5, 200)), [[3, 1, 100], [5, 1, 200]]);
  // Reading order goes back in the file: what lies between is not lost.
  assertEquals(joined(lost(3, 200), lost(4, 100)), [[3, 1, 200], [4, 1, 100]]);
  assertEquals(joined(lost(3, 100), lost(4, 200, "label")), [[3, 1, 100], [4, 1, 200]]);
  assertEquals(joined(lost(3, 100, "truncated"), lost(4, 200, "outside")), [[3, 2, 200]]);
  assertEquals(joined(lost(3, 100, "outside"), lost(4, 200, "truncated")), [[3, 1, 100], [4, 1, 200]]);
});
