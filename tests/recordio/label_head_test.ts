/** The label of a record from its first bytes: where all is ordinary, and where the whole record has to be looked at. */
import { assertEquals } from "@std/assert";
import { LABEL_HEAD_BYTES, plainLabel } from "../../src/recordio/label_head.ts";
import { encodeRecord } from "../write_dataset.ts";

const IMAGE = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xd9);

/** What the first bytes of a record tell, in a file that ends some bytes before or after it. */
function labelOf(label: number | number[], change: (head: DataView) => void = () => {}, more = 0): number | undefined {
  const record = encodeRecord({ key: 5, label, image: IMAGE });
  const head = new DataView(record.buffer, 0, LABEL_HEAD_BYTES);
  change(head);
  // Padding does not belong to the record.
  return plainLabel(head, record.length - 2 + more);
}

Deno.test("plainLabel: a scalar, or the first number of a vector, from 0 to 2^24", () => {
  assertEquals([labelOf(7), labelOf([8, 1]), labelOf(0), labelOf([2 ** 24])], [7, 8, 0, 2 ** 24]);
});

for (
  const [what, label, change, more] of [
    ["a fraction", 0.5],
    ["a number below 0", -1],
    ["a number above 2^24", 2 ** 24 + 2],
    ["no number", NaN],
    ["no frame", 7, (head) => head.setUint32(0, 0)],
    ["the first of several frames", 7, (head) => head.setUint32(4, head.getUint32(4, true) | 1 << 29, true)],
    ["a frame without room for its header", 7, (head) => head.setUint32(4, 23, true)],
    ["a vector for which the frame has no room", [7, 0], (head) => head.setUint32(8, 10, true)],
    ["a record that goes on after the end of the file", 7, () => {}, -1],
  ] as [string, number | number[], ((head: DataView) => void)?, number?][]
) {
  Deno.test(`plainLabel: ${what} has to be looked at as a whole`, () => {
    assertEquals(labelOf(label, change, more), undefined);
  });
}
