import { resolve } from "node:path";
import type { DatasetFacts } from "../../dataset/dataset.ts";
import type { ReadTask } from "../../dataset/plan.ts";
import type { Selection } from "../../dataset/selection/selection.ts";
import { whyNotStreamed } from "../../dataset/selection/stream_choice.ts";
import { type Remedy, UnrecError } from "../../errors.ts";
import { describeProblem, type RecordProblem } from "../../recordio/problem.ts";
import { RECORD_CHUNK_BYTES } from "../../recordio/types.ts";
import { type FileFacts, fileFacts } from "../file_facts.ts";
import type { FoundSource, Scanning, Source, SourceOptions, StreamEnd } from "../source.ts";
import type { ArchiveSpec } from "./archive_entries.ts";
import { PUBLISHED } from "./checksums.ts";
import { containerOfFile, notReadHere, unpackingOf } from "./containers.ts";
import { requireEqualParts } from "./equal_parts.ts";
import { STANDARD_INPUT } from "./find_parts.ts";
import { expectTarInside } from "./no_archive.ts";

/** An archive with datasets in it: a tar archive, compressed with gzip or not, in one file or in parts; a ZIP archive. */
export class ArchivePlace implements FoundSource {
  readonly kind = "archive";
  /** The files it consists of, in order; `-` is the standard input. */
  readonly parts: readonly string[];
  readonly select: Selection | undefined;

  /**
   * @param parts Its files, in order; `-` alone for the standard input.
   * @param select Which images are wanted, if not all are.
   */
  constructor(parts: readonly string[], select?: Selection) {
    this.parts = parts;
    this.select = select;
  }

  get path(): string {
    const [first] = this.parts;
    if (first === STANDARD_INPUT) return "the standard input";
    const others = this.parts.length - 1;
    return others === 0 ? first : `${first} and the ${others} ${others === 1 ? "part" : "parts"} after it`;
  }

  get paths(): string[] {
    return this.parts.filter((part) => part !== STANDARD_INPUT);
  }

  facts(): FileFacts[] {
    return this.parts.map((part, i) => fileFacts(`part ${i + 1}`, part));
  }

  /** What to do where it has to be read in another order than that in which it comes. */
  get unpacking(): Remedy {
    return unpackingOf(this.path, this.parts);
  }

  selecting(selection: Selection): ArchivePlace {
    return new ArchivePlace(this.parts, selection);
  }

  async open(options: SourceOptions): Promise<Source> {
    const reader = await this.#reader();
    if (options.onError === "skip") {
      throw new UnrecError(
        `Cannot leave out what is damaged in ${this.path}: that takes the index first, and this is an archive`,
        this.unpacking,
      );
    }
    const why = this.select && whyNotStreamed(this.select);
    if (why !== undefined) {
      throw new UnrecError(`Cannot choose so from ${this.path}: ${why}, and this is an archive`, this.unpacking);
    }
    const source = new ArchiveSource(this, reader, options);
    requireEqualParts(this.parts, source.reader.checksums);
    return source;
  }

  /** What reads it. */
  async #reader(): Promise<ArchiveSpec["kind"]> {
    const container = this.parts[0] === STANDARD_INPUT ? undefined : containerOfFile(this.parts[0]);
    if (container?.kind.name === "gzip") await expectTarInside(this.path, this.parts);
    if (container === undefined) return "tar";
    if (container.reader === undefined || container.reader === "zip" && this.parts.length > 1) {
      throw notReadHere(container, this.path, this.parts);
    }
    return container.reader;
  }
}

/** An archive that is read as one task. */
class ArchiveSource implements Source {
  readonly found: ArchivePlace;
  readonly imageCount = undefined;
  readonly numberCount = undefined;
  readonly order = undefined;
  readonly datasets: DatasetFacts[] = [];
  readonly scanning: Scanning;
  readonly reader: ArchiveSpec;
  readonly #facts: FileFacts[];

  constructor(found: ArchivePlace, kind: ArchiveSpec["kind"], options: SourceOptions) {
    const { engine = "wasm", chunkBytes = RECORD_CHUNK_BYTES, checksums = PUBLISHED, keep } = options;
    this.found = found;
    this.scanning = { engine, chunkBytes };
    this.#facts = found.facts();
    this.reader = {
      kind,
      path: found.path,
      parts: found.parts,
      checksums: checksums === false ? undefined : checksums,
      sumsAreGiven: checksums !== false && checksums !== PUBLISHED,
      keep,
      select: found.select,
    };
  }

  get bytes(): number | undefined {
    const bytes = this.#facts.reduce((sum, { size }) => sum + (size ?? NaN), 0);
    return Number.isNaN(bytes) ? undefined : bytes;
  }

  *tasks(_taskBytes: number, firstNumber: number): Generator<ReadTask> {
    yield { start: 0, end: Infinity, offsets: new Uint32Array(), numbers: { first: firstNumber }, keys: { first: 0 } };
  }

  // What it holds is not known before it is read.

  imageBytes(): number[] {
    return [];
  }

  labels(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  labelSpan(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  readLabels(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  loss(): undefined {}

  isKept({ kept }: StreamEnd): boolean {
    const { keep } = this.reader;
    if (keep === undefined) return true;
    const folder = resolve(keep);
    return kept !== undefined && kept.every(({ name, size, time }) => {
      const now = fileFacts(name, name);
      return name.startsWith(folder) && now.size === size && now.time === time;
    });
  }

  notePassed(): boolean {
    return false;
  }

  explain(problem: RecordProblem): UnrecError {
    return new UnrecError(
      `Cannot read the record at byte ${problem.offset} of ${this.found.path}: ${describeProblem(problem)}`,
    );
  }

  [Symbol.dispose](): void {}
}
