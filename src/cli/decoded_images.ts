import type { Decoded, OtherForm } from "../verify/decoding.ts";
import { commonSize, type SizeCount } from "../verify/pixel_sizes.ts";
import { TITLES } from "./image_notes.ts";
import { counted, grouped } from "./numbers.ts";

/**
 * What decoding the images of a dataset gave, as rows of a summary.
 *
 * @param decoded What it gave.
 * @returns How many could be decoded, of what size; and how many were left out, if any were.
 */
export function decodedRows({ sizes, others }: Decoded): [string, string][] {
  const rows: [string, string][] = [["decoded images", `${grouped(imagesOf(sizes))}${sizeText(sizes)}`]];
  const left = Object.entries(others).map(([form, count]) => `${grouped(count)} ${titleOf(form as OtherForm)}`);
  return left.length === 0 ? rows : [...rows, ["not decoded", `${left.join(", ")}: only JPEG and PNG are`]];
}

/**
 * What decoding the images of a dataset gave, for programs.
 *
 * @param decoded What it gave.
 */
export function decodedJson({ sizes, others }: Decoded) {
  const common = commonSize(sizes);
  return {
    images: imagesOf(sizes),
    sizes: sizes.length,
    commonSize: common === undefined ? null : { width: common.width, height: common.height },
    left: others,
  };
}

function imagesOf(sizes: readonly SizeCount[]): number {
  return sizes.reduce((sum, { count }) => sum + count, 0);
}

function sizeText(sizes: readonly SizeCount[]): string {
  if (sizes.length === 0) return "";
  const common = commonSize(sizes);
  if (common === undefined) return `, of ${counted(sizes.length, "size")}, none of them that of most`;
  return `, ${sizes.length === 1 ? "all" : "most"} of ${common.width} x ${common.height} pixels`;
}

function titleOf(form: OtherForm): string {
  return form === "cmyk-jpeg" ? "JPEG in the colours of print (CMYK)" : TITLES[form];
}
