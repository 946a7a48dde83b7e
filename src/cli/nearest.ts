/**
 * The word that is fewest keystrokes away: Levenshtein's distance, a row at a time.
 *
 * @param word What was typed.
 * @param words What there is, at least one.
 * @returns The nearest of `words`, the first of equals.
 */
export function nearest(word: string, words: readonly string[]): string {
  let best = words[0];
  let least = Infinity;
  for (const candidate of words) {
    const distance = distanceOf(word, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
