/** The decoders of images: whatever is wrong with an image is a no, and does no harm to those after it. */
import { assertEquals } from "@std/assert";
import { type ImageDecoder, loadImageDecoder } from "../../src/verify/image_decoder.ts";
import { testUnless } from "../needs.ts";
import { seededRandom } from "../write_dataset.ts";
import { faceImages, png, SMALL_JPEG, withGap } from "./sample_images.ts";
import { WHY_NOT_DECODED } from "./why_not_decoded.ts";

const faces = await faceImages(20);
const [face] = faces;

/** Adds a test that needs the decoders. */
function test(name: string, run: (decoder: ImageDecoder) => Promise<void>): void {
  testUnless(WHY_NOT_DECODED, name, async () => await run(await loadImageDecoder()));
}

test("the decoder of JPEG: whole images are a yes, with bytes after their end too", async (decoder) => {
  for (const image of [...faces, SMALL_JPEG, Uint8Array.from([...face, 0, 0, 0])]) {
    assertEquals(await decoder.decode("jpeg", image), true);
  }
});

test("the decoder of JPEG: what is cut is a no, at its end or in its middle", async (decoder) => {
  // libjpeg itself only warns of most of these, and fills up with grey.
  for (let i = 0; i <= 100; i++) {
    const end = Math.floor(i * (face.length - 2) / 100);
    assertEquals(await decoder.decode("jpeg", face.slice(0, end)), false, `cut at byte ${end} of ${face.length}`);
  }
  for (const image of faces) assertEquals(await decoder.decode("jpeg", withGap(image, 500)), false);
});

test("the decoder of JPEG: after thousands of damaged images it knows a whole one", async (decoder) => {
  const random = seededRandom(4);
  for (let i = 0; i < 10_000; i++) {
    const image = SMALL_JPEG.slice();
    image[2 + Math.floor(random() * (image.length - 2))] ^= 1 << random() * 8;
    // Some of the flipped bits cannot be seen; this can.
    await decoder.decode("jpeg", image);
    assertEquals(await decoder.decode("jpeg", image.subarray(0, 100)), false);
    if (i % 100 === 0) assertEquals(await decoder.decode("jpeg", face), true, `after ${i}`);
  }
});

test("the decoder of PNG: whole images are a yes; cut ones and any flipped bit a no", async (decoder) => {
  const image = png(20, 30);
  assertEquals(await decoder.decode("png", image), true);
  assertEquals(await decoder.decode("png", Uint8Array.from([...image, 1, 2, 3])), true);
  for (let byte = 0; byte < image.length; byte++) {
    const flipped = image.slice();
    flipped[byte] ^= 1 << byte % 8;
    assertEquals(await decoder.decode("png", flipped), false, `byte ${byte} flipped`);
    assertEquals(await decoder.decode("png", image.slice(0, byte)), false, `cut at byte ${byte}`);
  }
  assertEquals(await decoder.decode("png", png(20, 30, 29)), false);
  assertEquals(await decoder.decode("png", png(20, 30, 31)), false);
});
