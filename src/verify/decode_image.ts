/**
 * The decoders of images, compiled to WebAssembly, from npm. Only those who decode images load this module.
 *
 * JPEG: libjpeg-turbo, as cornerstonejs builds it. It fails where libjpeg only warns and goes on with grey, as after data
 * that end too early. PNG: lodepng. It checks all sums. Each gave the same verdict as `djpeg` and Pillow, or a stricter
 * one, on 1,400 images that were cut, zeroed in part or had a bit flipped.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- what deno.json names is downloaded before anything runs, needed or not
import newJpegModule from "npm:@cornerstonejs/codec-libjpeg-turbo-8bit@1.2.8/decodewasmjs";
// deno-lint-ignore no-import-prefix -- what deno.json names is downloaded before anything runs, needed or not
import { decode as decodePng } from "npm:@cwasm/lodepng@0.1.9";
import type { ImageDecoder } from "./image_decoder.ts";

/** What is used of libjpeg-turbo's module. */
interface JpegDecoder {
  /** Memory of the module that the image is to be put into. */
  getEncodedBuffer(bytes: number): Uint8Array;
  /** Throws if anything is wrong with the image. */
  decode(): void;
}

/**
 * How many images may fail before the JPEG decoder is started anew. What is thrown out of the module takes a piece of its
 * stack for good, and after 3,990 times it decodes nothing more. Starting it takes 1.6 ms, as long as 15 images.
 */
const MOST_FAILURES = 100;

/** Starts the decoders. */
export async function startImageDecoder(): Promise<ImageDecoder> {
  let jpeg = await startJpeg();
  let failures = 0;

  async function isJpeg(bytes: Uint8Array): Promise<boolean> {
    try {
      jpeg.getEncodedBuffer(bytes.length).set(bytes);
      jpeg.decode();
      return true;
    } catch (error) {
      failures++;
      // It throws the addresses of its messages. Whatever else comes, a trap for example, may have left it in any state.
      if (typeof error !== "number" || failures % MOST_FAILURES === 0) jpeg = await startJpeg();
      return false;
    }
  }

  return {
    decode: (form, bytes) => form === "jpeg" ? isJpeg(bytes) : Promise.resolve(isPng(bytes)),
  };
}

async function startJpeg(): Promise<JpegDecoder> {
  const module = await newJpegModule({ print() {}, printErr() {} });
  return new module.JPEGDecoder();
}

function isPng(bytes: Uint8Array): boolean {
  try {
    decodePng(bytes);
    return true;
  } catch {
    return false;
  }
}
