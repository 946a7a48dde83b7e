import type { FolderSpec } from "./folder_sink.ts";
import type { Members } from "./webdataset.ts";
import type { ShardSpec } from "./shard_sink.ts";
import type { Sink, SinkSpec } from "./sink.ts";

/** How sinks are made, by the name of their format. A thread loads only the one that it needs. */
const SINKS: Record<string, (spec: never) => Promise<Sink>> = {
  folder: async (spec: FolderSpec) => new (await import("./folder_sink.ts")).FolderSink(spec),
  webdataset: async (spec: ShardSpec<Members>) => {
    return new (await import("./shard_sink.ts")).ShardSink(spec, (await import("./webdataset.ts")).WEBDATASET);
  },
};

/**
 * Makes a sink.
 *
 * @param spec What it needs.
 * @returns The sink.
 */
export async function makeSink(spec: SinkSpec): Promise<Sink> {
  return await SINKS[spec.format](spec as never);
}
