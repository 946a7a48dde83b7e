import type { PartialRange, Selection, SelectionFacts } from "../dataset/selection/selection.ts";

/** Fields that may be there and are of any type. */
type Maybe<T> = { [Name in keyof T]?: unknown } | null | undefined;

/**
 * Whether a line of a journal, which anybody can write, has a selection.
 *
 * @param value What it has in its place.
 */
export function isSelection(value: unknown): value is Selection {
  const { keys, labels, excludedLabels, ...numbers } = (value ?? {}) as NonNullable<Maybe<Selection>>;
  return typeof value === "object" &&
    [keys, labels, excludedLabels].every((list) => list === undefined || isRanges(list)) &&
    Object.values(numbers).every(isWhole);
}

/**
 * Whether a line of a journal says what was chosen.
 *
 * @param value What it has in its place.
 */
export function isSelectionFacts(value: unknown): value is SelectionFacts {
  const { images, absentLabels, absentKeys, partial } = (value ?? {}) as NonNullable<Maybe<SelectionFacts>>;
  return isWhole(images) && isRanges(absentLabels) && isRanges(absentKeys) && Array.isArray(partial) &&
    partial.every(isPartial);
}

function isPartial(value: unknown): value is PartialRange {
  const { of, range, found } = (value ?? {}) as NonNullable<Maybe<PartialRange>>;
  return (of === "labels" || of === "keys") && isRanges([range]) && isWhole(found);
}

function isRanges(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((range) => Array.isArray(range) && range.length === 2 && range.every(Number.isSafeInteger));
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && value as number >= 0;
}
