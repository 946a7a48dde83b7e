import { assertEquals } from "@std/assert";
import { labelProblem, shapeKind, valueKind } from "../../src/recordio/label_kind.ts";
import { describeProblem } from "../../src/recordio/problem.ts";
import { RecordView } from "../../src/recordio/record_view.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { encodeFrames, seededRandom } from "../write_dataset.ts";
import { viewOf } from "./view_of.ts";

for (
  const [label, kind] of [
    [0, undefined],
    [-0, undefined],
    [360231, undefined],
    [2 ** 24, undefined],
    [2 ** 24 + 2, "large-label"],
    [Math.fround(1e20), "large-label"],
    [-1, "negative-label"],
    [-(2 ** 30), "negative-label"],
    [0.25, "fraction-label"],
    [-0.5, "fraction-label"],
    [Math.fround(1e-40), "fraction-label"],
    [8388607.5, "fraction-label"],
  ] as const
) {
  Deno.test(`valueKind: ${label} is ${kind ?? "a class"}`, () => assertEquals(valueKind(label), kind));
}

const BOX = [1, 0.1, 0.2, 0.5, 0.9];

for (
  const [labels, kind] of [
    [7, undefined],
    [[], undefined],
    [[7], undefined],
    [[7, 0], undefined],
    [[7, 1], undefined],
    [[7, -0], undefined],
    [[7, 2], "several-labels"],
    [[7, 0.5], "several-labels"],
    [[7, NaN], "several-labels"],
    [[1, 0, 0, 1, 0], "several-labels"],
    [[7, 0, 1], "several-labels"],
    [[4, 5, 640, 480, ...BOX], "detection-labels"],
    [[4, 5, 640, 480, ...BOX, ...BOX, ...BOX], "detection-labels"],
    [[2, 5, ...BOX], "detection-labels"],
    [[2, 6, ...BOX, 0], "detection-labels"],
    [[2, 5, 0, -0.01, 0, 1.01, 1], "detection-labels"],
    // No object, half an object, too short a header or object, a class or a place that is none.
    [[4, 5, 640, 480], "several-labels"],
    [[2, 5, ...BOX, 1, 2], "several-labels"],
    [[1, 6, ...BOX, 0], "several-labels"],
    [[2, 4, ...BOX, ...BOX.slice(0, 3)], "several-labels"],
    [[2, 4, 1, 0.1, 0.2, 0.5], "several-labels"],
    [[2.5, 5, 0, ...BOX], "several-labels"],
    [[2, 5, 0.5, 0.1, 0.2, 0.5, 0.9], "several-labels"],
    [[2, 5, 1, 0.5, 0.2, 0.1, 0.9], "several-labels"],
    [[2, 5, 1, 2, 3, 4, 5], "several-labels"],
    [[2, 5, 1, NaN, 0.2, 0.5, 0.9], "several-labels"],
    [[2, 1e9, ...BOX], "several-labels"],
  ] as const
) {
  Deno.test(`shapeKind: ${JSON.stringify(labels)} is ${kind ?? "a class"}`, () => {
    // Wherever the vector begins, and whatever comes after it.
    for (const bytes of [0, 1, 2, 3]) {
      const view = viewOf(typeof labels === "number" ? labels : [...labels], 5, new Uint8Array(bytes).fill(9));
      assertEquals(shapeKind(view), kind);
    }
  });
}

const JPEG = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 48, 49, 0xff, 0xd9];
const PNG = [
  0x89,
  0x50,
  0x4e,
  0x47,
  0x0d,
  0x0a,
  0x1a,
  0x0a,
  0,
  0,
  0,
  13,
  0x49,
  0x48,
  0x44,
  0x52,
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  1,
];

/** A record whose header announces labels that are not there. */
function withoutVector(flag: number, image: readonly number[], engine = tsEngine): RecordView {
  const payload = new Uint8Array(24 + image.length);
  const header = new DataView(payload.buffer);
  header.setUint32(0, flag, true);
  header.setFloat32(4, 3, true);
  payload.set(image, 24);
  const scanner = engine.createRecordScanner(256);
  const frames = encodeFrames(payload);
  scanner.chunk.set(frames);
  scanner.scan(0, frames.length);
  return new RecordView().at(scanner, 0, 640, 9, 4);
}

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

for (
  const [what, image] of [
    ["a JPEG", JPEG],
    ["a JPEG that begins with its tables", JPEG.with(3, 0xdb)],
    ["a JPEG that begins with its size", JPEG.with(3, 0xc0)],
    ["a JPEG that is no number as a label", JPEG.with(3, 0xff)],
    ["a PNG", PNG],
    ["a GIF", [...ascii("GIF89a"), ...JPEG.slice(6)]],
    ["a WebP", [...ascii("RIFF1234WEBP"), ...JPEG.slice(12)]],
    ["a TIFF", [...ascii("II"), 42, 0, ...JPEG.slice(4)]],
    ["a big-endian TIFF", [...ascii("MM"), 0, 42, ...JPEG.slice(4)]],
    ["an array", [0x93, ...ascii("NUMPY"), ...JPEG.slice(6)]],
  ] as [string, number[]][]
) {
  for (const flag of [1, 2, 5, 6]) {
    Deno.test(`labelProblem: ${flag} labels announced where ${what} stands`, () => {
      for (const engine of [tsEngine, wasmEngine]) {
        const problem = labelProblem(withoutVector(flag, image, engine));
        assertEquals(problem, { kind: "no-label-vector", offset: 640, position: 640, value: flag });
      }
    });
  }
}

Deno.test("labelProblem: in words", () => {
  const words = (flag: number) => describeProblem(labelProblem(withoutVector(flag, JPEG))!);
  assertEquals(words(2), "its header announces 2 labels, but the image begins where they should stand");
  assertEquals(words(1), "its header announces 1 label, but the image begins where it should stand");
});

Deno.test("labelProblem: a label that is no number", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const offset = 0;
    for (const label of [value, [value], [value, 0], [value, 1, 2]]) {
      const view = viewOf(label, 3, Uint8Array.from(JPEG));
      assertEquals(labelProblem(view), { kind: "label", offset, position: offset, value });
      view.listedLabel = 7;
      assertEquals(labelProblem(view), undefined);
    }
  }
});

Deno.test("labelProblem: whatever a label is, it is well where the image stands in its place", () => {
  const random = seededRandom(38);
  const bits = new DataView(new ArrayBuffer(4));
  const jpegAsLabel = new DataView(Uint8Array.from(JPEG).buffer).getFloat32(0, true);
  for (let i = 0; i < 20_000; i++) {
    bits.setUint32(0, random() * 2 ** 32);
    const label = i % 100 === 0 ? jpegAsLabel : bits.getFloat32(0);
    if (!Number.isFinite(label)) continue;
    const labels = i % 3 === 0 ? label : [label, ...Array.from({ length: i % 5 }, () => random() * 10)];
    const image = i % 2 === 0 ? JPEG : PNG;
    assertEquals(labelProblem(viewOf(labels, i, Uint8Array.from(image))), undefined);
  }
});

Deno.test("labelProblem: numbers in place of images, and labels that begin as BMP does, are well", () => {
  const random = seededRandom(10);
  const bmp = new DataView(Uint8Array.from([0x42, 0x4d, 0x36, 0x3e]).buffer).getFloat32(0, true);
  for (let i = 0; i < 20_000; i++) {
    const payload = new Uint8Array(Float32Array.from({ length: i % 9 }, () => random() - 0.5).buffer);
    const labels = i % 100 === 0 ? [bmp, 0, 0] : [random() - 0.5, random(), random() * 100].slice(0, 1 + i % 3);
    assertEquals(labelProblem(viewOf(labels, i, payload)), undefined);
  }
});

Deno.test("RecordView.isPlain: a JPEG with a class and nothing odd", () => {
  const random = seededRandom(24);
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)];
  let plain = 0;
  for (let i = 0; i < 20_000; i++) {
    const first = pick(3, 3, 0, -0, -1, 0.5, 2 ** 24, 2 ** 24 + 2, Math.fround(1e20), NaN, Infinity, -Infinity, 1e-40);
    const labels = pick<number | number[]>(first, [first], [first, pick(0, -0, 1, 2, -1, 0.5, NaN)], [first, 1, 0]);
    const payload = Uint8Array.from(pick(JPEG, JPEG, PNG, [], [0xff, 0xd8, 0xff], [0xff, 0xd8], [0xff, 0xd8, 0]));
    const view = viewOf(labels, i, payload);
    const isOdd = labelProblem(view) !== undefined || valueKind(view.headerLabel) !== undefined;
    assertEquals(view.isPlain, view.payload.name === "jpeg" && !isOdd && shapeKind(view) === undefined);
    if (view.isPlain) plain++;
  }
  assertEquals(plain > 1000, true);
});
