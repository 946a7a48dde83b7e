import type { FolderSpec } from "./folder_sink.ts";
import type { ListPieces } from "./image_list.ts";
import type { ParquetRows } from "./parquet.ts";
import type { RecPieces } from "./rec_piece_writer.ts";
import type { ShardSpec } from "./shard_sink.ts";
import type { TarPieces } from "./tar_tree_writer.ts";
import { UnrecError } from "../errors.ts";
import type { ShuffledSpec } from "./shuffled.ts";
import type { Sink, SinkSpec, SinkStore } from "./sink.ts";
import type { Members } from "./webdataset_shard.ts";

/** A format: what writes it in a thread, and where it is written as the main thread sees it. */
interface Format<Spec extends SinkSpec> {
  sink(spec: Spec): Promise<Sink>;
  store(spec: Spec): Promise<SinkStore>;
}

const FOLDER: Format<FolderSpec> = {
  sink: async (spec) => new (await import("./folder_sink.ts")).FolderSink(spec),
  store: async (spec) => new (await import("./folder_store.ts")).FolderStore(spec),
};

const WEBDATASET: Format<ShardSpec<Members>> = {
  sink: async (spec) =>
    await (await import("./shard_sink.ts")).shardSink(spec, (await import("./webdataset_shard.ts")).WEBDATASET),
  store: async (spec) => new (await import("./webdataset.ts")).WebDatasetStore(spec),
};

const PARQUET: Format<ShardSpec<ParquetRows>> = {
  sink: async (spec) => await (await import("./parquet.ts")).parquetSink(spec),
  store: async (spec) => new (await import("./parquet.ts")).ParquetStore(spec),
};

const SHUFFLED: Format<ShuffledSpec & { output: string }> = {
  sink: async (spec) => new (await import("./spill_sink.ts")).SpillSink(spec),
  store: async ({ inner, output, ...how }) =>
    (await import("./shuffled.ts")).shuffled(await makeStore(inner!, output), how),
};

/** Formats that go to one file are written by threads in pieces. */
const TAR: Format<ShardSpec<TarPieces>> = {
  sink: async (spec) =>
    await (await import("./shard_sink.ts")).shardSink(spec, (await import("./tar_tree_writer.ts")).TAR_PIECES),
  store: async ({ output, fsync, options: { names } }) =>
    (await import("./tar_tree.ts")).tarTree(await fileOf(output), { names, fsync }).inPieces!()!,
};

const LIST: Format<ShardSpec<ListPieces>> = {
  // It asks the store of what is listed where each image is.
  sink: async (spec) => await (await LIST.store(spec)).open(),
  store: async ({ output, options: { form, of } }) =>
    (await import("./image_list.ts")).listOf(await fileOf(output), await makeStore(of, output), form).inPieces!()!,
};

const REC: Format<ShardSpec<RecPieces>> = {
  sink: async (spec) =>
    await (await import("./shard_sink.ts")).shardSink(spec, (await import("./rec_piece_writer.ts")).REC_PIECES),
  store: async ({ output, fsync, options: { layout } }) =>
    (await import("./rec_store.ts")).recordFile(output, { layout, fsync }).inPieces!()!,
};

async function fileOf(folder: string): Promise<string> {
  return (await import("./file_pieces.ts")).fileOfParts(folder);
}

/** All formats, by their names. A thread loads only the one that it needs. */
const FORMATS: Record<string, Format<never>> = {
  folder: FOLDER,
  webdataset: WEBDATASET,
  parquet: PARQUET,
  tar: TAR,
  list: LIST,
  rec: REC,
  shuffled: SHUFFLED,
};

/**
 * Makes a sink.
 *
 * @param spec What it needs.
 * @returns The sink.
 */
export async function makeSink(spec: SinkSpec): Promise<Sink> {
  return await FORMATS[spec.format].sink(spec as never);
}

/**
 * Makes a store again.
 *
 * @param spec What its sinks are made from.
 * @param output The folder that it is in now.
 * @returns The store.
 * @throws {UnrecError} If there is no such format.
 */
export async function makeStore(spec: SinkSpec, output: string): Promise<SinkStore> {
  const format = FORMATS[spec.format];
  if (format === undefined) throw new UnrecError(`Cannot tell what the format ${spec.format} is`);
  return await format.store({ ...spec, output } as never);
}
