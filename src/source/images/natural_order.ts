const ZERO = 0x30;
const NINE = 0x39;

/**
 * Compares names by the numbers in them, 2 before 10, and what is between the numbers by its characters: the same on
 * every machine, and fast enough for millions of names.
 *
 * @param a A name, or a path.
 * @param b Another.
 * @returns Below 0 if the first comes first; 0 only if they are the same.
 */
export function naturalOrder(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(j)];
    if (!isDigit(one) || !isDigit(other)) {
      if (one !== other) return one - other;
      i++;
      j++;
      continue;
    }
    while (a.charCodeAt(i) === ZERO) i++;
    while (b.charCodeAt(j) === ZERO) j++;
    const [from, to] = [i, j];
    while (isDigit(a.charCodeAt(i))) i++;
    while (isDigit(b.charCodeAt(j))) j++;
    if (i - from !== j - to) return (i - from) - (j - to);
    for (let k = 0; k < i - from; k++) {
      const difference = a.charCodeAt(from + k) - b.charCodeAt(to + k);
      if (difference !== 0) return difference;
    }
  }
  if (i < a.length || j < b.length) return i < a.length ? 1 : -1;
  // They differ in zeros before a number at most.
  return a < b ? -1 : a > b ? 1 : 0;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}
