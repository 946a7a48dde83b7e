import { assertEquals } from "@std/assert";
import { imageForm } from "../../src/recordio/image_form.ts";

const PNG_BEGIN = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PNG_END = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];

for (
  const [bytes, form] of [
    [[0xff, 0xd8, 1, 2, 3, 0xff, 0xd9], "whole"],
    [[0xff, 0xd8, 0xff, 0xd9], "whole"],
    [[0xff, 0xd8, 1, 2, 3, 0xff], "cut"],
    [[0xff, 0xd8], "cut"],
    [[0xff, 0xd8, 0xd9], "cut"],
    [[0xff], "unknown"],
    [[], "unknown"],
    [[1, 2, 3, 0xff, 0xd9], "unknown"],
    [[...PNG_BEGIN, 7, ...PNG_END], "whole"],
    [[...PNG_BEGIN, ...PNG_END.slice(1)], "cut"],
    [PNG_BEGIN, "cut"],
    [PNG_BEGIN.slice(0, 7), "unknown"],
    [[0xff, 0xd8, ...PNG_END], "cut"],
  ] as [number[], string][]
) {
  Deno.test(`imageForm: ${bytes.map((byte) => byte.toString(16)).join(" ") || "nothing"} is ${form}`, () => {
    assertEquals(imageForm(Uint8Array.from(bytes), 0, bytes.length), form);
    // What stands around it is no part of it.
    const within = Uint8Array.from([0xff, 0xd8, ...bytes, 0xff, 0xd9]);
    assertEquals(imageForm(within, 2, 2 + bytes.length), form);
  });
}
