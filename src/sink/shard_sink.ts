import { codeOf, systemReason, UnrecError } from "../errors.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { ShardCounter } from "./image_paths.ts";
import type { ShardFormat, ShardWriter } from "./shard_writer.ts";
import type { Finished, Receipt, ShardCut, Sink, SinkSpec, SinkTask } from "./sink.ts";
import { whyNoFolder } from "./steps.ts";
import { type NewMd5, WholeFile } from "./whole_file.ts";

/** What a sink of files with many images needs to know. Plain data. */
export interface ShardSpec<Options> extends SinkSpec {
  /** The folder to write to; it must exist. */
  output: string;
  /** What the names of files begin with. */
  prefix: string;
  /** Where files end. */
  cut: ShardCut;
  /** Whether files are durable when they are whole. */
  fsync: boolean;
  /** Whether receipts have md5 sums. */
  md5: boolean;
  /** How the format is written. */
  options: Options;
}

/**
 * Makes a sink of files with many images.
 *
 * @param spec Where it writes, and how.
 * @param format What it writes.
 */
export async function shardSink<Options>(spec: ShardSpec<Options>, format: ShardFormat<Options>): Promise<Sink> {
  if (!spec.md5) return new ShardSink(spec, format);
  // Not before it is asked for: it takes 2 MB of memory in each thread.
  const { createHash } = await import("node:crypto");
  return new ShardSink(spec, format, () => createHash("md5"));
}

/** A file that is being written. */
interface OpenShard {
  file: WholeFile;
  writer: ShardWriter;
  images: number;
}

/**
 * Writes files that hold many images each: a task is one of them or, where it is not known before what there is, the sink
 * cuts as images come. A file gets its name when it is whole; its receipt has path, bytes and images.
 */
class ShardSink<Options> implements Sink {
  readonly #spec: ShardSpec<Options>;
  readonly #format: ShardFormat<Options>;
  readonly #newMd5: NewMd5 | undefined;
  #task: SinkTask = { goesOn: false };
  #open: OpenShard | undefined;
  #receipts: Receipt[] = [];
  readonly #counter: ShardCounter;
  #syncSeconds = 0;

  /**
   * @param spec Where it writes, and how.
   * @param format What it writes.
   * @param newMd5 Begins the md5 sums of receipts, if they are to have them.
   */
  constructor(spec: ShardSpec<Options>, format: ShardFormat<Options>, newMd5?: NewMd5) {
    this.#spec = spec;
    this.#format = format;
    this.#newMd5 = newMd5;
    this.#counter = new ShardCounter(spec.cut);
  }

  begin(task: SinkTask): void {
    this.#task = task;
    this.#receipts = [];
    this.#syncSeconds = 0;
    this.#counter.begin(task);
  }

  write(record: RecordView): void {
    if (this.#counter.takes(record)) this.#close();
    const open = this.#open ??= this.#begin();
    open.writer.write(record);
    open.images++;
  }

  finish(): Finished {
    if (!this.#task.goesOn) this.#close();
    return { receipts: this.#receipts, ...this.#spec.fsync ? { syncSeconds: this.#syncSeconds } : {} };
  }

  abandon(): void {
    this.#open?.file.abandon();
    this.#open = undefined;
  }

  #begin(): OpenShard {
    const { output, prefix, fsync, options } = this.#spec;
    const path = this.#format.pathOf(prefix, this.#counter.shard, this.#counter.shards);
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (folder !== "") makeFolder(`${output}/${folder}`);
    const file = new WholeFile(output, path, { fsync, newMd5: this.#newMd5 });
    return { file, writer: this.#format.writer(file, options, this.#task), images: 0 };
  }

  #close(): void {
    const open = this.#open;
    if (open === undefined) return;
    open.writer.finish();
    const begin = performance.now();
    const [receipt, ...others] = open.file.finish();
    this.#open = undefined;
    this.#syncSeconds += (performance.now() - begin) / 1000;
    this.#receipts.push({ ...receipt, images: open.images }, ...others);
  }
}

/** Makes a folder within the output, or finds it made. Not the output itself, so that one that vanished is noticed. */
function makeFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder);
  } catch (error) {
    const reason = codeOf(error) === "EEXIST" ? whyNoFolder(folder) : systemReason(error);
    if (reason !== "") throw new UnrecError(`Cannot make the folder ${folder}: ${reason}`);
  }
}
