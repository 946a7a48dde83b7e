import type { HttpSpec } from "./http_file.ts";
import { HttpSource } from "./http_source.ts";
import { ReadAhead } from "./read_ahead.ts";
import { type ByteSource, type Reading, stepsOf, type SyncByteSource, waitingStepsOf } from "./reading.ts";
import { SequentialFile } from "./sequential_file.ts";
import { noTraffic, type Traffic } from "./traffic.ts";

/** From what a file is opened, in any thread. Plain data. */
export type BytesSpec = { kind: "file"; path: string } | HttpSpec;

/** A file that readers are run over, stretch by stretch. */
export interface Stretches extends Disposable {
  /** The file. */
  readonly source: ByteSource;
  /** What went over a network for it. */
  readonly traffic: Traffic | undefined;
  /**
   * Runs a reader over a stretch of it.
   *
   * @param reading The reader.
   * @param start The first byte that it wants.
   * @param end The byte after the last one, about.
   * @returns Steps, one after each request.
   */
  run<Result>(
    reading: Reading<Result>,
    start: number,
    end: number,
  ): Generator<void, Result> | AsyncGenerator<void, Result>;
}

/** How files are opened. */
export interface StretchOptions {
  /** How many bytes of a file at a URL a request is for, while it is read ahead. */
  chunkBytes: number;
  /** Ends what waits; what was given as its reason is thrown. */
  signal: AbortSignal;
}

/**
 * Opens a file.
 *
 * @param spec Which one. A file here is read without waiting; one at a URL ahead of its reader.
 * @param options How.
 * @returns The file; dispose of it when done.
 * @throws {UnrecError} If it cannot be opened.
 */
export function openStretches(spec: BytesSpec, { chunkBytes, signal }: StretchOptions): Stretches {
  if (spec.kind === "file") return stretchesOf(new SequentialFile(spec.path));
  const traffic = noTraffic();
  const source = new ReadAhead(new HttpSource(spec, { traffic, signal }), chunkBytes);
  return {
    source,
    traffic,
    run(reading, start, end) {
      source.goTo(start, end);
      return waitingStepsOf(reading, source);
    },
    [Symbol.dispose]: () => source[Symbol.dispose](),
  };
}

/**
 * Runs readers over bytes that need no waiting.
 *
 * @param source The bytes.
 * @returns The same; dispose of it when done.
 */
export function stretchesOf(source: SyncByteSource): Stretches {
  return {
    source,
    traffic: undefined,
    run: (reading) => stepsOf(reading, source),
    [Symbol.dispose]: () => source[Symbol.dispose](),
  };
}
