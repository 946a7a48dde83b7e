import { basename, dirname, join, resolve } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";
import type {
  AskedField,
  ClearOptions,
  ConcludeOptions,
  ImagePaths,
  Receipt,
  Shuffle,
  Sink,
  SinkSpec,
  SinkStore,
  SourceFacts,
  SpaceNeeded,
  WorkLeft,
} from "./sink.ts";
import { isSpillReceipt, SpillSink, type SpillSpec, withoutSpills } from "./spill_sink.ts";
import { isFileOf, removeFile } from "./steps.ts";
import { nameOfPart } from "./whole_file.ts";

/** How images are shuffled. */
export interface ShuffledOptions {
  /**
   * What the order follows from, besides the number of images: 0 to 4,294,967,295.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * Whether what is set aside meanwhile is made durable.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/** What journals call the order of images, where it is another one than that of reading. */
export const FORM_ORDER = "order of images";

/** What the names of files begin with in which images are set aside. */
const PREFIX = ".unrec-spill-";

/** What an image takes besides its bytes while it is set aside, about: a head, and where it is. */
const SPILL_HEAD_BYTES = 160;

/** What a store of shuffled images is made from. Plain data. */
export interface ShuffledSpec extends SpillSpec {
  /** What the order follows from. */
  seed: number;
  /** What writes the images in the end; undefined if that is done by the one sink of the main thread. */
  inner: SinkSpec | undefined;
}

/**
 * What another store writes, with all images in a shuffled order: the same one for the same seed and number of images, on
 * every machine. All images are read once, from front to back, and set aside in files beside what is written, sorted by
 * where they will be; then those are merged. So it takes as much room again as the images have, until it is done, and
 * hardly more memory than without.
 *
 * @example
 * ```ts
 * import { decode, openDataset, shuffled, webDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * await decode([dataset], shuffled(webDataset("mixed", { images: 50 }), { seed: 7 }));
 * console.log((await Deno.readTextFile("mixed/_info.json")).includes("train-000001.tar")); // true
 * ```
 *
 * @param store A store that writes files with many images each.
 * @param options How.
 * @throws {UnrecError} If what it writes has no order.
 */
export function shuffled(store: SinkStore, { seed = 0, fsync = false }: ShuffledOptions = {}): SinkStore {
  const { output, cut } = store;
  if (cut === undefined || output === undefined) {
    throw new UnrecError(`Cannot shuffle what is written as ${store.format}: its images are in no order`);
  }
  const spill = { format: "shuffled", folder: output, prefix: PREFIX, fsync };
  return new ShuffledStore({ seed, store, cut }, { ...spill, seed, inner: store.spec });
}

/**
 * The same for a file beside which images are set aside.
 *
 * @param target The file.
 * @param store What writes it.
 * @param shuffle The order.
 */
export function shuffledBeside(target: string, store: SinkStore, { seed, cut }: Omit<Shuffle, "store">): SinkStore {
  const [folder, prefix] = [dirname(resolve(target)), `.${basename(target)}.spill-`];
  return new ShuffledStore({ seed, store, cut }, {
    format: "shuffled",
    ...{ folder, prefix, seed, inner: undefined, fsync: false },
  });
}

/** A store of shuffled images as the main thread sees it. */
class ShuffledStore implements SinkStore {
  readonly format: string;
  readonly output: string | undefined;
  readonly spec: ShuffledSpec;
  readonly form: Readonly<Record<string, string>>;
  readonly asks: readonly AskedField[];
  readonly tellsNumbers = false;
  readonly cut = undefined;
  readonly keepsParts: boolean | undefined;
  readonly shuffle: Shuffle;
  readonly #inner: SinkStore;

  constructor(shuffle: Shuffle, spec: ShuffledSpec) {
    const inner = this.#inner = shuffle.store;
    this.format = inner.format;
    this.output = inner.output;
    this.spec = spec;
    this.form = { ...inner.form, [FORM_ORDER]: `shuffled by ${shuffle.seed}` };
    this.asks = inner.asks;
    this.keepsParts = inner.keepsParts;
    this.shuffle = shuffle;
  }

  open(): Sink {
    return new SpillSink(this.spec);
  }

  check(sources: readonly SourceFacts[]): void {
    this.#inner.check(sources);
    const stream = sources.find(({ streamed }) => streamed);
    if (stream === undefined) return;
    throw new UnrecError(
      `Cannot shuffle the images of ${stream.path}: it is an archive, and how many it has is known only at its end`,
      { kind: "unpack", path: stream.path },
    );
  }

  requirePlace(): void {
    this.#inner.requirePlace?.();
  }

  prepare(): void {
    this.#inner.prepare();
  }

  entries(): string[] {
    return this.#inner.entries();
  }

  holds(labels: Iterable<number>, receipts: readonly Receipt[]): boolean {
    const spills = receipts.filter(isSpillReceipt);
    if (spills.length === 0) return this.#inner.holds(labels, receipts);
    return spills.every(({ spill, bytes }) => this.#isSpill(spill) && isFileOf(join(this.spec.folder, spill), bytes));
  }

  async clear(from: number, options?: ClearOptions): Promise<void> {
    await this.#inner.clear(from, options);
    this.#remove(this.#allSpills());
  }

  tidy(receipts?: readonly Receipt[]): void {
    if (receipts === undefined) return this.#remove(this.#allSpills());
    this.#remove(receipts.filter(isSpillReceipt).map(({ spill }) => spill).filter((name) => this.#isSpill(name)));
  }

  space({ imageBytes, labels }: WorkLeft, blockBytes: number): SpaceNeeded {
    let spilled = 0;
    const counted = function* () {
      for (const bytes of imageBytes) {
        spilled += Math.max(0, bytes) + SPILL_HEAD_BYTES;
        yield bytes;
      }
    };
    const needed = this.#inner.space({ imageBytes: counted(), labels }, blockBytes);
    return { ...needed, bytes: needed.bytes + spilled };
  }

  paths(): ImagePaths {
    return this.#inner.paths!();
  }

  conclude(
    receipts: readonly Receipt[],
    labels: number,
    options?: ConcludeOptions,
  ): ReturnType<NonNullable<SinkStore["conclude"]>> {
    return this.#inner.conclude?.(withoutSpills(receipts), labels, options);
  }

  inPieces(): SinkStore | undefined {
    const pieces = this.#inner.inPieces?.();
    return pieces && shuffled(pieces, { seed: this.shuffle.seed, fsync: this.spec.fsync });
  }

  isConcluded(receipts: readonly Receipt[]): boolean {
    return this.#inner.isConcluded?.(withoutSpills(receipts)) ?? true;
  }

  #remove(spills: readonly string[]): void {
    for (const spill of spills) removeFile(join(this.spec.folder, spill));
  }

  /** The names of all files in which images were set aside, those that are not whole included. */
  #allSpills(): string[] {
    const { folder } = this.spec;
    try {
      return Array.from(Deno.readDirSync(folder), ({ name }) => name)
        .filter((name) => this.#isSpill(nameOfPart(name) ?? name));
    } catch (error) {
      throw new UnrecError(`Cannot read the folder ${folder}: ${systemReason(error)}`);
    }
  }

  #isSpill(name: string): boolean {
    const { prefix } = this.spec;
    return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
  }
}
