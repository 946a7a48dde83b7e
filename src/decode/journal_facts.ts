import type { DatasetFacts } from "../dataset/dataset.ts";
import type { FoundRange, RoundedRanges } from "../dataset/identity_records.ts";
import type { ImagesFacts } from "../dataset/images_facts.ts";
import { isSelectionFacts } from "./journal_selection.ts";
import { isCount, isList, type Maybe } from "./journal_values.ts";

/**
 * Whether a line of a journal, which anybody can write, says what is known of a dataset.
 *
 * @param value What it has in its place.
 */
export function isDatasetFacts(value: unknown): value is DatasetFacts {
  const { path, layout, records, duplicateKeys, property, labelList, chosen, images } = (value ?? {}) as NonNullable<
    Maybe<DatasetFacts>
  >;
  const { kind, record0, rounded, ...counts } = (layout ?? {}) as NonNullable<Maybe<DatasetFacts["layout"]>>;
  return typeof path === "string" && isCount(records) && isCount(duplicateKeys) &&
    (property === undefined || typeof property === "string") &&
    (labelList === undefined || isLabelListFacts(labelList)) && (chosen === undefined || isSelectionFacts(chosen)) &&
    (images === undefined || isImagesFacts(images)) &&
    (rounded === undefined || isRounded(rounded)) && (kind === "identity" || kind === "flat") &&
    ["first", "last", "between", "missing"].includes(record0 as string) &&
    ["identityRecords", "images", "backwardRanges", "unnamedRecords", "repeatedImages"].every((name) =>
      isCount(counts[name as keyof typeof counts])
    );
}

function isRounded(value: unknown): value is RoundedRanges {
  const { identityRecords, images } = (value ?? {}) as NonNullable<Maybe<RoundedRanges>>;
  return [identityRecords, images].every((range) => {
    const { stored, found } = (range ?? {}) as NonNullable<Maybe<FoundRange>>;
    return [stored, found].every((keys) => isList(keys, isCount) && keys.length === 2);
  });
}

function isLabelListFacts(value: unknown): boolean {
  const { path, by, labelsALine, otherKeys } = (value ?? {}) as NonNullable<Maybe<DatasetFacts["labelList"]>>;
  return typeof path === "string" && (by === "key" || by === "place") && isCount(labelsALine) && isCount(otherKeys);
}

function isImagesFacts(value: unknown): boolean {
  const { from, labels, named, unlike, labelsALine, left } = (value ?? {}) as NonNullable<Maybe<ImagesFacts>>;
  const { count, first } = (left ?? {}) as NonNullable<Maybe<ImagesFacts["left"]>>;
  return (from === "folder" || from === "list") && isCount(labels) && typeof named === "boolean" &&
    (unlike === undefined || typeof unlike === "string") &&
    isCount(labelsALine) && isCount(count) && isList(first, (path) => typeof path === "string");
}
