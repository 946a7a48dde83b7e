/** Names in the order in which people count. */
import { assertEquals } from "@std/assert";
import { naturalOrder } from "../../../src/source/images/natural_order.ts";
import { seededRandom } from "../../write_dataset.ts";

Deno.test("naturalOrder: numbers by their value, what is between by its characters", () => {
  const names = ["", "0", "1", "01", "2", "10", "a", "a/1", "a1", "a1a", "a2", "a10", "a10b", "b"];
  const expected = ["", "0", "01", "1", "2", "10", "a", "a/1", "a1", "a1a", "a2", "a10", "a10b", "b"];
  assertEquals(names.toSorted(naturalOrder), expected);
  assertEquals(names.toReversed().sort(naturalOrder), expected);
  // More digits than a number has.
  const [less, more] = ["a100000000000000000000000000001", "a100000000000000000000000000002"];
  assertEquals([more, less].sort(naturalOrder), [less, more]);
});

Deno.test("naturalOrder: one order of all names, whichever two are compared", () => {
  const random = seededRandom(3);
  const names = Array.from(
    { length: 60 },
    () => Array.from({ length: 4 }, () => ["0", "1", "9", "a", "_", ""][Math.floor(6 * random())]).join(""),
  );
  for (const a of names) {
    for (const b of names) {
      assertEquals(Math.sign(naturalOrder(a, b)), 0 - Math.sign(naturalOrder(b, a)));
      assertEquals(naturalOrder(a, b) === 0, a === b);
      for (const c of names) {
        if (naturalOrder(a, b) < 0 && naturalOrder(b, c) < 0) {
          assertEquals(naturalOrder(a, c) < 0, true, `${a} ${b} ${c}`);
        }
      }
    }
  }
});
