/**
 * Shards of WebDataset: tar archives in which neighbouring members of the same name but for its ending are a sample. The
 * name of a sample is all before the first dot; what follows is the name of a field.
 *
 * @module
 */
import type { RecordView } from "../recordio/record_view.ts";
import { labelName } from "./name_field.ts";
import type { ShardSpec } from "./shard_sink.ts";
import { ShardStore } from "./shard_store.ts";
import type { ShardFile, ShardFormat, ShardWriter } from "./shard_writer.ts";
import type { Receipt, SinkStore } from "./sink.ts";
import { BLOCK_BYTES, blockRest, TAR_END, TarHeader } from "./tar_header.ts";

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

/** How members are written. Plain data. */
export type Members = Required<Pick<WebDatasetOptions, "ext" | "json">> & {
  /** Whether each shard gets an index as DALI reads it. */
  dali: boolean;
};

/** Images of a shard, where nothing else is said. */
export const SHARD_IMAGES = 10_000;

/** timm reads it from the folder of the shards. */
const INFO = "_info.json";

/** Anybody may read members, and nobody may write them. */
const MODE = 0o444;

/** Digits of the numbers in names of members and of shards, at least. */
const NUMBER_DIGITS = 9;
const SHARD_DIGITS = 6;

/** The format. */
export const WEBDATASET: ShardFormat<Members> = {
  writer: (file, members) => new WebDatasetWriter(file, members),
  pathOf: (prefix, shard) => `${prefix}-${String(shard).padStart(SHARD_DIGITS, "0")}.tar`,
  owns: (path, prefix) =>
    path === INFO || path === widsName(prefix) ||
    path.startsWith(`${prefix}-`) && /^\d{6,}\.(tar|idx)$/.test(path.slice(prefix.length + 1)),
  memberOf: (record, { ext }) => `${sampleName(record)}.${fieldOf(record, ext)}`,
  bytesOf: (length) => 3 * BLOCK_BYTES + length + blockRest(length),
};

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

/** The name of an image's sample: its number. */
function sampleName({ number }: RecordView): string {
  return String(number).padStart(NUMBER_DIGITS, "0");
}

/** The name of the field that has the image. */
function fieldOf(record: RecordView, ext: Members["ext"]): string {
  return ext === "jpg" ? ext : record.payload.extension;
}

function widsName(prefix: string): string {
  return `${prefix}-wids.json`;
}

/** Where the contents of a member begin, and how many bytes they are. */
interface MemberPlace {
  field: string;
  offset: number;
  size: number;
  name: string;
}

/** Writes one shard. */
class WebDatasetWriter implements ShardWriter {
  readonly #file: ShardFile;
  readonly #members: Members;
  /** Headers of label and image with the label between them, written at once. */
  readonly #head = new Uint8Array(3 * BLOCK_BYTES);
  readonly #labelHeader = new TarHeader(MODE, this.#head.subarray(0, BLOCK_BYTES));
  readonly #label = this.#head.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES);
  readonly #imageHeader = new TarHeader(MODE, this.#head.subarray(2 * BLOCK_BYTES));
  readonly #header = new TarHeader(MODE);
  /** A line for each sample, for DALI. */
  readonly #lines: string[] = [];

  constructor(file: ShardFile, members: Members) {
    this.#file = file;
    this.#members = members;
  }

  write(record: RecordView): void {
    const file = this.#file;
    const { ext, json, dali } = this.#members;
    const { bytes } = record;
    const key = sampleName(record);
    const label = labelName(record.label);
    const field = fieldOf(record, ext);
    const begin = file.position;
    this.#labelHeader.set(`${key}.cls`, label.length);
    this.#label.fill(0);
    for (let i = 0; i < label.length; i++) this.#label[i] = label.charCodeAt(i);
    this.#imageHeader.set(`${key}.${field}`, bytes.length);
    file.write(this.#head);
    const image = file.position;
    file.write(bytes);
    file.write(TAR_END.subarray(0, blockRest(bytes.length)));
    const text = json ? this.#writeJson(key, record) : 0;
    if (!dali) return;
    const places: MemberPlace[] = [
      { field: "cls", offset: begin + BLOCK_BYTES, size: label.length, name: `${key}.cls` },
      { field, offset: image, size: bytes.length, name: `${key}.${field}` },
    ];
    if (json) {
      places.push({ field: "json", offset: file.position - text - blockRest(text), size: text, name: `${key}.json` });
    }
    this.#lines.push(places.map(({ field, offset, size, name }) => `${field} ${offset} ${size} ${name}`).join(" "));
  }

  finish(): void {
    this.#file.write(TAR_END);
    if (!this.#members.dali) return;
    // As `wds2idx` of DALI writes it.
    const index = this.#file.beside(this.#file.name.replace(/\.tar$/, ".idx"));
    index.write(new TextEncoder().encode(`v1.2 ${this.#lines.length}\n${this.#lines.join("\n")}\n`));
  }

  /** Writes what else is known of an image. Returns its bytes. */
  #writeJson(key: string, record: RecordView): number {
    const { id, identity = null, source } = record;
    const labels = Array.from(record.labels(), (label) => Number.isFinite(label) ? label : String(label));
    // An id has 64 bits, more than a number of JavaScript can tell apart.
    const text = new TextEncoder().encode(
      `{"key":${record.key ?? null},"id":${id},"identity":${identity},"labels":${JSON.stringify(labels)},` +
        `"source":${JSON.stringify(source)}}`,
    );
    this.#header.set(`${key}.json`, text.length);
    this.#file.write(this.#header.block);
    this.#file.write(text);
    this.#file.write(TAR_END.subarray(0, blockRest(text.length)));
    return text.length;
  }
}
