import { assertEquals } from "@std/assert";
import { payloadEnding, payloadKind } from "../../src/recordio/payload_kind.ts";

const JPEG = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2];
const PNG_BEGIN = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PNG_END = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];

const text = (letters: string) => Array.from(letters, (letter) => letter.charCodeAt(0));
const hex = (bytes: number[]) => bytes.map((byte) => byte.toString(16)).join(" ") || "nothing";

/** Asserts something of bytes that stand alone, and of the same within others: what is around them is no part of them. */
function assertOf<Result>(
  of: (bytes: Uint8Array, start?: number, end?: number) => Result,
  bytes: number[],
  is: Result,
) {
  assertEquals(of(Uint8Array.from(bytes)), is);
  const within = Uint8Array.from([0xff, 0xd8, ...bytes, 0xff, 0xd9, 0, 0, 0, 0]);
  assertEquals(of(within, 2, 2 + bytes.length), is);
}

for (
  const [bytes, name, extension] of [
    [[0xff, 0xd8, 0xff], "jpeg", "jpg"],
    [JPEG, "jpeg", "jpg"],
    [[0xff, 0xd8, 0xfe], "raw", "bin"],
    [[0xff, 0xd8], "raw", "bin"],
    [PNG_BEGIN, "png", "png"],
    [PNG_BEGIN.slice(0, 7), "raw", "bin"],
    [text("GIF87a"), "gif", "gif"],
    [text("GIF89a;"), "gif", "gif"],
    [text("GIF88a"), "raw", "bin"],
    [text("RIFF1234WEBPVP8 "), "webp", "webp"],
    [text("RIFF1234WAVE"), "raw", "bin"],
    [text("RIFF1234WEB"), "raw", "bin"],
    [[...text("BM1234"), 0, 0, 0, 0], "bmp", "bmp"],
    [text("BM12345678"), "raw", "bin"],
    [[...text("II"), 42, 0], "tiff", "tif"],
    [[...text("MM"), 0, 42], "tiff", "tif"],
    [[...text("II"), 43, 0], "tiff", "tif"],
    [[...text("MM"), 42, 0], "raw", "bin"],
    [[0x93, ...text("NUMPY"), 1, 0], "npy", "npy"],
    [text("NUMPY"), "raw", "bin"],
    [[0], "raw", "bin"],
    [[], "empty", "bin"],
  ] as [number[], string, string][]
) {
  Deno.test(`payloadKind: ${hex(bytes)} is ${name}, .${extension}`, () => {
    assertOf((...args) => payloadKind(...args).name, bytes, name);
    assertOf((...args) => payloadKind(...args).extension, bytes, extension);
  });
}

for (
  const [what, bytes, ending] of [
    ["a JPEG that ends as one", [...JPEG, 1, 2, 0xff, 0xd9], "whole"],
    ["a JPEG of a beginning and an end", [0xff, 0xd8, 0xff, 0xd9], "whole"],
    ["a JPEG without an end", [...JPEG, 1, 2, 0xff], "cut"],
    ["a JPEG of two markers' first bytes", [0xff, 0xd8, 0xff], "cut"],
    ["a JPEG without an end, and zeros", [...JPEG, 1, 2, 0, 0, 0, 0], "cut"],
    ["a JPEG with zeros after its end", [...JPEG, 1, 2, 0xff, 0xd9, 0, 0, 0], "trailing"],
    ["a JPEG with a line feed after its end", [...JPEG, 0xff, 0xd9, 0x0a], "trailing"],
    ["a JPEG with a second one after it that is cut", [...JPEG, 0xff, 0xd9, ...JPEG], "trailing"],
    ["a JPEG with fill bytes before its end", [...JPEG, 0xff, 0xff, 0xff, 0xd9, 0], "trailing"],
    ["a JPEG with stuffed bytes and restarts", [...JPEG, 0xff, 0, 0xd9, 0xff, 0xd0, 5, 0xff, 0xd9, 7], "trailing"],
    // As a preview picture within it has one.
    [
      "a cut JPEG with an end in a segment",
      [0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd9, 1, 2, 0xff, 0xda, 0, 2, 9],
      "cut",
    ],
    ["a JPEG cut in a segment after an end in it", [0xff, 0xd8, 0xff, 0xe1, 0, 99, 0xff, 0xd9, 1], "cut"],
    ["a JPEG cut in the length of a segment", [0xff, 0xd8, 0xff, 0xe1, 0], "cut"],
    ["a PNG that ends as one", [...PNG_BEGIN, 7, ...PNG_END], "whole"],
    ["a PNG without all of its end", [...PNG_BEGIN, ...PNG_END.slice(1)], "cut"],
    ["a PNG that is cut in its end", [...PNG_BEGIN, ...PNG_END.slice(0, 7)], "cut"],
    ["the beginning of a PNG", PNG_BEGIN, "cut"],
    ["a PNG with bytes after its end", [...PNG_BEGIN, 0x49, ...PNG_END, 0, 0], "trailing"],
    ["a JPEG that ends as PNG does", [...JPEG, ...PNG_END], "cut"],
    ["a GIF", text("GIF89a"), "unknown"],
    ["no image", [1, 2, 3, 0xff, 0xd9], "unknown"],
    ["nothing", [], "unknown"],
  ] as [string, number[], string][]
) {
  Deno.test(`payloadEnding: ${what} is ${ending}`, () => assertOf(payloadEnding, bytes, ending));
}
