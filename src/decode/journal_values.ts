/** Something that may have these fields, of any type: anybody can write a line of a journal. */
export type Maybe<T> = { [Name in keyof T]?: unknown } | null | undefined;

/**
 * Whether a value is a whole number from 0 on.
 *
 * @param value What stands there.
 */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

/**
 * Whether a value is a whole number from 0 on, or null, where that is not known.
 *
 * @param value What stands there.
 */
export function isCountOrNull(value: unknown): value is number | null {
  return value === null || isCount(value);
}

/**
 * Whether a value is a list.
 *
 * @param value What stands there.
 * @param isItem What its items must be.
 */
export function isList<T>(value: unknown, isItem: (item: unknown) => boolean): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}
