import { FolderSink, type FolderSpec } from "./folder_sink.ts";
import type { Sink, SinkSpec } from "./sink.ts";

/** How sinks are made, by the name of their format. */
const SINKS: Record<string, (spec: never) => Sink> = {
  folder: (spec: FolderSpec) => new FolderSink(spec),
};

/**
 * Makes a sink.
 *
 * @param spec What it needs.
 * @returns The sink.
 */
export function makeSink(spec: SinkSpec): Sink {
  return SINKS[spec.format](spec as never);
}
