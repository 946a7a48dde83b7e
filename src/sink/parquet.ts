/**
 * Parquet as Hugging Face's `datasets` writes and reads it: files of rows in the folder `data`, and a card that says what
 * is in them. A row is an image, with its path in a tree, and its label.
 *
 * @module
 */
import { join } from "node:path";
import { UnrecError } from "../errors.ts";
import { loadFromNpm } from "../load_from_npm.ts";
import { askedBy, checkNames } from "./check_names.ts";
import { isThere } from "./image_file.ts";
import { NameTemplate, REFERENCE_NAMES } from "./name_template.ts";
import { Namer } from "./namer.ts";
import { shardSink, type ShardSpec } from "./shard_sink.ts";
import { ShardStore } from "./shard_store.ts";
import type { ShardFile, ShardFiles, ShardFormat, ShardWriter } from "./shard_writer.ts";
import type { AskedField, Receipt, Sink, SinkStore, SourceFacts } from "./sink.ts";

/** How Parquet is written. */
export interface ParquetOptions {
  /**
   * The name of the split: names of files begin with it.
   *
   * @default {"train"}
   */
  prefix?: string;
  /**
   * The most images of a file.
   *
   * @default {any number}
   */
  images?: number;
  /**
   * About the most bytes of a file: those that the records take where they are read from.
   *
   * @default {500,000,000, or any number if images are given}
   */
  bytes?: number;
  /**
   * How images are named in the column `image.path`: text with fields in braces, as files of a tree are.
   *
   * @default {"id_{label}/{label}_{number}.jpg"}
   */
  names?: string;
  /**
   * Whether files are made durable.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/** What rows hold. Plain data. */
export interface ParquetRows {
  /** How images are named: the text of a {@linkcode NameTemplate}. */
  names: string;
}

/** Bytes of a file, where nothing else is said: as many as `datasets` puts into one. */
const SHARD_BYTES = 500_000_000;

/** Digits of the numbers in names of files, at least. */
const SHARD_DIGITS = 5;

/** The folder of the files. */
const FOLDER = "data";

/** Hugging Face shows it as the page of a dataset, and reads there what the dataset holds. */
const CARD = "README.md";

/** About how many bytes a row takes besides its image: path, label and lengths. */
const ROW_BYTES = 64;

/** Names of splits, as `datasets` takes them (`_split_re` of its `naming.py`). */
const SPLIT = /^\w+(\.\w+)*$/;

/** The files of the format. `datasets` finds those of a split by their names. */
const FILES: ShardFiles<ParquetRows> = {
  pathOf: (prefix, shard, shards) =>
    `${FOLDER}/${prefix}-${digits(shard)}${shards === undefined ? "" : `-of-${digits(shards)}`}.parquet`,
  owns: (path, prefix) =>
    path === CARD ||
    path.startsWith(`${FOLDER}/${prefix}-`) &&
      /^\d{5,}(-of-\d{5,})?\.parquet$/.test(path.slice(FOLDER.length + prefix.length + 2)),
  bytesOf: (length) => length + ROW_BYTES,
};

function digits(number: number): string {
  return String(number).padStart(SHARD_DIGITS, "0");
}

/**
 * What writes it: a package of npm, which Deno fetches when it is asked for the first time.
 *
 * @throws {UnrecError} If that cannot be had.
 */
async function loadWriter(): Promise<ShardFormat<ParquetRows>["writer"]> {
  const module = new URL("./parquet_shard.ts", import.meta.url);
  const { newParquetShard } = await loadFromNpm<
    { newParquetShard: (file: ShardFile, rows: ParquetRows) => ShardWriter }
  >("write Parquet", module);
  return newParquetShard;
}

/**
 * Makes a sink of Parquet files.
 *
 * @param spec Where it writes, and how.
 * @throws {UnrecError} If what writes them cannot be had.
 */
export async function parquetSink(spec: ShardSpec<ParquetRows>): Promise<Sink> {
  return await shardSink(spec, { ...FILES, writer: await loadWriter() });
}

/**
 * A dataset of Parquet files in a folder, with a card. It waits for a package of npm.
 *
 * @example
 * ```ts
 * import { decode, openDataset, parquet } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * await decode([dataset], await parquet("faces", { images: 50 }));
 * const names = Array.from(Deno.readDirSync("faces/data"), ({ name }) => name).sort();
 * console.log(names.join(" ")); // train-00000-of-00002.parquet train-00001-of-00002.parquet
 * ```
 *
 * @param output The folder; made if need be.
 * @param options How it is written.
 * @throws {UnrecError} If files or images cannot be named so, or what writes Parquet cannot be had.
 */
export async function parquet(output: string, options: ParquetOptions = {}): Promise<SinkStore> {
  const { prefix = "train", images = Infinity, names = REFERENCE_NAMES, fsync = false } = options;
  const { bytes = images === Infinity ? SHARD_BYTES : Infinity } = options;
  if (!SPLIT.test(prefix)) {
    throw new UnrecError(
      `Cannot name a split ${prefix}: give letters, digits and underscores, with single dots between them`,
    );
  }
  const spec = { format: "parquet", output, prefix, cut: { images, bytes }, fsync, md5: false, options: { names } };
  const store = new ParquetStore(spec);
  // Before anything is begun: threads would find out too late that it cannot be had.
  await loadWriter();
  return store;
}

/** A folder of Parquet files as the main thread sees it. What looks at them, and writes the card, takes no package. */
export class ParquetStore extends ShardStore<ParquetRows> {
  override readonly asks: readonly AskedField[];
  readonly #names: NameTemplate;

  /**
   * @param spec Where it is written, and how.
   * @throws {UnrecError} If files or images cannot be named so.
   */
  constructor(spec: ShardSpec<ParquetRows>) {
    const names = new NameTemplate(spec.options.names);
    const namer = new Namer(names);
    super(spec, { ...FILES, memberOf: (record) => namer.pathOf(record) }, { "name template": names.text });
    this.#names = names;
    this.asks = askedBy(names);
  }

  override open(): Promise<Sink> {
    return parquetSink(this.spec);
  }

  override check(sources: readonly SourceFacts[]): void {
    checkNames(this.#names, sources);
  }

  override isConcluded(): boolean {
    return isThere(join(this.output, CARD));
  }

  /** Writes the card. */
  override conclude(receipts: readonly Receipt[]): void {
    this.writeText(CARD, cardOf(this.spec.prefix, sumOf(receipts, "images"), sumOf(receipts, "bytes")));
  }
}

function sumOf(receipts: readonly Receipt[], name: string): number {
  return receipts.reduce((sum, receipt) => sum + Number(receipt[name]), 0);
}

/**
 * The card as `datasets` writes it. Nothing is compressed, so files have the size that their rows have in memory, but for
 * a few bytes a page.
 */
function cardOf(split: string, images: number, bytes: number): string {
  return `---
dataset_info:
  features:
  - name: image
    dtype: image
  - name: label
    dtype: int64
  splits:
  - name: ${split}
    num_bytes: ${bytes}
    num_examples: ${images}
  download_size: ${bytes}
  dataset_size: ${bytes}
configs:
- config_name: default
  data_files:
  - split: ${split}
    path: ${FOLDER}/${split}-*
---
`;
}
