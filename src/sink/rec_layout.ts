import { UnrecError } from "../errors.ts";
import { MOST_EXACT_LABEL } from "../recordio/constants.ts";
import { isExactKey, LAST_KEY } from "../recordio/float32_keys.ts";
import { shapeKind } from "../recordio/label_kind.ts";
import type { RecordView } from "../recordio/record_view.ts";

/**
 * How records are laid out: `identity`, with record 0, images from key 1 on, and identity records, as face2rec2 writes
 * them; or `flat`, images alone from key 0 on, each with one label.
 */
export type RecLayout = "identity" | "flat";

/** How many images a record file of each layout can have, for its keys to be what they are. */
export const MOST_IMAGES: Readonly<Record<RecLayout, number>> = {
  // Record 0 has the key after the last image, as a float32.
  identity: MOST_EXACT_LABEL - 1,
  flat: LAST_KEY,
};

/** The key of the first image. */
export const FIRST_KEY: Readonly<Record<RecLayout, number>> = { identity: 1, flat: 0 };

/** The files that are written, besides `property`. */
export const REC_FILES = { records: "train.rec", index: "train.idx" } as const;

/**
 * Makes sure that a record of a layout can hold an image's labels.
 *
 * @param record The image.
 * @param layout The layout.
 * @throws {UnrecError} If it cannot.
 */
export function requireStorable(record: RecordView, layout: RecLayout): void {
  if (!isExactKey(record.label) || record.givenLabel % 1 !== 0) throw wrongLabel(record);
  if (layout === "flat" && shapeKind(record) !== undefined) throw severalLabels(record);
}

function wrongLabel(record: RecordView): UnrecError {
  const { givenLabel, label } = record;
  const why = givenLabel % 1 !== 0
    ? `its label is ${givenLabel}, and only whole numbers are written`
    : `its label is ${label}, which a record, whose labels are float32, would hold as ${Math.fround(label)}`;
  return new UnrecError(`Cannot write ${nameOf(record)} to ${REC_FILES.records}: ${why}`, { kind: "other-format" });
}

function severalLabels(record: RecordView): UnrecError {
  return new UnrecError(
    `Cannot write ${nameOf(record)} to ${REC_FILES.records}: it has ${record.flag} labels, and in the flat layout ` +
      "there is one for each image",
    { kind: "other-layout", layout: "identity" },
  );
}

/**
 * Says that a record file cannot have so many images.
 *
 * @param layout Its layout.
 */
export function tooManyImages(layout: RecLayout): UnrecError {
  const most = MOST_IMAGES[layout];
  if (layout === "flat") return new UnrecError(`Cannot write more than ${most} images: keys end there`);
  return new UnrecError(
    `Cannot write more than ${most} images in the identity layout: record 0 and the identity records have keys as ` +
      "float32, which rounds those above",
    { kind: "other-layout", layout: "flat" },
    { kind: "text", text: "choose fewer images" },
  );
}

function nameOf({ key, number, source }: RecordView): string {
  return `${key === undefined ? `image ${number}` : `the image of key ${key}`} of ${source}`;
}
