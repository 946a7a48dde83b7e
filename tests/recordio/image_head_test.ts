import { assertEquals } from "@std/assert";
import { jpegHead, pixelSize, pngHead } from "../../src/recordio/image_head.ts";
import { payloadKind } from "../../src/recordio/payload_kind.ts";
import { claiming, CMYK_JPEG, faceImages, GIF, png, SMALL_JPEG } from "../verify/sample_images.ts";

Deno.test("jpegHead: the size of any JPEG, and whether it has the colours of print", async () => {
  const [face] = await faceImages(1);
  assertEquals(jpegHead(face), { width: 112, height: 112, isCmyk: false });
  assertEquals(jpegHead(claiming(face, 300, 65_535)), { width: 300, height: 65_535, isCmyk: false });
  assertEquals(jpegHead(SMALL_JPEG), { width: 16, height: 8, isCmyk: false });
  assertEquals(jpegHead(CMYK_JPEG), { width: 8, height: 8, isCmyk: true });
  // Filling bytes before a marker.
  assertEquals(jpegHead(Uint8Array.from([0xff, 0xd8, 0xff, 0xff, ...SMALL_JPEG.subarray(2)]))?.width, 16);
});

Deno.test("jpegHead: what ends, goes wrong or begins its data before says nothing", () => {
  const frame = SMALL_JPEG.findIndex((byte, i) => byte === 0xff && SMALL_JPEG[i + 1] === 0xc0 + 0);
  for (let end = 0; end < frame + 10; end++) assertEquals(jpegHead(SMALL_JPEG.slice(0, end)), undefined);
  for (const byte of [0x00, 0xda]) {
    const changed = SMALL_JPEG.slice();
    if (byte === 0xda) changed[frame + 1] = byte;
    else changed[frame] = byte;
    assertEquals(jpegHead(changed), undefined);
  }
  // No scan is so long that it leads to one.
  assertEquals(jpegHead(new Uint8Array(1000).fill(0xff)), undefined);
});

Deno.test("pngHead: the size of a PNG, if that has come", () => {
  assertEquals(pngHead(png(20, 3)), { width: 20, height: 3, isCmyk: false });
  assertEquals(pngHead(png(20, 3).slice(0, 24))?.height, 3);
  assertEquals(pngHead(png(20, 3).slice(0, 23)), undefined);
});

/** A payload of bytes and texts, one after the other. */
function payload(...parts: (string | number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part),
  );
}

/** Bytes of numbers, the lowest first. */
const u16 = (number: number) => [number & 255, number >> 8 & 255];
const u24 = (number: number) => [...u16(number), number >> 16 & 255];
const u32 = (number: number) => [...u24(number), number >>> 24];

for (
  const [name, kind, bytes, width, height] of [
    ["GIF", "gif", GIF, 1, 1],
    ["GIF of 300 x 2", "gif", payload("GIF89a", u16(300), u16(2)), 300, 2],
    ["PNG", "png", png(20, 3), 20, 3],
    ["JPEG", "jpeg", SMALL_JPEG, 16, 8],
    ["BMP", "bmp", payload("BM", u32(0), u32(0), u32(54), u32(40), u32(70_000), u32(5)), 70_000, 5],
    ["BMP from top to bottom", "bmp", payload("BM", u32(0), u32(0), u32(54), u32(40), u32(7), u32(-5)), 7, 5],
    ["BMP of OS/2", "bmp", payload("BM", u32(0), u32(0), u32(26), u32(12), u16(7), u16(5), u32(0)), 7, 5],
    [
      "WebP, lossy",
      "webp",
      payload("RIFF", u32(0), "WEBPVP8 ", u32(0), u24(0x10), [0x9d, 0x01, 0x2a], u16(0x4000 | 300), u16(112)),
      ...[300, 112] as const,
    ],
    [
      "WebP, lossless",
      "webp",
      payload("RIFF", u32(0), "WEBPVP8L", u32(0), [0x2f], u32(299 | 111 << 14 | 1 << 28), u32(0), [0]),
      ...[300, 112] as const,
    ],
    [
      "WebP, extended",
      "webp",
      payload("RIFF", u32(0), "WEBPVP8X", u32(10), u32(0xff), u24(16_000_000), u24(2)),
      ...[16_000_001, 3] as const,
    ],
  ] as const
) {
  Deno.test(`pixelSize: ${name}, and nothing of one that is cut before`, () => {
    assertEquals(payloadKind(bytes).name, kind);
    const size = pixelSize(kind, bytes);
    assertEquals([size?.width, size?.height], [width, height]);
    assertEquals(pixelSize(kind, bytes.subarray(0, 9)), undefined);
  });
}

Deno.test("pixelSize: of what is not looked into it says nothing", () => {
  for (const kind of ["tiff", "npy", "raw", "empty"] as const) assertEquals(pixelSize(kind, SMALL_JPEG), undefined);
  const other = payload("RIFF", u32(0), "WEBPALPH", u32(10), u32(0), u32(0), u32(0));
  assertEquals(pixelSize("webp", other), undefined);
});
