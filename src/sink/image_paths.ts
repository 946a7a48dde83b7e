import { FRAME_HEADER_BYTES, IR_HEADER_BYTES } from "../recordio/constants.ts";
import type { RecordView } from "../recordio/record_view.ts";
import type { NameTemplate } from "./name_template.ts";
import { Namer } from "./namer.ts";
import { ShardCutter } from "./shard_cutter.ts";
import type { ShardFiles } from "./shard_writer.ts";
import type { ImagePaths, ShardCut, SinkTask } from "./sink.ts";

/** Paths of the files of a tree. */
export class TreePaths implements ImagePaths {
  readonly #namer: Namer;

  /** @param names How they are named. */
  constructor(names: NameTemplate) {
    this.#namer = new Namer(names);
  }

  pathOf(record: RecordView): string {
    return this.#namer.pathOf(record);
  }
}

/**
 * How many bytes a record takes that was stored in one part: frame, header, labels and image, filled up to whole words.
 * Of a dataset with an index the same is known before.
 */
function storedBytes({ flag, length }: RecordView): number {
  return FRAME_HEADER_BYTES + Math.ceil((IR_HEADER_BYTES + 4 * flag + length) / 4) * 4;
}

/** Counts the shards that images are written to. */
export class ShardCounter {
  readonly #cut: ShardCut;
  #task: SinkTask = { goesOn: false };
  #cutter: ShardCutter | undefined;
  #ended = 0;

  /** @param cut Where shards end, if they are cut as images come. */
  constructor(cut: ShardCut) {
    this.#cut = cut;
  }

  /** Number of the shard of the image that was taken last. */
  get shard(): number {
    return this.#task.shard ?? this.#ended;
  }

  /** How many there are in all, if that is known. */
  get shards(): number | undefined {
    return this.#task.shards;
  }

  /**
   * Begins a task.
   *
   * @param task What it writes.
   */
  begin(task: SinkTask): void {
    this.#task = task;
    if (task.shard === undefined) this.#cutter ??= new ShardCutter(this.#cut);
  }

  /**
   * Takes the next image.
   *
   * @param record The image.
   * @returns Whether another shard begins with it than that of the image before.
   */
  takes(record: RecordView): boolean {
    const begins = this.#cutter?.beginsShard(storedBytes(record)) ?? false;
    if (begins) this.#ended++;
    return begins;
  }
}

/** Paths of the members of shards: the shard's, a slash, and the member's own name if it has one. */
export class ShardPaths<Options> implements ImagePaths {
  readonly #format: ShardFiles<Options>;
  readonly #prefix: string;
  readonly #options: Options;
  readonly #counter: ShardCounter;

  /**
   * @param format What shards are.
   * @param prefix What their names begin with.
   * @param cut Where they end.
   * @param options How they are written.
   */
  constructor(format: ShardFiles<Options>, prefix: string, cut: ShardCut, options: Options) {
    this.#format = format;
    this.#prefix = prefix;
    this.#options = options;
    this.#counter = new ShardCounter(cut);
  }

  begin(task: SinkTask): void {
    this.#counter.begin(task);
  }

  pathOf(record: RecordView): string {
    const counter = this.#counter;
    counter.takes(record);
    const shard = this.#format.pathOf(this.#prefix, counter.shard, counter.shards);
    const member = this.#format.memberOf?.(record, this.#options);
    return member === undefined ? shard : `${shard}/${member}`;
  }
}
