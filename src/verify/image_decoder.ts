import { systemReason, UnrecError } from "../errors.ts";

/** The forms that are decoded. */
export type DecodedForm = "jpeg" | "png";

/** Decodes images to see whether that can be done. */
export interface ImageDecoder {
  /**
   * Decodes an image, and throws the pixels away.
   *
   * @param form Its form.
   * @param bytes The image.
   * @returns Whether all of it could be decoded. Data that end too early, or are damaged so that it shows, are a no,
   * though a viewer may show something.
   */
  decode(form: DecodedForm, bytes: Uint8Array): Promise<boolean>;
}

/** The specifier is no literal: for one, Deno would ask npm for packages before anything runs, needed or not. */
const MODULE = new URL("./decode_image.ts", import.meta.url).href;

/**
 * Loads what decodes images: two packages of npm, which Deno fetches when they are asked for the first time.
 *
 * @throws {UnrecError} If they cannot be had.
 */
export async function loadImageDecoder(): Promise<ImageDecoder> {
  try {
    const module: { startImageDecoder(): Promise<ImageDecoder> } = await import(MODULE);
    return await module.startImageDecoder();
  } catch (error) {
    throw new UnrecError(
      `Cannot decode images: what does that is not in Deno's cache, and cannot be fetched: ${systemReason(error)}`,
      { kind: "fetch", module: MODULE },
    );
  }
}
