import { join } from "node:path";
import type { DatasetFacts } from "../dataset/dataset.ts";
import { RefusedError, UnrecError } from "../errors.ts";
import { frameBytes, IR_HEADER_BYTES } from "../recordio/constants.ts";
import { isExactKey } from "../recordio/float32_keys.ts";
import { IndexWriter } from "../recordio/index_writer.ts";
import { RecordWriter } from "../recordio/record_writer.ts";
import { GrowingFile, grownLength, isWhole, removeGrown } from "./growing_file.ts";
import { isThere } from "./image_file.ts";
import { entriesOf, makeOutput, requireFolder } from "./output_folder.ts";
import { putTextAnew } from "./put_anew.ts";
import { recPieces } from "./rec_pieces.ts";
import { boundariesOf, isRecReceipt, type RecReceipt } from "./rec_receipt.ts";
import { FIRST_KEY, MOST_IMAGES, REC_FILES, type RecLayout, tooManyImages } from "./rec_layout.ts";
import { type RecOptions, RecSink } from "./rec_sink.ts";
import type { ImagePaths, Receipt, Sink, SinkStore, SourceFacts, SpaceNeeded, WorkLeft } from "./sink.ts";
import { syncFile, syncFolder } from "./sync_file.ts";

/** Names classes, height and width; older programs read it. */
const PROPERTY = "property";

/** Bytes of an index line, about. */
const INDEX_LINE_BYTES = 22;

/** How a {@linkcode recordFile} is written. */
export interface RecordFileOptions {
  /**
   * How records are laid out: `identity`, with record 0, images from key 1 on, and identity records, as face2rec2 writes
   * them; or `flat`, images alone from key 0 on, each with one label.
   *
   * @default {"identity"}
   */
  layout?: "identity" | "flat";
  /**
   * Whether what is written is made durable at the end of each task.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/**
 * A RecordIO dataset in a folder: `train.rec`, `train.idx` and `property`.
 *
 * @example
 * ```ts
 * import { decode, openDataset, recordFile } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/header_last");
 * await decode([dataset], recordFile("again"));
 * using again = await openDataset("again");
 * console.log(again.facts.layout.record0, again.imageCount); // first 32
 * ```
 *
 * @param output The folder; made if need be.
 * @param options How.
 */
export function recordFile(
  output: string,
  { layout = "identity", fsync = false }: RecordFileOptions = {},
): SinkStore {
  return new RecStore({ output, layout, fsync });
}

/** A record file as the main thread sees it. */
class RecStore implements SinkStore {
  readonly format = "rec";
  readonly output: string;
  readonly spec = undefined;
  readonly form: Readonly<Record<string, string>>;
  readonly asks = [];
  readonly tellsNumbers = false;
  readonly cut = { images: Infinity, bytes: Infinity };
  readonly inSequence = true;
  readonly keepsParts = true;
  readonly #options: RecOptions;
  readonly #layout: RecLayout;

  constructor(options: RecOptions) {
    this.#options = options;
    this.output = options.output;
    this.#layout = options.layout;
    this.form = { layout: options.layout };
  }

  open(written: readonly Receipt[] = []): Sink {
    return new RecSink(this.#options, written.filter(isRecReceipt));
  }

  check(sources: readonly SourceFacts[]): void {
    const images = sources.flatMap(({ datasets }) => datasets).reduce((sum, facts) => sum + imagesOf(facts), 0);
    if (images > MOST_IMAGES[this.#layout]) throw tooManyImages(this.#layout);
  }

  requirePlace(): void {
    requireFolder(this.output);
    const folder = entriesOf(this.output).find(({ isDirectory }) => isDirectory);
    if (folder === undefined) return;
    throw new RefusedError(
      `Cannot write ${REC_FILES.records} to ${this.output}: it holds the folder ${folder.name}, and trainers read ` +
        `${REC_FILES.records} and no folder where there are both`,
      { kind: "other-output" },
    );
  }

  prepare(): void {
    makeOutput(this.output);
  }

  entries(): string[] {
    return entriesOf(this.output).map(({ name }) => name);
  }

  holds(_labels: Iterable<number>, receipts: readonly Receipt[]): boolean {
    return receipts.length > 0 && receipts.every((receipt) =>
      isRecReceipt(receipt) &&
      receipt.records <= grownLength(this.output, REC_FILES.records) &&
      receipt.index <= grownLength(this.output, REC_FILES.index)
    );
  }

  clear(): Promise<void> {
    for (const name of [REC_FILES.records, REC_FILES.index, PROPERTY]) removeGrown(this.output, name);
    return Promise.resolve();
  }

  space({ imageBytes, labels }: WorkLeft, blockBytes: number): SpaceNeeded {
    let images = 0;
    // An identity record for each label, if they do not come back.
    let bytes = this.#layout === "flat" ? 0 : labels * (frameBytes(IR_HEADER_BYTES + 8) + INDEX_LINE_BYTES);
    for (const length of imageBytes) {
      images++;
      bytes += frameBytes(IR_HEADER_BYTES + 8 + Math.max(0, length)) + INDEX_LINE_BYTES;
    }
    return { images, bytes: bytes + 3 * blockBytes, inodes: 3, subfolders: 0, otherNames: undefined };
  }

  paths(): ImagePaths {
    return new RecPaths(FIRST_KEY[this.#layout]);
  }

  inPieces(): SinkStore {
    return recPieces(this.#options, {
      requirePlace: () => this.requirePlace(),
      check: (sources) => this.check(sources),
      paths: () => this.paths(),
      files: [REC_FILES.records, REC_FILES.index, PROPERTY],
      conclude: (receipts, labels) => this.conclude(receipts, labels),
      clear: () => this.clear(),
    });
  }

  conclude(receipts: readonly Receipt[], labels: number): string[] {
    const written = receipts.filter(isRecReceipt);
    const last = written.at(-1);
    const { output } = this;
    if (last === undefined) return [];
    if (isWhole(output, REC_FILES.records) && isWhole(output, REC_FILES.index)) {
      this.#writeProperty(written);
      return [];
    }
    const records = new GrowingFile(output, REC_FILES.records, last.records);
    const index = new GrowingFile(output, REC_FILES.index, last.index);
    try {
      const boundaries = boundariesOf(written, FIRST_KEY[this.#layout]);
      if (this.#layout === "identity") nameImages(boundaries, records, index, last.records);
      if (this.#options.fsync) {
        records.sync();
        index.sync();
      }
      this.#writeProperty(written);
      // Who finds the records finds their index too.
      index.finish();
      records.finish();
      if (this.#options.fsync) syncFolder(output);
      return this.#layout === "identity" ? notesOf(boundaries.length - 1, labels) : [];
    } finally {
      records.close();
      index.close();
    }
  }

  isConcluded(receipts: readonly Receipt[]): boolean {
    const { output } = this;
    return isWhole(output, REC_FILES.records) && isWhole(output, REC_FILES.index) &&
      (propertyOf(receipts.filter(isRecReceipt)) === undefined || isThere(join(output, PROPERTY)));
  }

  #writeProperty(written: readonly RecReceipt[]): void {
    const property = propertyOf(written);
    if (property === undefined) return;
    const path = join(this.output, PROPERTY);
    putTextAnew(path, property);
    if (this.#options.fsync) syncFile(path);
  }
}

/**
 * What `property` says. Without the size of an image, or with labels that are no classes, there is nothing that it could
 * say.
 */
function propertyOf(written: readonly RecReceipt[]): string | undefined {
  const highest = written.reduce((most, receipt) => Math.max(most, receipt.highest), -1);
  const size = written[0]?.size ?? "";
  return size === "" || highest < 0 || !Number.isSafeInteger(highest + 1) ? undefined : `${highest + 1},${size}\n`;
}

/** Where images are in a record file: their keys, which count them. */
class RecPaths implements ImagePaths {
  #key: number;

  /** @param firstKey The key of the first image. */
  constructor(firstKey: number) {
    this.#key = firstKey;
  }

  pathOf(): string {
    return `${REC_FILES.records}/${this.#key++}`;
  }

  shifted(text: string, images: number): string {
    return text.replaceAll(PATH, (_, key) => `${REC_FILES.records}/${Number(key) + images}`);
  }
}

const PATH = new RegExp(`\\b${REC_FILES.records.replace(".", "\\.")}/(\\d+)`, "g");

/** Writes identity records after the images, and record 0, which names them. */
function nameImages(boundaries: readonly number[], records: GrowingFile, index: GrowingFile, offset: number): void {
  const first = boundaries[boundaries.length - 1];
  const end = first + boundaries.length - 1;
  if (!isExactKey(end)) {
    throw new UnrecError(
      `Cannot write record 0: the key after the last identity record would be ${end}, which float32 rounds`,
      { kind: "other-layout", layout: "flat" },
      { kind: "text", text: "choose fewer images" },
    );
  }
  const writer = new RecordWriter((bytes) => records.append(bytes), offset);
  const lines = new IndexWriter((bytes) => index.append(bytes));
  for (let i = 0; i + 1 < boundaries.length; i++) {
    lines.append(first + i, writer.offset);
    writer.range(first + i, boundaries[i], boundaries[i + 1]);
  }
  writer.flush();
  lines.flush();
  const record0 = new RecordWriter((bytes) => records.replaceBegin(bytes));
  record0.range(0, first, end);
  record0.flush();
}

function notesOf(identities: number, labels: number): string[] {
  if (identities === labels) return [];
  return [
    `${REC_FILES.records} has ${identities} identity records for ${labels} labels, because images of some labels do not ` +
    "all follow each other; images that are read from folders do",
  ];
}

/** How many images are wanted of a dataset. */
function imagesOf({ layout, chosen }: DatasetFacts): number {
  return chosen?.images ?? layout.images;
}
