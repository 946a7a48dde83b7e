import type { PartialRange, Selection, SelectionFacts } from "../dataset/selection/selection.ts";
import { isCount, type Maybe } from "./journal_values.ts";

/**
 * Whether a line of a journal, which anybody can write, has a selection.
 *
 * @param value What it has in its place.
 */
export function isSelection(value: unknown): value is Selection {
  const { keys, labels, excludedLabels, ...numbers } = (value ?? {}) as NonNullable<Maybe<Selection>>;
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    [keys, labels, excludedLabels].every((list) => list === undefined || isRanges(list)) &&
    Object.values(numbers).every(isCount);
}

/**
 * Whether a line of a journal says what was chosen.
 *
 * @param value What it has in its place.
 */
export function isSelectionFacts(value: unknown): value is SelectionFacts {
  const { images, absentLabels, absentKeys, partial } = (value ?? {}) as NonNullable<Maybe<SelectionFacts>>;
  return isCount(images) && isRanges(absentLabels) && isRanges(absentKeys) && Array.isArray(partial) &&
    partial.every(isPartial);
}

function isPartial(value: unknown): value is PartialRange {
  const { of, range, found } = (value ?? {}) as NonNullable<Maybe<PartialRange>>;
  return (of === "labels" || of === "keys") && isRanges([range]) && isCount(found);
}

function isRanges(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((range) => Array.isArray(range) && range.length === 2 && range.every(Number.isSafeInteger));
}
