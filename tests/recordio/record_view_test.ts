import { assertEquals } from "@std/assert";
import { RecordView } from "../../src/recordio/record_view.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { ROW_WORDS } from "../../src/recordio/types.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { encodeRecord, type TestRecord } from "../write_dataset.ts";
import { viewOf } from "./view_of.ts";

const image = (length: number) => Uint8Array.from({ length }, (_, i) => i * 3 + length);

/** Two parts at least: the magic word stands in the image, where the payload is aligned. */
const parts = image(40);
parts.set([0x0a, 0x23, 0xd7, 0xce], 8);

const RECORDS: TestRecord[] = [
  { key: 7, label: 3, image: image(5) },
  { key: 8, label: [4.5, -1, 1e20], image: image(6) },
  { key: 2 ** 32 - 1, label: [2 ** 24], image: image(0) },
  { key: 9, label: -2.75, image: parts },
  { key: 2 ** 40 + 3, label: [NaN, Infinity, 1, 2, 3, 4, 5], image: image(33) },
];

for (const [name, engine] of [["wasm", wasmEngine], ["ts", tsEngine]] as const) {
  for (const shift of [0, 1, 2, 3]) {
    Deno.test(`RecordView: all that a record says, ${shift} bytes from an aligned place (${name})`, () => {
      const bytes = Uint8Array.from([
        ...new Uint8Array(shift),
        ...RECORDS.flatMap((record) => [...encodeRecord(record)]),
      ]);
      const scanner = engine.createRecordScanner(bytes.length);
      scanner.chunk.set(bytes);
      scanner.scan(shift, bytes.length);
      assertEquals(scanner.count, RECORDS.length);
      const view = new RecordView();
      let offset = 1000;
      for (const [i, { key, label, image }] of RECORDS.entries()) {
        assertEquals(view.at(scanner, i * ROW_WORDS, offset, 50 + i, i === 0 ? undefined : key), view);
        const labels = Float32Array.from(typeof label === "number" ? [label] : label);
        assertEquals(
          [view.key, view.number, view.offset, view.id, view.length, view.bytes.slice()],
          [i === 0 ? undefined : key, 50 + i, offset, BigInt(key), image.length, image.slice()],
        );
        assertEquals([view.flag, view.headerLabel, view.labels()], [
          typeof label === "number" ? 0 : label.length,
          labels[0],
          labels,
        ]);
        assertEquals([view.labels(0).length, view.labels(2), view.labels(99)], [0, labels.slice(0, 2), labels]);
        assertEquals(view.parts > 1, image === parts);
        offset += encodeRecord(RECORDS[i]).length;
      }
      scanner.close();
    });
  }

  Deno.test(`RecordView: a view is good after memory grew, and its copies are copies (${name})`, () => {
    const bytes = encodeRecord(RECORDS[1]);
    const scanner = engine.createRecordScanner(bytes.length);
    // Another scanner after it, so that it has to move when it grows.
    const second = engine.createRecordScanner(64);
    scanner.chunk.set(bytes);
    scanner.scan(0, bytes.length);
    const view = new RecordView().at(scanner, 0, 0, 5, 8);
    const labels = view.labels();
    const before = view.bytes;
    scanner.reserve(100_000_000);
    assertEquals([view.bytes.slice(), view.labels(), view.headerLabel, view.id], [image(6), labels, 4.5, 8n]);
    // In Wasm memory that grew has moved: what was a view of it is empty.
    assertEquals(before.length, name === "wasm" ? 0 : 6);
    scanner.chunk.fill(0);
    assertEquals(labels, Float32Array.of(4.5, -1, 1e20));
    second.close();
    scanner.close();
  });
}

Deno.test("RecordView.label: a whole number, cut as Python's int does, and shifted", () => {
  const cases: [number | number[], number][] = [[3.9, 3], [-3.9, -3], [[7.5, 1], 7], [1e20, Math.fround(1e20)], [0, 0]];
  for (const [label, expected] of cases) assertEquals(viewOf(label, 0).label, expected);
  for (const label of [NaN, Infinity, -Infinity]) assertEquals(viewOf(label, 0).label, label);
  const view = viewOf(5, 0);
  view.labelShift = 100;
  assertEquals([view.label, view.headerLabel, view.labels()], [105, 5, Float32Array.of(5)]);
});
