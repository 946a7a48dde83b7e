/**
 * Shards of WebDataset: tar archives of a name and a number each, with lists of them beside.
 *
 * @module
 */
import { join } from "node:path";
import { isThere } from "./image_file.ts";
import { shardSink, type ShardSpec } from "./shard_sink.ts";
import { ShardStore } from "./shard_store.ts";
import type { Receipt, Sink, SinkStore } from "./sink.ts";
import { INFO, type Members, WEBDATASET, widsName } from "./webdataset_shard.ts";

/** Other lists of what is in the shards than the one that is always written. */
export type WebDatasetIndex = "wids" | "dali";

/** How WebDataset shards are written. */
export interface WebDatasetOptions {
  /**
   * What the names of files begin with.
   *
   * @default {"train"}
   */
  prefix?: string;
  /**
   * The most images of a shard.
   *
   * @default {10000, or any number if bytes are given}
   */
  images?: number;
  /**
   * About the most bytes of a shard: those that the records take where they are read from.
   *
   * @default {any number}
   */
  bytes?: number;
  /**
   * How the field of an image is called: `jpg`, whatever it is, or by what it is.
   *
   * @default {"jpg"}
   */
  ext?: "jpg" | "content";
  /**
   * Whether each sample has a `.json` with what else its record says.
   *
   * @default {false}
   */
  json?: boolean;
  /**
   * Lists to be written besides `_info.json`.
   *
   * @default {[]}
   */
  index?: readonly WebDatasetIndex[];
  /**
   * Whether shards are made durable.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/** Images of a shard, where nothing else is said. */
export const SHARD_IMAGES = 10_000;

/**
 * WebDataset shards in a folder.
 *
 * @example
 * ```ts
 * import { decode, openDataset, webDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * await decode([dataset], webDataset("shards", { images: 50 }));
 * const names = Array.from(Deno.readDirSync("shards"), ({ name }) => name).sort();
 * console.log(names.slice(1).join(" ")); // _info.json train-000000.tar train-000001.tar
 * ```
 *
 * @param output The folder; made if need be.
 * @param options How they are written.
 * @throws {UnrecError} If files cannot be named so.
 */
export function webDataset(output: string, options: WebDatasetOptions = {}): SinkStore {
  const { prefix = "train", bytes = Infinity, ext = "jpg", json = false, index = [], fsync = false } = options;
  const { images = bytes === Infinity ? SHARD_IMAGES : Infinity } = options;
  const members = { ext, json, dali: index.includes("dali") };
  return new WebDatasetStore({
    format: "webdataset",
    output,
    prefix,
    cut: { images, bytes },
    fsync,
    md5: index.includes("wids"),
    options: members,
  });
}

/** A folder of WebDataset shards as the main thread sees it. */
export class WebDatasetStore extends ShardStore<Members> {
  /** @param spec Where it is written, and how. */
  constructor(spec: ShardSpec<Members>) {
    const index: WebDatasetIndex[] = [];
    if (spec.options.dali) index.push("dali");
    if (spec.md5) index.push("wids");
    super(spec, WEBDATASET, {
      "field name of images": spec.options.ext,
      "fields of a sample": spec.options.json ? "cls, image, json" : "cls, image",
      "index": index.join(", ") || "none",
    });
  }

  override async open(): Promise<Sink> {
    return await shardSink(this.spec, WEBDATASET);
  }

  override isConcluded(): boolean {
    const { prefix, md5 } = this.spec;
    return [INFO, ...md5 ? [widsName(prefix)] : []].every((name) => isThere(join(this.output, name)));
  }

  /** Writes the lists of shards. */
  override conclude(receipts: readonly Receipt[]): void {
    const shards = receipts.filter(({ images }) => images !== undefined)
      .sort((a, b) => a.path < b.path ? -1 : 1);
    const { prefix, md5 } = this.spec;
    const lengths = shards.map(({ images }) => Number(images));
    const split = {
      name: prefix,
      num_samples: lengths.reduce((sum, length) => sum + length, 0),
      filenames: shards.map(({ path }) => path),
      shard_lengths: lengths,
    };
    this.#writeJson(INFO, { splits: { [prefix]: split } });
    if (!md5) return;
    this.#writeJson(widsName(prefix), {
      __kind__: "wids-shard-index-v1",
      wids_version: 1,
      shardlist: shards.map(({ path, images, md5, bytes }) => ({
        url: path,
        nsamples: images,
        md5sum: md5,
        filesize: bytes,
      })),
    });
  }

  #writeJson(name: string, value: unknown): void {
    this.writeText(name, `${JSON.stringify(value, undefined, 1)}\n`);
  }
}
