import { Permutation } from "../dataset/permutation.ts";
import { numberAt, type ReadTask } from "../dataset/plan.ts";
import type { ReadingOrder } from "../dataset/reading_order.ts";
import { lastAtMost, Runs } from "../dataset/runs.ts";
import type { Share } from "../dataset/share.ts";
import { ShardCutter } from "../sink/shard_cutter.ts";
import type { ShardCut, Shuffle } from "../sink/sink.ts";
import { shareOfShard } from "./plan_shards.ts";
import type { MergeFile, MergeTask } from "./merge_work.ts";

/** Of a small set there are so many pieces all the same: threads share them out. */
const LEAST_PIECES = 16;

/** Neighbouring images in shuffled order, which are held in memory together when they are written. */
export interface Pieces {
  /** The place of the first image of each, and last the one after all. */
  begins: Float64Array<ArrayBuffer>;
  /** What is written of them, in order. */
  tasks: MergeTask[];
}

/** The shuffled order of all images of all sources, and the files that they go to. */
export class ShufflePlan {
  readonly #orders: readonly ReadingOrder[];
  readonly #cut: ShardCut;
  readonly #inSequence: boolean;
  readonly #permutation: Permutation;
  /** The place of each source's first image in reading order over all, and last how many there are. */
  readonly #firsts: readonly number[];
  /** The place of the first image of each file, and last the one after all. */
  readonly #shards: readonly number[];
  /** The files that are to be written: the first one, and the one after the last one. */
  readonly #ownShards: { begin: number; end: number };

  /**
   * @param orders The images of each source.
   * @param shuffle What the order follows from, and what is written.
   * @param share The share of it that is to be written; undefined for all.
   */
  constructor(orders: readonly ReadingOrder[], { seed, store, cut }: Shuffle, share: Share | undefined) {
    this.#orders = orders;
    this.#cut = cut;
    this.#inSequence = store.inSequence === true;
    const firsts = [0];
    for (const { length } of orders) firsts.push(firsts[firsts.length - 1] + length);
    this.#firsts = firsts;
    this.#permutation = new Permutation(firsts[orders.length], seed);
    this.#shards = this.#cutShards();
    this.#ownShards = this.#shardsOf(share);
  }

  /** The images of each source that are to be written. */
  get ownOrders(): readonly ReadingOrder[] {
    const { begin, end } = this.#ownShards;
    if (end - begin === this.#shards.length - 1) return this.#orders;
    const first = this.#shards[begin];
    const own = Uint32Array.from(
      { length: this.#shards[end] - first },
      (_, i) => this.#permutation.numberAt(first + i),
    ).sort();
    let i = 0;
    return this.#orders.map((order, source) => {
      const numbers = new Runs();
      for (; i < own.length && own[i] < this.#firsts[source + 1]; i++) {
        numbers.append(order.numberAt(own[i] - this.#firsts[source]), 1);
      }
      return order.only(numbers);
    });
  }

  /**
   * Adds to tasks the places of their images in shuffled order.
   *
   * @param source Whose images they are.
   * @param tasks The tasks.
   * @param firstNumber The number of the source's first image.
   * @returns The same tasks.
   */
  *withPlaces(source: number, tasks: Iterable<ReadTask>, firstNumber: number): Generator<ReadTask> {
    const order = this.#orders[source];
    const first = this.#firsts[source];
    for (const task of tasks) {
      const { numbers, offsets } = task;
      task.places = Uint32Array.from(
        offsets,
        (_, i) => this.#permutation.placeOf(first + order.placeOf(numberAt(numbers, i) - firstNumber)),
      );
      yield task;
    }
  }

  /**
   * Cuts what is to be written into pieces: small files go together into one, and large ones have several.
   *
   * @param held How many images can be held in memory: the most that a piece has. What is cut depends on nothing else, so
   * that a run that goes on cuts as the one before.
   */
  pieces(held: number): Pieces {
    const most = Math.max(1, Math.min(held, Math.ceil(this.#permutation.count / LEAST_PIECES)));
    const begins: number[] = [];
    const tasks: MergeTask[] = [];
    const { begin, end } = this.#ownShards;
    const shards = this.#shards;
    for (let shard = begin; shard < end;) {
      const first = shards[shard];
      let after = shard + 1;
      while (after < end && shards[after + 1] - first <= most) after++;
      const piece = begins.length;
      for (let place = first; place < shards[after]; place += most) begins.push(place);
      const files = Array.from({ length: after - shard }, (_, i) => this.#file(shard + i));
      if (!this.#isOneFile) tasks.push({ first, parts: [], pieces: [piece, begins.length], files });
      else {
        for (let i = piece; i < begins.length; i++) {
          const file = { begin: begins[i], goesOn: i + 1 < begins.length };
          tasks.push({ first: begins[i], parts: [], pieces: [i, i + 1], files: [file] });
        }
      }
      shard = after;
    }
    begins.push(shards[end]);
    return { begins: Float64Array.from(begins), tasks };
  }

  #file(shard: number): MergeFile {
    const goesOn = this.#inSequence && shard + 1 < this.#ownShards.end;
    return { begin: this.#shards[shard], shard, shards: this.#shards.length - 1, goesOn };
  }

  /** Whether tasks have to be done in order, by one sink. */
  get inSequence(): boolean {
    return this.#inSequence || this.#isOneFile;
  }

  get #isOneFile(): boolean {
    return this.#cut.images === Infinity && this.#cut.bytes === Infinity;
  }

  #cutShards(): number[] {
    const { images, bytes } = this.#cut;
    const count = this.#permutation.count;
    const begins = [];
    if (bytes === Infinity) {
      for (let place = 0; place < count; place += images) begins.push(place);
      return [...begins, count];
    }
    const cutter = new ShardCutter(this.#cut);
    for (const [place, length] of this.#recordBytes().entries()) {
      if (cutter.beginsShard(length) || place === 0) begins.push(place);
    }
    return [...begins, count];
  }

  /** About how many bytes the record of each image takes, in shuffled order. */
  #recordBytes(): Float64Array<ArrayBuffer> {
    const bytes = new Float64Array(this.#permutation.count);
    let i = 0;
    for (const order of this.#orders) {
      for (const length of order.recordBytes()) bytes[this.#permutation.placeOf(i++)] = length;
    }
    return bytes;
  }

  /** The shards of a share follow each other. */
  #shardsOf(share: Share | undefined): { begin: number; end: number } {
    const shards = this.#shards.length - 1;
    if (share === undefined) return { begin: 0, end: shards };
    const ofShare = (shard: number) => shareOfShard(shard, shards, share.count);
    return {
      begin: 1 + lastAtMost(shards, share.index - 1, ofShare),
      end: 1 + lastAtMost(shards, share.index, ofShare),
    };
  }
}
