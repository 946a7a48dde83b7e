import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** A word with more keystrokes wrong than this share was meant to be something else. */
const MOST_OF_WORD = 0.4;

/**
 * The word that was probably meant.
 *
 * @param word What was typed.
 * @param words What there is.
 * @returns The one that begins with it, if there is only one; else the nearest by keystrokes, if these are few; undefined
 * if none is near.
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0 || word === "") return undefined;
  const begun = words.filter((candidate) => candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  const closest = closestString(word, words);
  const most = Math.max(1, Math.floor(word.length * MOST_OF_WORD));
  return levenshteinDistance(word.toLowerCase(), closest) <= most ? closest : undefined;
}
