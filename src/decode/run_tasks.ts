import { withIndices } from "../dataset/label_index.ts";
import type { ReadTask } from "../dataset/plan.ts";
import type { ReadingOrder } from "../dataset/reading_order.ts";
import type { Share } from "../dataset/share.ts";
import type { SinkStore } from "../sink/sink.ts";
import type { Source, StreamEnd } from "../source/source.ts";
import type { DecodeTask, TaskPart } from "./decode_work.ts";
import { type TaskLine, taskName } from "./journal_lines.ts";
import { ShardPlan, shareOfShard, type Stretch } from "./plan_shards.ts";
import { ShufflePlan } from "./shuffle_plan.ts";
import type { RunPlan } from "./run_plan.ts";

/** Cuts what a run does into tasks. */
export class RunTasks {
  /** The place of each image among those of its label, source by source; empty unless somebody asks for them. */
  readonly indices: Uint32Array<ArrayBuffer>[] = [];
  /** Streams that were read to their ends, by the number of their source. */
  readonly streams = new Map<number, StreamEnd>();
  /** Whether all images go through one sink, one after the other. */
  readonly inSequence: boolean;
  /** Whether files are cut as images come: what there is is known only then, or there is no more than one file. */
  readonly #cutsLate: boolean;
  readonly #sources: readonly Source[];
  readonly #store: Pick<SinkStore, "cut" | "asks" | "inSequence" | "shuffle">;
  /** The shuffled order, if images are only set aside before they are written in it. */
  readonly shuffle: ShufflePlan | undefined;
  readonly #plan: RunPlan;
  readonly #share: Share | undefined;
  /** The images of each source that are to be written, where they are known: of a tree only those of the share. */
  readonly #orders: readonly (ReadingOrder | undefined)[];
  #shardPlan: ShardPlan | undefined;

  /**
   * @param sources What is read, in order.
   * @param store Where it goes.
   * @param plan What is to be written; the labels of each source are to be there when they are asked for.
   * @param share The share of it that is to be done; undefined for all.
   */
  constructor(
    sources: readonly Source[],
    store: Pick<SinkStore, "cut" | "asks" | "inSequence" | "shuffle">,
    plan: RunPlan,
    share?: Share,
  ) {
    this.#sources = sources;
    this.#store = store;
    this.#plan = plan;
    this.#share = share;
    const { cut, shuffle } = store;
    if (shuffle !== undefined) this.shuffle = new ShufflePlan(sources.map(({ order }) => order!), shuffle, share);
    this.#orders = this.shuffle?.ownOrders ??
      sources.map(({ order }) => share === undefined || cut !== undefined ? order : order?.shareOf(share));
    this.#cutsLate = cut !== undefined &&
      (cut.images === Infinity && cut.bytes === Infinity || sources.some(({ order }) => order === undefined));
    this.inSequence = this.#cutsLate || store.inSequence === true;
  }

  /** Whether somebody asks for the places of images among those of their label. */
  get countsLabels(): boolean {
    return this.#store.asks.includes("index");
  }

  /** Sources whose numbers are known before they are read, together; each other one by itself. */
  phases(): number[][] {
    const phases: number[][] = [];
    this.#sources.forEach(({ imageCount }, i) => {
      const last = phases.at(-1);
      const goesOn = imageCount !== undefined && last !== undefined && this.#sources[last[0]].imageCount !== undefined;
      if (goesOn) last.push(i);
      else phases.push([i]);
    });
    return phases;
  }

  /** How many images there are to be written; for sources of which all is known. */
  get images(): number {
    const sources = [...this.#sources.keys()];
    if (this.#store.cut === undefined) return sources.reduce((sum, source) => sum + this.#orderOf(source).length, 0);
    const shards = this.#shards;
    return this.#ownShards().reduce((sum, shard) => sum + shards.imagesOf(shard), 0);
  }

  /**
   * The number of a source's first image.
   *
   * @param source The source.
   * @param lines Tasks that a run has finished, for streams that this one has not read.
   */
  firstNumber(source: number, lines: readonly TaskLine[] = []): number {
    let number = 0;
    for (let i = 0; i < source; i++) {
      const part = lines.flatMap(({ parts }) => parts).find((part) => part.source === i);
      number += this.#sources[i].numberCount ?? (this.streams.get(i) ?? part?.stream)?.numbers ?? 0;
    }
    return number;
  }

  /**
   * What is added to the labels of a source.
   *
   * @param source The source.
   */
  labelShift(source: number): number {
    if (!this.#plan.relabel) return 0;
    let shift = 0;
    for (let i = 0; i < source; i++) {
      shift += this.#plan.sources[i].labelSpan ?? this.streams.get(i)?.labelSpan ?? 0;
    }
    return shift;
  }

  /**
   * The tasks of some sources.
   *
   * @param sources Their numbers.
   * @param taskBytes About how many bytes a task reads, if that matters.
   * @param finished Those that are done.
   * @returns The others, made when they are asked for.
   */
  *tasks(sources: readonly number[], taskBytes: number, finished: ReadonlySet<string>): Generator<DecodeTask> {
    const { cut } = this.#store;
    const tasks = cut === undefined
      ? this.#anywhere(sources, taskBytes)
      : this.#cutsLate
      ? this.#sequence(sources, taskBytes)
      : this.#shardTasks(taskBytes, finished);
    for (const task of tasks) if (!finished.has(taskName(task))) yield task;
  }

  *#anywhere(sources: readonly number[], taskBytes: number): Generator<DecodeTask> {
    for (const source of sources) {
      const firstNumber = this.firstNumber(source);
      for (const read of (this.#orders[source] ?? this.#sources[source]).tasks(taskBytes, firstNumber)) {
        yield { first: read.numbers.first - firstNumber, parts: [this.#part(source, [read])] };
      }
    }
  }

  /** A task for each shard. */
  *#shardTasks(taskBytes: number, finished: ReadonlySet<string>): Generator<DecodeTask> {
    const shards = this.#shards;
    for (const shard of this.#ownShards()) {
      const stretches = shards.stretchesOf(shard);
      const first = this.#orderOf(stretches[0].source).numberAt(stretches[0].place);
      // What is done need not be looked up in the index again.
      if (finished.has(taskName({ first, parts: stretches }))) continue;
      const parts = stretches.map((stretch) => this.#stretch(stretch, taskBytes));
      const goesOn = this.inSequence && shard + 1 < shards.count;
      yield { first, parts, file: { shard, shards: shards.count, goesOn } };
    }
  }

  /** Tasks in reading order, all but the very last of which leave open what they write to. */
  *#sequence(sources: readonly number[], taskBytes: number): Generator<DecodeTask> {
    const last = sources[sources.length - 1] ?? 0;
    const more = this.#sources.some(({ imageCount }, i) => i > last && imageCount !== 0);
    let before: DecodeTask | undefined;
    for (const source of sources) {
      for (const task of this.#inOrder(source, taskBytes)) {
        if (before !== undefined) yield before;
        before = { ...task, file: { goesOn: true } };
      }
    }
    if (before !== undefined) yield { ...before, file: { goesOn: more } };
  }

  *#inOrder(source: number, taskBytes: number): Generator<DecodeTask> {
    const order = this.#orders[source];
    if (order === undefined) return yield* this.#anywhere([source], taskBytes);
    const pieces = new ShardPlan([[source, order]], { images: Infinity, bytes: taskBytes });
    for (let piece = 0; piece < pieces.count; piece++) {
      const [stretch] = pieces.stretchesOf(piece);
      yield { first: order.numberAt(stretch.place), parts: [this.#stretch(stretch, taskBytes)] };
    }
  }

  #orderOf(source: number) {
    return this.#orders[source]!;
  }

  /** The shards of all sources, for which every order is known. */
  get #shards(): ShardPlan {
    const orders = this.#sources.map((_, source) => [source, this.#orderOf(source)] as const);
    return this.#shardPlan ??= new ShardPlan(orders, this.#store.cut!);
  }

  /** The shards of the share that is to be done. */
  *#ownShards(): Generator<number> {
    const { count } = this.#shards;
    for (let shard = 0; shard < count; shard++) {
      if (this.#share === undefined || shareOfShard(shard, count, this.#share.count) === this.#share.index) yield shard;
    }
  }

  #stretch({ source, place, count }: Stretch, taskBytes: number): TaskPart {
    const reads = this.#orderOf(source).tasksOf(place, count, taskBytes, this.firstNumber(source));
    return this.#part(source, [...reads]);
  }

  #part(source: number, reads: ReadTask[]): TaskPart {
    const indices = this.indices[source];
    const part: TaskPart = { source, reads };
    if (this.shuffle !== undefined) part.reads = [...this.shuffle.withPlaces(source, reads, this.firstNumber(source))];
    if (indices !== undefined) part.reads = [...withIndices(reads, indices, this.firstNumber(source))];
    else if (this.countsLabels) part.counts = true;
    if (this.#plan.relabel) {
      part.relabel = { shift: this.labelShift(source), span: this.#plan.sources[source].labelSpan ?? Infinity };
    }
    return part;
  }
}
