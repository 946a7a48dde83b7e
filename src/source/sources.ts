import type { ArchiveSpec } from "./archive/archive_entries.ts";
import { ArchiveReader } from "./archive/archive_reader.ts";
import { DatasetReader, type DatasetSpec } from "./dataset_source.ts";
import type { ReaderContext, ReaderSpec, SourceReader } from "./source.ts";

/** How readers are made, by the kind of their source. */
const READERS: Record<string, (spec: never, context: ReaderContext) => SourceReader> = {
  dataset: (spec: DatasetSpec, context) => new DatasetReader(spec, context),
  archive: (spec: ArchiveSpec, context) => new ArchiveReader(spec, context),
};

/**
 * Makes a reader.
 *
 * @param spec What it reads.
 * @param context What it shares with other readers of its thread.
 * @returns The reader; dispose of it when done.
 */
export function makeReader(spec: ReaderSpec, context: ReaderContext): SourceReader {
  return READERS[spec.kind](spec as never, context);
}
