/**
 * Searches rising numbers.
 *
 * @param count How many numbers there are.
 * @param wanted What to look for.
 * @param numberAt The number at a position, 0 to `count` - 1.
 * @returns The last position whose number is at most `wanted`, or -1.
 */
export function lastAtMost(count: number, wanted: number, numberAt: (position: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
