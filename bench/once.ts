/**
 * Makes something when it is first asked for, and gives the same from then on: for what is large, or slow to make.
 *
 * @param make Makes it.
 * @returns A function that gives it.
 */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
