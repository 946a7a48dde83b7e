import { folderTree } from "../sink/folder_store.ts";
import { imageList } from "../sink/image_list.ts";
import { parquet } from "../sink/parquet.ts";
import { recordFile } from "../sink/rec_store.ts";
import { shuffled } from "../sink/shuffled.ts";
import type { SinkStore } from "../sink/sink.ts";
import { tarTree } from "../sink/tar_tree.ts";
import { webDataset } from "../sink/webdataset.ts";
import type { DecodeGiven } from "./decode.ts";
import type { FormatName } from "./formats.ts";

/** How each format is written, from what the command line gives. */
const STORES: { [Name in FormatName]: (output: string, given: DecodeGiven) => SinkStore | Promise<SinkStore> } = {
  folder: (output, { name, fsync }) => folderTree(output, { names: name, fsync }),
  tar: (output, { name, overwrite, fsync }) => tarTree(output, { names: name, overwrite, fsync }),
  list: (output, { name, listForm, overwrite }) => imageList(output, { names: name, form: listForm, overwrite }),
  webdataset: (output, { shardImages, shardBytes, prefix, ext, sampleJson, index, fsync }) =>
    webDataset(output, { images: shardImages, bytes: shardBytes, prefix, ext, json: sampleJson, index, fsync }),
  parquet: (output, { name, shardImages, shardBytes, prefix, fsync }) =>
    parquet(output, { names: name, images: shardImages, bytes: shardBytes, prefix, fsync }),
  rec: (output, { layout, fsync }) => recordFile(output, { layout, fsync }),
};

/**
 * Where a command line says that images go.
 *
 * @param output What `--output` says.
 * @param given What the others say.
 * @throws {UnrecError} If it cannot be written so.
 */
export async function storeOf(output: string, given: DecodeGiven): Promise<SinkStore> {
  const store = await STORES[given.format](output, given);
  const { shuffle, fsync } = given;
  return shuffle === undefined ? store : shuffled(store, { seed: shuffle, fsync });
}
