/** Stands in for `@std/text/levenshtein-distance`, `@std/text/closest-string` and `@std/fmt/bytes`. */

/** How `format` writes a number of bytes. */
export interface FormatOptions {
  /** How many digits after the point, at most. */
  maximumFractionDigits: number;
  /** Whose point and commas. */
  locale: string;
}

/**
 * Counts the characters that must be put in, taken out or changed to make one word of another.
 *
 * @param a A word.
 * @param b Another.
 */
export function levenshteinDistance(a: string, b: string): number {
  const other = [...b];
  /** The distances of what of `a` has been read to each beginning of `b`. */
  let row = Array.from({ length: other.length + 1 }, (_, length) => length);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, otherCharacter] of other.entries()) {
      next.push(Math.min(row[j] + (character === otherCharacter ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[other.length];
}

/**
 * Finds the word that is the nearest to another, letters in either case being the same.
 *
 * @param givenWord A word.
 * @param possibleWords Those to choose from, at least one; of equally near ones the first.
 */
export function closestString(givenWord: string, possibleWords: readonly string[]): string {
  const distances = possibleWords.map((word) => levenshteinDistance(givenWord.toLowerCase(), word.toLowerCase()));
  return possibleWords[distances.indexOf(Math.min(...distances))];
}

/**
 * Writes a number of bytes in the largest decimal unit that it fills.
 *
 * @param num The number.
 * @param options How it is written.
 * @returns Such as `1.3 kB`.
 */
export function format(num: number, { locale, ...digits }: FormatOptions): string {
  const size = Math.abs(num);
  const exponent = size < 1 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), 8);
  const figures = (size / 1000 ** exponent).toLocaleString(locale, digits);
  return `${num < 0 ? "-" : ""}${figures} ${["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"][exponent]}`;
}
