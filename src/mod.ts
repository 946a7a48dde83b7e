/**
 * Reads Apache MXNet RecordIO datasets of face images (`train.rec` and `train.idx`), without MXNet.
 *
 * @example
 * ```ts
 * import { decode, folderTree, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * console.log(dataset.imageCount, "images"); // 82 images
 *
 * const first = await dataset.get(1);
 * console.log(first?.label, first?.bytes.length); // 0 3908
 *
 * const people = new Set<number>();
 * for await (const { label } of dataset.images()) people.add(label);
 * console.log(people.size, "people"); // 24 people
 *
 * const report = await decode([dataset], folderTree("images"));
 * console.log(report.images, "files in", report.labels, "folders"); // 82 files in 24 folders
 * ```
 *
 * @module
 */
export type { Traffic } from "./bytes/traffic.ts";
export type { ByteSource } from "./bytes/reading.ts";
export type { PropertyDifference } from "./dataset/classes.ts";
export { Dataset, type DatasetFacts, readDataset } from "./dataset/dataset.ts";
export type { ImageKind, ImagePlace, KindCount, KindCounts } from "./dataset/image_kinds.ts";
export type { LabelListFacts } from "./dataset/label_list.ts";
export type { FoundRange, RoundedRanges } from "./dataset/identity_records.ts";
export type { KeyRange } from "./dataset/record_header.ts";
export type { NumberRange } from "./dataset/selection/number_ranges.ts";
export type { PartialRange, Selection, SelectionFacts } from "./dataset/selection/selection.ts";
export type { Share } from "./dataset/share.ts";
export type { LayoutFacts, OnError } from "./dataset/layout.ts";
export { DatasetLoss, type LostIdentity, type LostImage, type LostPlace } from "./dataset/loss.ts";
export type { ImageRecord } from "./dataset/one_record.ts";
export { type KeyedRecord, RecordLookup } from "./dataset/record_lookup.ts";
export { type DatasetFiles, type ReadOptions, Unindexed } from "./dataset/survey.ts";
export { decode } from "./decode/decode.ts";
export type { Written } from "./decode/decode_work.ts";
export type { JournalOptions } from "./decode/output_state.ts";
export { DecodeError, type DecodeOptions } from "./decode/options.ts";
export type { DecodeReport, SourceKinds } from "./decode/tally.ts";
export { RefusedError, type Remedy, UnrecError } from "./errors.ts";
export {
  readVerificationSet,
  type VerificationFacts,
  type VerificationImage,
  type VerificationPair,
  VerificationSet,
} from "./pickle/verification_set.ts";
export type { Progress, ProgressListener } from "./pool/work.ts";
export { LABEL_KINDS, type LabelKind } from "./recordio/label_kind.ts";
export type { PayloadEnding, PayloadKind, PayloadName } from "./recordio/payload_kind.ts";
export { RecordView } from "./recordio/record_view.ts";
export type { Engine, EngineName } from "./recordio/types.ts";
export { folderTree, type FolderTreeOptions } from "./sink/folder_store.ts";
export { imageList, type ImageListOptions } from "./sink/image_list.ts";
export { LIST_FORMS, type ListForm } from "./sink/list_forms.ts";
export { parquet, type ParquetOptions } from "./sink/parquet.ts";
export { recordFile, type RecordFileOptions } from "./sink/rec_store.ts";
export { shuffled, type ShuffledOptions } from "./sink/shuffled.ts";
export { eachImage, type SinkStore } from "./sink/sink.ts";
export { tarTree, type TarTreeOptions } from "./sink/tar_tree.ts";
export { webDataset, type WebDatasetIndex, type WebDatasetOptions } from "./sink/webdataset.ts";
export { DatasetSource, openDataset, openLookup } from "./source/dataset_source.ts";
export { openSources } from "./source/find.ts";
export type { Source, SourceOptions } from "./source/source.ts";
export { openVerificationSet } from "./source/verification_files.ts";
export { loadEngine } from "./wasm/load_engine.ts";
