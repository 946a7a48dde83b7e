/**
 * A shard of WebDataset: a tar archive in which neighbouring members of the same name but for its ending are a sample. The
 * name of a sample is all before the first dot; what follows is the name of a field.
 *
 * @module
 */
import type { RecordView } from "../recordio/record_view.ts";
import { labelName } from "./name_field.ts";
import type { ShardFile, ShardFormat, ShardWriter } from "./shard_writer.ts";
import { BLOCK_BYTES, blockRest, TAR_END, TarHeader } from "./tar_header.ts";

/** How members are written. Plain data. */
export interface Members {
  /** How the field of an image is called: `jpg`, whatever it is, or by what it is. */
  ext: "jpg" | "content";
  /** Whether each sample has a `.json` with what else its record says. */
  json: boolean;
  /** Whether each shard gets an index as DALI reads it. */
  dali: boolean;
}

/** Where the list is that is always written: timm reads it from the folder of the shards. */
export const INFO = "_info.json";

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

/** The name of an image's sample: its number. */
function sampleName({ number }: RecordView): string {
  return String(number).padStart(NUMBER_DIGITS, "0");
}

/** The name of the field that has the image. */
function fieldOf(record: RecordView, ext: Members["ext"]): string {
  return ext === "jpg" ? ext : record.payload.extension;
}

/**
 * Where the list is that the wids library reads.
 *
 * @param prefix What names of files begin with.
 */
export function widsName(prefix: string): string {
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
