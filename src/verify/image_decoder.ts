import { loadFromNpm } from "../load_from_npm.ts";

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

/**
 * Loads what decodes images: two packages of npm, which Deno fetches when they are asked for the first time.
 *
 * @throws {UnrecError} If they cannot be had.
 */
export async function loadImageDecoder(): Promise<ImageDecoder> {
  const module = new URL("./decode_image.ts", import.meta.url);
  return await (await loadFromNpm<{ startImageDecoder(): Promise<ImageDecoder> }>("decode images", module))
    .startImageDecoder();
}
