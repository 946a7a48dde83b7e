import { openStretches, stretchesOf } from "../bytes/stretches.ts";
import type { ArchiveSpec } from "./archive/archive_entries.ts";
import type { DatasetSpec } from "./dataset_reader.ts";
import type { ImagesSpec } from "./images/image_records.ts";
import type { ReaderContext, ReaderSpec, SourceReader } from "./source.ts";

/** How readers are made, by the kind of their source. A thread loads only those that it needs. */
const READERS: Record<string, (spec: never, context: ReaderContext) => Promise<SourceReader>> = {
  dataset: async ({ records }: DatasetSpec, context) => {
    return new (await import("./dataset_reader.ts")).DatasetReader((how) => openStretches(records, how), context);
  },
  images: async (spec: ImagesSpec, context) => {
    const { ImageRecords } = await import("./images/image_records.ts");
    return new (await import("./dataset_reader.ts")).DatasetReader(() => stretchesOf(new ImageRecords(spec)), context);
  },
  tar: async (spec: ArchiveSpec, context) => {
    return new (await import("./archive/archive_reader.ts")).ArchiveReader(spec, context);
  },
  zip: async (spec: ArchiveSpec, context) => {
    return new (await import("./archive/zip_reader.ts")).ZipReader(spec, context);
  },
};

/**
 * Makes a reader.
 *
 * @param spec What it reads.
 * @param context What it shares with other readers of its thread.
 * @returns The reader; dispose of it when done.
 */
export async function makeReader(spec: ReaderSpec, context: ReaderContext): Promise<SourceReader> {
  return await READERS[spec.kind](spec as never, context);
}
