/**
 * Reads Apache MXNet RecordIO datasets of face images (`train.rec` and `train.idx`), without MXNet.
 *
 * @example
 * ```ts ignore
 * import { decode, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("faces_glint360k");
 * for (const image of dataset.images()) console.log(image.label, image.bytes.length);
 * await decode([dataset], "images");
 * ```
 *
 * @module
 */
export { Archive, type ArchiveOptions } from "./archive/archive.ts";
export { type Checksums, readChecksums } from "./archive/checksums.ts";
export { findArchives } from "./archive/find_archive.ts";
export { Dataset, type ImageRecord, openDataset, type OpenOptions } from "./dataset/dataset.ts";
export { DatasetIndex } from "./dataset/dataset_index.ts";
export type { ReadTask } from "./dataset/cut_tasks.ts";
export type { Layout, MissingKeys, OnError } from "./dataset/layout.ts";
export { Runs } from "./dataset/runs.ts";
export { decode, DecodeError, type DecodeOptions } from "./decode/decode.ts";
export { DatasetLoss, type LostIdentity, type LostImage, type LostPlace } from "./decode/dataset_loss.ts";
export type { DecodedDataset, DecodeReport } from "./decode/tally.ts";
export type { JournalOptions } from "./decode/journal.ts";
export type { Progress, ProgressListener } from "./decode/task_host.ts";
export type { Written } from "./decode/image_writer.ts";
export { UnrecError } from "./errors.ts";
export type { EngineName } from "./recordio/types.ts";
export type { ImageSink } from "./sink/image_sink.ts";
