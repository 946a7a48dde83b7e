/** How encoded images begin and end. */
const FORMS = [
  { begin: [0xff, 0xd8], end: [0xff, 0xd9] },
  { begin: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], end: [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82] },
];

/** Bytes at either end that tell an image's form. */
export const IMAGE_END_BYTES = 8;

/** What the ends of an image tell: `whole`, `unknown` (it begins as neither JPEG nor PNG), or `cut` (it does, but does not end so). */
export type ImageForm = "whole" | "unknown" | "cut";

/**
 * Looks at both ends of an image, and at nothing between.
 *
 * @param bytes What holds the image.
 * @param start Where it begins.
 * @param end The byte after its last one.
 */
export function imageForm(bytes: Uint8Array, start: number, end: number): ImageForm {
  for (const form of FORMS) {
    if (!stands(form.begin, bytes, start, end)) continue;
    return stands(form.end, bytes, Math.max(start, end - form.end.length), end) ? "whole" : "cut";
  }
  return "unknown";
}

function stands(wanted: number[], bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
}
