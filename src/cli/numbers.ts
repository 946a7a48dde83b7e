import { format } from "@std/fmt/bytes";

/**
 * A whole number with commas.
 *
 * @param count The number.
 * @returns Such as `17,091,657`.
 */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/**
 * A count and its noun.
 *
 * @param count How many.
 * @param noun What, in the singular.
 * @returns Such as `1 image`, `2,000 images` or `2 entries`.
 */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${count === 1 ? noun : plural(noun)}`;
}

/**
 * Bytes in the decimal units that disks are sold in.
 *
 * @param bytes How many.
 * @returns Such as `1.2 GB`.
 */
export function byteSize(bytes: number): string {
  return format(bytes, { maximumFractionDigits: 1, locale: "en-US" });
}

/** The plural of a regular noun: `images`, `entries`, `classes`. */
function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
