import { assertEquals } from "@std/assert";
import { jpegHead, pngHead } from "../../src/verify/image_head.ts";
import { claiming, CMYK_JPEG, faceImages, png, SMALL_JPEG } from "./sample_images.ts";

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
