import { isExactKey } from "../recordio/float32_keys.ts";
import { LABEL_KINDS, type LabelKind, shapeKind, valueKind } from "../recordio/label_kind.ts";
import { PAYLOAD_KINDS, type PayloadName } from "../recordio/payload_kind.ts";
import type { RecordView } from "../recordio/record_view.ts";

/**
 * What an image can be counted as: its kind of payload, what is odd about its labels, and, where its end was looked at,
 * whether bytes come after that.
 */
export type ImageKind = PayloadName | LabelKind | "trailing-bytes";

/** All that images are counted as, in the order in which they are told. */
export const IMAGE_KINDS: readonly ImageKind[] = [
  ...Object.values(PAYLOAD_KINDS).map(({ name }) => name),
  "trailing-bytes",
  ...LABEL_KINDS,
];

/** Where an image is. Plain data. */
export interface ImagePlace {
  /** Its number. */
  number: number;
  /** Byte of the record file where its record begins. */
  offset: number;
  /** Its key; undefined in a stream, whose index comes too late. */
  key?: number;
}

/** How many images are of a kind. Plain data. */
export interface KindCount {
  /** How many. */
  images: number;
  /** The first one in reading order. */
  first: ImagePlace;
  /**
   * What makes the first one so: its label, how many labels it has, or, for `mixed-labels`, the key of the identity
   * record; for kinds of payloads how many bytes it has.
   */
  value: number;
}

/** Images by kind. Plain data. */
export type KindCounts = Partial<Record<ImageKind, KindCount>>;

/** The kinds of a task's images. Plain data. */
export interface TaskKinds {
  /** How many there are of each. */
  counts: KindCounts;
  /**
   * What is to be compared of its first image and its last one in the file: these have neighbours in other tasks.
   * Undefined where it is not known which identity records name them.
   */
  ends?: { first: IdentityLabel & ImagePlace; last: IdentityLabel };
}

/** The label of an image that an identity record names. Plain data. */
export interface IdentityLabel {
  /** Key of the identity record. */
  identity: number;
  /** The label as it is given. */
  label: number;
}

/** How many images have which kind of payload: those that there are. Plain data. */
export type PayloadCounts = Partial<Record<PayloadName, number>>;

/**
 * How many images have which kind of payload.
 *
 * @param all Images by kind, of several sources.
 * @returns The kinds that there are, in the order of {@linkcode PAYLOAD_KINDS}.
 */
export function payloadCounts(...all: KindCounts[]): PayloadCounts {
  const payloads: PayloadCounts = {};
  for (const { name } of Object.values(PAYLOAD_KINDS)) {
    const images = all.reduce((sum, counts) => sum + (counts[name]?.images ?? 0), 0);
    if (images > 0) payloads[name] = images;
  }
  return payloads;
}

/** Counts the images of a task by kind. They come in the order of the file. */
export class KindCounter {
  readonly #counts: KindCounts = {};
  #first: IdentityLabel & ImagePlace | undefined;
  /** Of the image before. */
  readonly #last: IdentityLabel = { identity: NaN, label: NaN };

  /** What was counted. */
  get kinds(): TaskKinds {
    const first = this.#first;
    return { counts: this.#counts, ...first === undefined ? {} : { ends: { first, last: this.#last } } };
  }

  /**
   * Counts an image.
   *
   * @param view The image. Labels that a list gives in place of its own are not looked at.
   */
  add(view: RecordView): void {
    if (view.isPlain) {
      const jpeg = this.#counts.jpeg;
      if (jpeg === undefined || view.number < jpeg.first.number) this.count("jpeg", view, view.length);
      else jpeg.images++;
      if (view.identity !== undefined && view.listedLabel === undefined) this.#compare(view, view.identity);
      return;
    }
    this.count(view.payload.name, view, view.length);
    if (view.listedLabel !== undefined) return;
    const shape = shapeKind(view);
    if (shape !== undefined) this.count(shape, view, view.flag);
    const value = valueKind(view.headerLabel);
    if (value !== undefined) this.count(value, view, view.headerLabel);
    if (view.identity !== undefined) this.#compare(view, view.identity);
  }

  /**
   * Counts an image as one of a kind.
   *
   * @param kind The kind.
   * @param view The image.
   * @param value What makes it so, see {@linkcode KindCount}.
   */
  count(kind: ImageKind, view: RecordView, value: number): void {
    const count = this.#counts[kind];
    if (count === undefined) {
      this.#counts[kind] = { images: 1, first: placeOf(view), value };
      return;
    }
    count.images++;
    if (view.number >= count.first.number) return;
    count.first = placeOf(view);
    count.value = value;
  }

  /**
   * Compares an image's label with that of its neighbour, if the same identity record names both. Where a key is not exact
   * as a label, that is not known: a range that begins there is stored as beginning at another key.
   */
  #compare(view: RecordView, identity: number): void {
    const last = this.#last;
    const label = view.headerLabel;
    if (
      identity === last.identity && label !== last.label && isOtherLabel(label, last.label) && isExactKey(view.key!)
    ) {
      this.count("mixed-labels", view, identity);
    }
    this.#first ??= { ...placeOf(view), identity, label };
    last.identity = identity;
    last.label = label;
  }
}

/**
 * Whether a label names another class.
 *
 * @param label A label as it is given.
 * @param before Another one.
 */
export function isOtherLabel(label: number, before: number): boolean {
  return Math.trunc(label) !== Math.trunc(before);
}

function placeOf({ number, offset, key }: RecordView): ImagePlace {
  return key === undefined ? { number, offset } : { number, offset, key };
}

/** Puts together what tasks have counted, in whatever order they come: what they add up to does not depend on the cuts. */
export class KindSum {
  readonly #counts: KindCounts = {};
  readonly #ends: NonNullable<TaskKinds["ends"]>[] = [];

  /**
   * Adds what a task has counted.
   *
   * @param kinds The kinds of its images.
   */
  add({ counts, ends }: TaskKinds): void {
    for (const [kind, count] of Object.entries(counts)) addCount(this.#counts, kind as ImageKind, count);
    if (ends !== undefined) this.#ends.push(ends);
  }

  /** All images by kind. */
  get counts(): KindCounts {
    const counts = { ...this.#counts };
    const ends = this.#ends.sort((a, b) => a.first.offset - b.first.offset);
    for (let i = 1; i < ends.length; i++) {
      const { last } = ends[i - 1];
      const { identity, label, ...first } = ends[i].first;
      if (last.identity === identity && isOtherLabel(label, last.label) && isExactKey(first.key!)) {
        addCount(counts, "mixed-labels", { images: 1, first, value: identity });
      }
    }
    return counts;
  }
}

/**
 * Adds images of a kind.
 *
 * @param counts What was counted so far.
 * @param kind The kind.
 * @param more What comes to it.
 */
export function addCount(counts: KindCounts, kind: ImageKind, more: KindCount): void {
  const count = counts[kind];
  const images = more.images + (count?.images ?? 0);
  counts[kind] = { ...count === undefined || more.first.number < count.first.number ? more : count, images };
}
