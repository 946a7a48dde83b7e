import type { DatasetLoss } from "../decode/dataset_loss.ts";
import type { DecodedDataset, DecodeReport } from "../decode/tally.ts";
import type { Written } from "../decode/image_writer.ts";
import { lostImages } from "./lost_report.ts";
import { byteSize, counted, grouped } from "./numbers.ts";

/**
 * Says what layout a dataset has.
 *
 * @param dataset What is known of it.
 * @returns A line.
 */
export function describeLayout({ path, layout, records, property }: DecodedDataset): string {
  const { kind, record0, identityRecords, images } = layout;
  const where = record0 === "between" ? "record 0 between the others" : `record 0 ${record0}`;
  const identities = kind === "identity" ? `, ${counted(identityRecords, "identity record")}` : "";
  const said = property === undefined ? "" : `, property ${property}`;
  return `${path}: ${kind} layout, ${where}, ${counted(records, "record")}${identities}, ` +
    `${counted(images, "image")}${said}`;
}

/**
 * What is odd about a dataset, though it can be read.
 *
 * @param dataset What is known of it.
 * @returns A line each.
 */
export function datasetWarnings({ path, layout, duplicateKeys }: DecodedDataset): string[] {
  const { backwardRanges, repeatedImages, unnamedRecords, lostIdentities } = layout;
  const warnings: [number, string, string][] = [
    [duplicateKeys, "line", "of the index name a key again; the last line of a key counts, as for MXNet"],
    [backwardRanges, "identity record", "with a range that ends before it begins, and so without images"],
    [repeatedImages, "image", "named by a second identity record too, and written again for it"],
    [
      lostIdentities,
      "identity record",
      "that cannot be read; what lies between its neighbours' images is taken for its own",
    ],
    [unnamedRecords, "record", "that no identity record names, and that is not written"],
  ];
  return warnings.filter(([count]) => count > 0)
    .map(([count, noun, rest]) => `Warning: ${path} has ${counted(count, noun)} ${rest}`);
}

/**
 * What is odd about what was written.
 *
 * @param report What was written.
 * @returns A line each.
 */
export function reportWarnings({ sharedLabels, emptyImages }: DecodeReport): string[] {
  const warnings = [];
  if (sharedLabels > 0) {
    warnings.push(
      `Warning: ${counted(sharedLabels, "label")} of more than one dataset, whose images share a folder; ` +
        "if they are not the same people, start anew with --relabel",
    );
  }
  if (emptyImages > 0) {
    warnings.push(`Warning: ${counted(emptyImages, "image")} without any bytes, and so an empty file`);
  }
  return warnings;
}

/** The figures of a run that ended well. */
export interface Summary {
  /** The datasets, in order. */
  datasets: readonly DecodedDataset[];
  /** Images, written or, in a dry run, to be written. */
  images: number;
  /** Their bytes; in a dry run those of their records. */
  bytes: number;
  /** Images that could not be read. */
  lost: readonly DatasetLoss[];
  /** Different labels; unknown if only the index was looked at. */
  labels: number | undefined;
  /** What earlier runs have written of it. */
  resumed?: Written;
  /** Seconds that all jobs together waited for images to be durable. */
  syncSeconds?: number;
  /** Whether nothing was written. */
  dryRun: boolean;
  /** Seconds from start to end. */
  seconds: number;
  /** The output folder. */
  output: string | undefined;
}

/**
 * The summary for people.
 *
 * @param summary The figures.
 * @returns Lines of a name and a value.
 */
export function summaryText(summary: Summary): string {
  const { datasets, images, bytes, labels, lost, seconds, output, dryRun } = summary;
  const rows: [string, string][] = [
    ["datasets", grouped(datasets.length)],
    ["identity records", grouped(identityRecordsOf(datasets))],
    ...(labels === undefined ? [] : [["labels (folders)", grouped(labels)] as [string, string]]),
    ["images", grouped(images)],
    ...(lost.length === 0 ? [] : [["lost images", grouped(lostImages(lost))] as [string, string]]),
    ["bytes", labels === undefined ? `about ${byteSize(bytes)}` : `${grouped(bytes)} (${byteSize(bytes)})`],
    ["seconds", seconds.toFixed(2)],
    ...(summary.syncSeconds === undefined ? [] : [syncRow(summary.syncSeconds)]),
    ...(dryRun ? [] : [["rate", rateOf(summary)] as [string, string]]),
    dryRun ? ["dry run", "nothing was written"] : ["written to", output!],
  ];
  return rows.map(([name, value]) => `${name.padEnd(18)}${value}`).join("\n");
}

/**
 * The summary for programs.
 *
 * @param summary The figures.
 * @returns One line of JSON.
 */
export function summaryJson(summary: Summary): string {
  const { datasets, images, bytes, labels, lost, seconds, output, dryRun, resumed, syncSeconds } = summary;
  return JSON.stringify({
    dryRun,
    datasets: datasets.map(({ path, layout }) => ({
      path,
      layout: layout.kind,
      record0: layout.record0,
      identityRecords: layout.identityRecords,
      images: layout.images,
    })),
    identityRecords: identityRecordsOf(datasets),
    labels,
    images,
    lost: lost.map((loss) => ({
      path: loss.path,
      images: loss.images,
      places: loss.places,
      identities: loss.identities(),
    })),
    bytes,
    seconds,
    imagesPerSecond: dryRun ? undefined : (images - (resumed?.images ?? 0)) / seconds,
    resumedImages: resumed?.images,
    syncSeconds,
    output,
  });
}

function identityRecordsOf(datasets: readonly DecodedDataset[]): number {
  return datasets.reduce((sum, { layout }) => sum + layout.identityRecords, 0);
}

function syncRow(seconds: number): [string, string] {
  return ["fsync", `${seconds.toFixed(2)} seconds, those of all jobs added up`];
}

/** What this run has done, of its own time. */
function rateOf({ images: all, bytes: allBytes, seconds, resumed }: Summary): string {
  const images = all - (resumed?.images ?? 0);
  const bytes = allBytes - (resumed?.bytes ?? 0);
  return `${grouped(Math.round(images / seconds))} images/s, ${byteSize(bytes / seconds)}/s`;
}
