/**
 * One Parquet file of images, as Hugging Face's `datasets` writes and reads them. Only those who write Parquet load this
 * module: it needs a package of npm.
 *
 * The package is hyparquet-writer, of one version, so that the bytes of a shard do not depend on when they were written.
 * It writes 0.6 GB of images a second on one core.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- what deno.json names is downloaded before anything runs, needed or not
import { ByteWriter, ParquetWriter } from "npm:hyparquet-writer@0.17.0";
import { UnrecError } from "../errors.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { NameTemplate } from "./name_template.ts";
import { Namer } from "./namer.ts";
import type { ParquetRows } from "./parquet.ts";
import type { ShardFile, ShardWriter } from "./shard_writer.ts";

/**
 * What `datasets` writes into a file with an image and a whole number a row, letter by letter. Its readers believe it
 * only where the Arrow types of the columns are those of the features: int64, no other size, and all may be null.
 */
const FEATURES = '{"info": {"features": {"image": {"_type": "Image"}, "label": {"dtype": "int64", "_type": "Value"}}}}';

/** The columns, depth first. `schema` is what Arrow calls the root. */
const SCHEMA: ConstructorParameters<typeof ParquetWriter>[0]["schema"] = [
  { name: "schema", repetition_type: "REQUIRED", num_children: 2 },
  { name: "image", repetition_type: "OPTIONAL", num_children: 2 },
  { name: "bytes", repetition_type: "OPTIONAL", type: "BYTE_ARRAY" },
  {
    name: "path",
    repetition_type: "OPTIONAL",
    type: "BYTE_ARRAY",
    converted_type: "UTF8",
    logical_type: { type: "STRING" },
  },
  { name: "label", repetition_type: "OPTIONAL", type: "INT64" },
];

/**
 * The most bytes of a row group; a larger image is one by itself. Readers hold a whole group in memory: `datasets` makes
 * them of 30 MB, and the viewer of Hugging Face takes up to 286 MiB.
 */
const ROW_GROUP_BYTES = 30_000_000;

/** About how many bytes a row takes besides its image: path, label and lengths. */
const ROW_BYTES = 64;

/**
 * Begins a file.
 *
 * @param file The file.
 * @param options How it is written.
 */
export function newParquetShard(file: ShardFile, { names }: ParquetRows): ShardWriter {
  return new ParquetShard(file, new Namer(new NameTemplate(names)));
}

/** Writes images into one Parquet file: not compressed, for images are, and without a dictionary, for no two are alike. */
class ParquetShard implements ShardWriter {
  readonly #namer: Namer;
  readonly #writer: ParquetWriter;
  /** The images of the row group, one after the other. */
  #bytes = new Uint8Array(ROW_GROUP_BYTES);
  #filled = 0;
  #images: { bytes: Uint8Array; path: string }[] = [];
  #labels: bigint[] = [];

  constructor(file: ShardFile, namer: Namer) {
    this.#namer = namer;
    this.#writer = new ParquetWriter({
      writer: new ShardBytes(file),
      schema: SCHEMA,
      codec: "UNCOMPRESSED",
      kvMetadata: [{ key: "huggingface", value: FEATURES }],
    });
  }

  write(record: RecordView): void {
    const { bytes } = record;
    const label = wholeLabel(record);
    const groupBytes = this.#filled + bytes.length + ROW_BYTES * (this.#images.length + 1);
    if (groupBytes > ROW_GROUP_BYTES) this.#makeRoom(bytes.length);
    const end = this.#filled + bytes.length;
    this.#bytes.set(bytes, this.#filled);
    this.#images.push({ bytes: this.#bytes.subarray(this.#filled, end), path: this.#namer.pathOf(record) });
    this.#labels.push(label);
    this.#filled = end;
  }

  finish(): void {
    this.#writeGroup();
    this.#writer.finish();
  }

  #makeRoom(bytes: number): void {
    this.#writeGroup();
    if (bytes > this.#bytes.length) this.#bytes = new Uint8Array(bytes);
  }

  #writeGroup(): void {
    const { length } = this.#images;
    if (length === 0) return;
    this.#writer.write({
      columnData: [
        // The least and the greatest image tell nobody anything, and finding them would mean comparing all.
        { name: "image", data: this.#images, encoding: "PLAIN", statistics: false },
        { name: "label", data: this.#labels, encoding: "PLAIN" },
      ],
      rowGroupSize: length,
    });
    this.#images = [];
    this.#labels = [];
    this.#filled = 0;
  }
}

/** A file as the package writes to it: numbers are gathered, what is bytes already goes to the file as it is. */
class ShardBytes extends ByteWriter {
  readonly #file: ShardFile;

  constructor(file: ShardFile) {
    super();
    this.#file = file;
  }

  override appendBytes(bytes: Uint8Array): void {
    this.flush();
    this.#file.write(bytes);
    this.offset += bytes.length;
  }

  /** Called after each row group, too. */
  flush(): void {
    this.#file.write(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

/** The label of an image as the column holds it. */
function wholeLabel({ givenLabel, label, key, number, offset }: RecordView): bigint {
  if (Number.isInteger(givenLabel) && Math.abs(label) < 2 ** 63) return BigInt(label);
  const what = key === undefined ? `image ${number}` : `the record of key ${key}`;
  throw new UnrecError(
    `Cannot write ${what}, at byte ${offset}, as Parquet: its label is ${givenLabel}, and the column holds whole ` +
      "numbers of 64 bits",
    { kind: "text", text: "take the labels from a list that has whole numbers, or write files in place of Parquet" },
  );
}
