import type { DatasetFacts } from "../../dataset/dataset.ts";
import type { ReadTask } from "../../dataset/plan.ts";
import { UnrecError } from "../../errors.ts";
import { describeProblem, type RecordProblem } from "../../recordio/problem.ts";
import { RECORD_CHUNK_BYTES } from "../../recordio/types.ts";
import { type FileFacts, fileFacts } from "../file_facts.ts";
import type { FoundSource, Scanning, Source, SourceOptions } from "../source.ts";
import type { ArchiveSpec } from "./archive_entries.ts";
import { PUBLISHED } from "./checksums.ts";
import { STANDARD_INPUT } from "./find_parts.ts";

/** A tar archive with datasets in it, compressed with gzip or not, in one file or in parts. */
export class ArchivePlace implements FoundSource {
  readonly kind = "archive";
  /** The files it consists of, in order; `-` is the standard input. */
  readonly parts: readonly string[];

  /** @param parts Its files, in order; `-` alone for the standard input. */
  constructor(parts: readonly string[]) {
    this.parts = parts;
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

  open(options: SourceOptions): Promise<Source> {
    if (options.onError === "skip") {
      return Promise.reject(
        new UnrecError(
          `Cannot leave out what is damaged in ${this.path}: that takes the index first, and this is an archive`,
          { kind: "unpack", path: this.path },
        ),
      );
    }
    return Promise.resolve(new ArchiveSource(this, options));
  }
}

/** An archive that is read from front to back, as one task. */
class ArchiveSource implements Source {
  readonly found: ArchivePlace;
  readonly imageCount = undefined;
  readonly datasets: DatasetFacts[] = [];
  readonly scanning: Scanning;
  readonly reader: ArchiveSpec;
  readonly #facts: FileFacts[];

  constructor(found: ArchivePlace, options: SourceOptions) {
    const { engine = "wasm", chunkBytes = RECORD_CHUNK_BYTES, checksums = PUBLISHED, keep } = options;
    this.found = found;
    this.scanning = { engine, chunkBytes };
    this.#facts = found.facts();
    this.reader = {
      kind: "archive",
      path: found.path,
      parts: found.parts,
      checksums: checksums === false ? undefined : checksums,
      keep,
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

  loss(): undefined {}

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
