import { describeProblem, type RecordProblem } from "../recordio/problem.ts";
import type { Dataset } from "./dataset.ts";
import { identityOf } from "./identities.ts";
import type { Unindexed } from "./survey.ts";
import { lastAtMost } from "./runs.ts";

/** Images of neighbouring records that could not be read. Plain data. */
export interface LostRange {
  /** Number of the first one. */
  number: number;
  /** How many; their numbers follow each other, and their records do in the file. */
  images: number;
  /** Why the first one cannot be read, and where it begins; the others are of the same kind. */
  problem: RecordProblem;
  /** Byte of the file where the last one's record begins. */
  lastOffset: number;
}

/**
 * Adds a range to a list, to the last one of it if it goes on there. Whether ranges are added one by one or were added
 * to others before makes no difference.
 *
 * @param ranges The list.
 * @param range A range.
 */
export function addLostRange(ranges: LostRange[], range: LostRange): void {
  const last = ranges.at(-1);
  const goesOn = last !== undefined && last.number + last.images === range.number &&
    isAlike(last.problem, range.problem) && last.lastOffset < range.problem.offset;
  if (!goesOn) ranges.push({ ...range });
  else {
    last.images += range.images;
    last.lastOffset = range.lastOffset;
  }
}

/** After a record that the file ends in, all others are outside of it. */
function isAlike({ kind }: RecordProblem, next: RecordProblem): boolean {
  return kind === next.kind || kind === "truncated" && next.kind === "outside";
}

/** An image that could not be read. */
export interface LostImage {
  /** Its key. */
  key: number;
  /** The key of the identity record that names it; undefined in the flat layout. */
  identity: number | undefined;
  /** Its number in the tree. */
  number: number;
  /** Byte of the record file where its record should begin; undefined if the index lacks its key. */
  offset: number | undefined;
}

/** Images of neighbouring records that could not be read. */
export interface LostPlace {
  /** Byte of the record file where the first one begins; undefined if the index lacks their keys. */
  start: number | undefined;
  /** Where the record after the last one begins, as the index tells, or the file ends. */
  end: number | undefined;
  /** Key of the first one and of the last one, in reading order. */
  keys: [number, number];
  /** How many. */
  images: number;
  /** Why the first one cannot be read. */
  reason: string;
}

/** An identity record that is not whole any more. */
export interface LostIdentity {
  /** Its key. */
  key: number;
  /** How many images it names. */
  images: number;
  /** How many of them are lost. */
  lost: number;
  /** Whether the record itself cannot be read, so that its images are a guess: those between its neighbours'. */
  guessed: boolean;
}

/** What could not be read of a dataset. */
export class DatasetLoss {
  /** Name of the record file. */
  readonly path: string;
  /** How many images are lost. */
  readonly images: number;
  /** Where, in reading order. */
  readonly places: LostPlace[] = [];
  /** Places that the index does not name; undefined if there is none. */
  readonly unindexed: Unindexed | undefined;
  /** Whether record 0 is lost, so that which records are identity records is a guess. */
  readonly record0: boolean;
  readonly #dataset: Dataset;
  readonly #ranges: LostRange[];
  readonly #firstNumber: number;

  /**
   * Puts keys and identities to what was lost.
   *
   * @param dataset The dataset, open.
   * @param ranges What could not be read, with numbers counted over all datasets.
   * @param firstNumber The number of its first image.
   * @param unindexed Places that the index does not name.
   */
  constructor(dataset: Dataset, ranges: LostRange[], firstNumber: number, unindexed: Unindexed) {
    this.path = dataset.path;
    this.unindexed = unindexed.places === 0 ? undefined : unindexed;
    this.record0 = dataset.layout.lostRecord0;
    this.#dataset = dataset;
    this.#ranges = ranges;
    this.#firstNumber = firstNumber;
    let images = 0;
    for (const range of ranges) {
      images += range.images;
      const { number, problem, lastOffset } = range;
      this.places.push({
        start: problem.offset,
        end: Math.max(lastOffset, Math.min(dataset.bytes, dataset.index.nextOffset(lastOffset))),
        keys: [this.#keyOf(number), this.#keyOf(number + range.images - 1)],
        images: range.images,
        reason: describeProblem(problem),
      });
    }
    for (const { key, count } of dataset.layout.missing) {
      images += count;
      const reason = "the index does not have them";
      this.places.push({ start: undefined, end: undefined, keys: [key, key + count - 1], images: count, reason });
    }
    this.images = images;
  }

  /** Whether all was read, and nothing had to be guessed. */
  get isNone(): boolean {
    return this.images === 0 && this.unindexed === undefined && !this.record0 &&
      this.#dataset.layout.lostIdentities.length === 0;
  }

  /** Every image that is lost; after the others those whose keys are missing. */
  *lostImages(): Generator<LostImage> {
    const { index, layout } = this.#dataset;
    for (const { number, images } of this.#ranges) {
      for (let i = number; i < number + images; i++) {
        const row = this.#rowOf(i);
        yield {
          key: index.keys.at(row),
          identity: identityOf(this.#dataset.layout, i - this.#firstNumber),
          number: i,
          offset: index.offsets[row],
        };
      }
    }
    for (const { key, count, number } of layout.missing) {
      for (let i = 0; i < count; i++) {
        yield {
          key: key + i,
          identity: identityOf(this.#dataset.layout, number + i),
          number: this.#firstNumber + number + i,
          offset: undefined,
        };
      }
    }
  }

  /** The identity records that cannot be read or that images are lost of, in the order of their keys. */
  identities(): LostIdentity[] {
    const { identityNumbers, lostIdentities } = this.#dataset.layout;
    const lost = new Map<number, number>(lostIdentities.map((key) => [key, 0]));
    const guessed = new Set(lostIdentities);
    for (const { identity } of this.lostImages()) {
      if (identity !== undefined) lost.set(identity, (lost.get(identity) ?? 0) + 1);
    }
    return [...lost].sort(([a], [b]) => a - b).map(([key, count]) => {
      const i = key - this.#firstIdentity();
      const images = identityNumbers[i + 1] - identityNumbers[i];
      return { key, images, lost: count, guessed: guessed.has(key) };
    });
  }

  #rowOf(number: number): number {
    const { order, numbers } = this.#dataset.layout;
    const within = number - this.#firstNumber;
    if (numbers === undefined) return order.at(within);
    // Numbers rise; the place of one is found through the run that holds it.
    const run = lastAtMost(numbers.count, within, (i) => numbers.starts[i]);
    return order.at(numbers.positions[run] + within - numbers.starts[run]);
  }

  #keyOf(number: number): number {
    return this.#dataset.index.keys.at(this.#rowOf(number));
  }

  #firstIdentity(): number {
    return this.#dataset.layout.firstIdentity;
  }
}
