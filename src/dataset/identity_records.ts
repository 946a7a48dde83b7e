import type { Reading } from "../bytes/reading.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import { keysRoundedTo, LAST_KEY } from "../recordio/float32_keys.ts";
import { doubtfulBoundaries, inferRanges, settleRanges } from "./boundaries.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { type HeaderReader, type KeyRange, looksLikeRange, type OnError } from "./record_header.ts";
import { Runs } from "./runs.ts";

/** What float32 has rounded in a dataset: ranges of keys as they are stored, and as the records tell them. Plain data. */
export interface RoundedRanges {
  /** Of the identity records. Record 0 stores it. */
  identityRecords: FoundRange;
  /** Of the images. The first identity record stores where they begin, and the last one where they end. */
  images: FoundRange;
}

/** A range of keys, each as the first key and the one after the last. Plain data. */
export interface FoundRange {
  /** As it is stored. */
  stored: KeyRange;
  /** As it is. */
  found: KeyRange;
}

/** The identity records of a dataset. */
export interface IdentityRecords {
  /** Their keys. */
  keys: KeyRange;
  /** How many of these the index has. */
  rows: number;
  /** What each names, in the order of the keys: two numbers, the first key and the one after the last. */
  ranges: Float64Array<ArrayBuffer>;
  /** Keys of those whose ranges cannot be known: what they name is guessed. */
  lost: number[];
  /** How many have a range that ends before it begins. */
  backwardRanges: number;
  /** What was put right of what float32 had rounded; undefined if nothing was. */
  rounded: RoundedRanges | undefined;
}

/** What names more records than this many times those of its index was not written by any tool. */
export const MOST_REPEATS = 16;

/**
 * Reads the identity records.
 *
 * @param path The record file's name, for messages.
 * @param index Its index.
 * @param stored The range of their keys as record 0 has it.
 * @param read Reads headers.
 * @param onError Whether one whose range cannot be known is an error.
 * @returns Their keys and what they name.
 * @throws {UnrecError} If they are not to be made sense of.
 */
export function* readIdentityRecords(
  path: string,
  index: DatasetIndex,
  stored: KeyRange,
  read: HeaderReader,
  onError: OnError,
): Reading<IdentityRecords> {
  const [storedFirst, storedEnd] = stored;
  if (!(1 <= storedFirst && storedFirst <= storedEnd && storedEnd <= LAST_KEY + 1)) {
    throw unreadable(path, `record 0 names the keys ${storedFirst} to ${storedEnd}, which is no range of keys`);
  }
  const sure = keysRoundedTo(storedEnd)[0] - keysRoundedTo(storedFirst)[1];
  if (sure > MOST_REPEATS * index.rows) {
    throw unreadable(
      path,
      `record 0 names ${sure} identity records, and the index has only ${index.rows} keys; one of the two is damaged`,
    );
  }
  const candidates = yield* Candidates.read(path, index, stored, read, onError);
  const keys = candidates.identityRecords();
  const [first, end] = keys;
  if (onError === "stop") {
    const gap = index.rowsOf(first, end, () => {});
    if (gap !== undefined) {
      throw new UnrecError(
        `Cannot read the identities of ${path}: record 0 names the identity records ${first} to ${end - 1}, but the ` +
          `index has no key ${gap}, so it is incomplete or belongs to another file`,
        { kind: "rebuild-index", path },
        { kind: "skip-damage" },
      );
    }
  }
  const { ranges, known } = candidates.rangesOf(keys);
  const images: KeyRange = [Math.min(index.keyFrom(1), first), first];
  inferRanges(ranges, known, images);
  for (const { identity, side, stored, key } of doubtfulBoundaries(ranges, images, index)) {
    if (onError === "stop") {
      throw unreadable(
        path,
        `identity record ${
          first + identity
        } ${side} at key ${stored}, a number that float32 may have rounded, and no ` +
          `other one ${
            side === "ends" ? "begins" : "ends"
          } there, so it cannot be told whether it names the image of ` +
          `key ${key}`,
        { kind: "skip-damage" },
      );
    }
    known[identity] = 0;
  }
  inferRanges(ranges, known, images);

  let backwardRanges = 0;
  for (let at = 0; at < ranges.length; at += 2) if (ranges[at] > ranges[at + 1]) backwardRanges++;
  const imagesStored = imagesOf(ranges);
  settleRanges(ranges, images, index);
  const imagesFound = imagesOf(ranges);
  const isRounded = !areSame(stored, keys) || !areSame(imagesStored, imagesFound);
  return {
    keys,
    rows: rowsIn(index, keys).rows.length,
    ranges,
    lost: Array.from(known.keys()).filter((i) => known[i] === 0).map((i) => first + i),
    backwardRanges,
    rounded: isRounded
      ? {
        identityRecords: { stored, found: keys },
        images: { stored: imagesStored, found: imagesFound },
      }
      : undefined,
  };
}

/** What is known of a key that may be an identity record's. */
const KIND = {
  /** The index does not have it. */
  MISSING: 0,
  /** Its record could not be read, or leaves a doubt. */
  UNREAD: 1,
  /** It has bytes, or no labels that could be a range. */
  IMAGE: 2,
  /** It has no bytes, and labels that can be a range. */
  RANGE: 3,
} as const;

/**
 * The records of all keys that record 0 may mean. Its two numbers are float32, so above 2^24 each stands for several
 * keys; the records tell which is meant: identity records have a range of keys and no bytes, and come after all images.
 */
class Candidates {
  readonly #path: string;
  readonly #stored: KeyRange;
  readonly #onError: OnError;
  /** The first key. */
  readonly #first: number;
  readonly #kinds: Uint8Array;
  readonly #ranges: Float64Array<ArrayBuffer>;

  private constructor(path: string, stored: KeyRange, onError: OnError, [first, end]: KeyRange) {
    this.#path = path;
    this.#stored = stored;
    this.#onError = onError;
    this.#first = first;
    this.#kinds = new Uint8Array(end - first);
    this.#ranges = new Float64Array(2 * (end - first));
  }

  static *read(
    path: string,
    index: DatasetIndex,
    stored: KeyRange,
    read: HeaderReader,
    onError: OnError,
  ): Reading<Candidates> {
    const [first, sureFirst] = keysRoundedTo(stored[0]);
    const [sureEnd, end] = keysRoundedTo(stored[1]);
    const candidates = new Candidates(path, stored, onError, [first, end]);
    const kinds = candidates.#kinds;
    const { rows, places } = rowsIn(index, [first, end]);
    for (let place = 0; place < rows.length; place++) kinds[places.at(place)] = KIND.UNREAD;
    yield* read(rows, ({ flag, imageBytes, range }, place) => {
      const at = places.at(place);
      const key = first + at;
      const isImage = imageBytes > 0 || flag < 2;
      if (isImage && key >= sureFirst && key < sureEnd) {
        const what = imageBytes > 0 ? "an image" : flag === 0 ? "a scalar label" : "one label";
        throw unreadable(path, `identity record ${key} has ${what} in place of a range of keys`);
      }
      kinds[at] = isImage ? KIND.IMAGE : KIND.RANGE;
      candidates.#ranges.set(range, 2 * at);
    }, onError);
    return candidates;
  }

  /**
   * Finds the keys of the identity records: from the one after the last image up to the last one with a range.
   *
   * @throws {UnrecError} If the records do not tell them.
   */
  identityRecords(): KeyRange {
    const [storedFirst, storedEnd] = this.#stored;
    const [leastFirst, mostFirst] = keysRoundedTo(storedFirst);
    let first = leastFirst;
    for (let key = leastFirst; key < mostFirst; key++) if (this.#kindOf(key) === KIND.IMAGE) first = key + 1;
    let sureFirst = leastFirst;
    while (sureFirst < mostFirst && !this.#isSure(sureFirst)) sureFirst++;
    if (sureFirst < first) {
      throw this.#undecided(storedFirst, `key ${first - 1} is an image and comes after identity record ${sureFirst}`);
    }
    this.#doubt(storedFirst, first, sureFirst);

    const [leastEnd, mostEnd] = keysRoundedTo(storedEnd);
    let end = Math.max(leastEnd, first);
    let sureEnd = end;
    for (let key = end; key < mostEnd; key++) {
      const kind = this.#kindOf(key);
      if (kind === KIND.IMAGE) {
        throw this.#undecided(storedEnd, `key ${key} is an image and comes after the identity records`);
      }
      if (kind !== KIND.MISSING) end = key + 1;
      if (this.#isSure(key)) sureEnd = key + 1;
    }
    this.#doubt(storedEnd, sureEnd, end);
    // There may be one more, that the index lacks: all images have to be named.
    if (
      end > first && end < mostEnd && this.#kindOf(end - 1) === KIND.RANGE && this.#rangeOf(end - 1)[1] !== storedFirst
    ) {
      this.#doubt(storedEnd, end, ++end);
    }
    return [first, end];
  }

  /**
   * What identity records name, as it is stored.
   *
   * @param keys Theirs.
   * @returns The ranges, and which of them make sense: 1, else 0.
   * @throws {UnrecError} At the first one that does not, unless those are left out.
   */
  rangesOf([first, end]: KeyRange): { ranges: Float64Array<ArrayBuffer>; known: Uint8Array } {
    const ranges = this.#ranges.slice(2 * (first - this.#first), 2 * (end - this.#first));
    const known = new Uint8Array(end - first);
    for (let i = 0; i < known.length; i++) {
      if (this.#kindOf(first + i) !== KIND.RANGE) continue;
      const problem = this.#problemOf(ranges[2 * i], ranges[2 * i + 1]);
      if (problem === undefined) known[i] = 1;
      else if (this.#onError === "stop") {
        throw unreadable(this.#path, `identity record ${first + i} names the keys ${problem}`, { kind: "skip-damage" });
      }
    }
    return { ranges, known };
  }

  #problemOf(from: number, to: number): string | undefined {
    const [end] = this.#stored;
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return `${from} to ${to}`;
    if (from >= to) return undefined;
    if (from < 1) return `${from} to ${to - 1}, and keys of images begin at 1`;
    return to > end ? `${from} to ${to - 1}, and the identity records begin at ${end}` : undefined;
  }

  #kindOf(key: number): number {
    return this.#kinds[key - this.#first] ?? KIND.MISSING;
  }

  /** Whether a record cannot be an image without bytes: its labels are a range that goes on where a neighbour's ends. */
  #isSure(key: number): boolean {
    if (this.#kindOf(key) !== KIND.RANGE) return false;
    const range = this.#rangeOf(key);
    if (!looksLikeRange({ flag: 2, imageBytes: 0, range })) return false;
    const [from, to] = range;
    const next = this.#kindOf(key + 1);
    return next === KIND.UNREAD || to === (next === KIND.RANGE ? this.#rangeOf(key + 1)[0] : this.#stored[0]) ||
      this.#kindOf(key - 1) === KIND.RANGE && from === this.#rangeOf(key - 1)[1];
  }

  #rangeOf(key: number): KeyRange {
    const at = 2 * (key - this.#first);
    return [this.#ranges[at], this.#ranges[at + 1]];
  }

  /** Ends at the first of some keys that may be an identity record's or not; or, that left out, takes them for lost. */
  #doubt(stored: number, first: number, end: number): void {
    for (let key = first; key < end; key++) {
      if (this.#onError === "stop") {
        const why = this.#kindOf(key) === KIND.MISSING
          ? `the index has no key ${key}`
          : `the record of key ${key} may be an identity record or an image without bytes`;
        throw this.#undecided(stored, why, { kind: "skip-damage" });
      }
      this.#kinds[key - this.#first] = KIND.UNREAD;
    }
  }

  #undecided(stored: number, why: string, ...ways: Remedy[]): UnrecError {
    const [first, last] = keysRoundedTo(stored);
    return unreadable(
      this.#path,
      `record 0 has the number ${stored}, which float32 makes of each of the keys ${first} to ${last}, and the records ` +
        `do not tell which is meant: ${why}`,
      ...ways,
    );
  }
}

/**
 * Says that record 0 or an identity record makes no sense.
 *
 * @param path The record file.
 * @param why Part of a sentence.
 * @param ways How to go on all the same.
 */
export function unreadable(path: string, why: string, ...ways: Remedy[]): UnrecError {
  return new UnrecError(
    `Cannot read the identities of ${path}: ${why}`,
    ...ways,
    { kind: "compare-sums", path },
    { kind: "verify", path },
  );
}

/** The rows of the keys in a range that the index has, and how far from the first key each is. */
function rowsIn(index: DatasetIndex, [first, end]: KeyRange): { rows: Runs; places: Runs } {
  const rows = new Runs();
  const places = new Runs();
  for (let key = first; key < end;) {
    const gap = index.rowsOf(key, end, (row, count) => {
      rows.append(row, count);
      places.append(key - first, count);
      key += count;
    });
    if (gap === undefined) break;
    key = Math.min(end, index.keyFrom(gap));
  }
  return { rows, places };
}

/** Where the range of the first identity record begins, and where that of the last one ends. */
function imagesOf(ranges: Float64Array): KeyRange {
  return [ranges[0], ranges[ranges.length - 1]];
}

function areSame([first, end]: KeyRange, other: KeyRange): boolean {
  return first === other[0] && end === other[1];
}
