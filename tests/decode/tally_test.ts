import { assertEquals } from "@std/assert";
import { Tally } from "../../src/decode/tally.ts";

Deno.test("Tally.lostOf: what is lost in tasks that end in any order is told in reading order, and joined", () => {
  const tally = new Tally([{ path: "a" }, { path: "b" }]);
  const add = (source: number, number: number) => {
    const problem = { kind: "bad-magic", offset: 10 * number, position: 10 * number, value: 0 } as const;
    const lost = [{ number, images: 1, problem, lastOffset: 10 * number }];
    tally.add({ source, images: 0, bytes: 0, kinds: { counts: {} }, multiPartImages: 0, labels: [], lost });
  };
  for (const number of [7, 4, 6, 1]) add(0, number);
  add(1, 9);
  assertEquals(tally.lostOf(0).map(({ number, images }) => [number, images]), [[1, 1], [4, 1], [6, 2]]);
  assertEquals(tally.lostOf(1).map(({ number }) => number), [9]);
});
