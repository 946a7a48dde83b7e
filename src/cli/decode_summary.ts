import type { DatasetFacts } from "../dataset/dataset.ts";
import { type PayloadCounts, payloadCounts } from "../dataset/image_kinds.ts";
import type { DecodeReport, SourceKinds } from "../decode/tally.ts";
import type { CommandLine } from "./command_line.ts";
import { type ImageNote, imageNotes, payloadRows } from "./image_notes.ts";
import { type LabelNote, listNotes, propertyNote } from "./label_notes.ts";
import { imagesNotes } from "./images_notes.ts";
import { roundedNote } from "./layout_notes.ts";
import { lostImages } from "./lost_report.ts";
import { byteSize, counted, grouped } from "./numbers.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

/** How a run ended. */
export type Status = "complete" | "already-complete" | "dry-run" | "lost" | "interrupted" | "failed";

/** What there is to say of a run. */
export interface Summary {
  /** What was done. */
  report: DecodeReport;
  /** Images of all sources, if that was known before they were read. */
  total: number | undefined;
  /** How it ended. */
  status: Status;
  /** Why it failed. */
  error: string | undefined;
  /** Seconds from start to end. */
  seconds: number;
  /** The output folder. */
  output: string | undefined;
  /** Whether files are named as in the reference tree, which has a folder for each label. */
  isReference: boolean;
  /** Whether nothing was to be written. */
  dryRun: boolean;
}

/** The report of a run that did nothing yet. */
export function emptyReport(): DecodeReport {
  return {
    datasets: [],
    images: 0,
    bytes: 0,
    labels: 0,
    sharedLabels: 0,
    kinds: [],
    multiPartImages: 0,
    lost: [],
    properties: [],
    labelShifts: [],
    resumed: { images: 0, bytes: 0 },
    syncSeconds: 0,
    alreadyComplete: false,
    interrupted: false,
  };
}

/**
 * Says what layout a dataset has.
 *
 * @param dataset What is known of it.
 * @returns A line.
 */
export function describeLayout({ path, layout, records, property, chosen, images: ofFiles }: DatasetFacts): string {
  const { kind, record0, identityRecords, images } = layout;
  const ofThese = chosen === undefined ? "" : `, ${grouped(chosen.images)} of them chosen`;
  if (ofFiles !== undefined) {
    const labels = counted(ofFiles.labels, "label");
    return `${path}: a ${ofFiles.from} of images, ${labels}, ${counted(records, "image")}${ofThese}`;
  }
  const where = record0 === "between" ? "record 0 between the others" : `record 0 ${record0}`;
  const identities = kind === "identity" ? `, ${counted(identityRecords, "identity record")}` : "";
  const said = property === undefined ? "" : `, property ${property}`;
  return `${path}: ${kind} layout, ${where}, ${counted(records, "record")}${identities}, ` +
    `${counted(images, "image")}${ofThese}${said}`;
}

/**
 * What is odd about a dataset, though it can be read.
 *
 * @param dataset What is known of it.
 * @returns A line each.
 */
export function datasetWarnings({ path, layout, duplicateKeys, labelList, images }: DatasetFacts): string[] {
  const { backwardRanges, repeatedImages, unnamedRecords, rounded } = layout;
  const warnings: [number, string, string][] = [
    [duplicateKeys, "line", "of the index name a key again; the last line of a key counts, as for MXNet"],
    [backwardRanges, "identity record", "with a range that ends before it begins, and so without images"],
    [repeatedImages, "image", "named by a second identity record too, and written again for it"],
    [unnamedRecords, "record", "that no identity record names, and that is not written"],
  ];
  const odd = warnings.filter(([count]) => count > 0)
    .map(([count, noun, rest]) => `${path} has ${counted(count, noun)} ${rest}`);
  const ofKeys = rounded === undefined ? [] : [roundedNote(path, rounded).text];
  const ofList = labelList === undefined ? [] : listNotes(labelList).map(({ text }) => text);
  const ofFiles = images === undefined ? [] : imagesNotes(path, images);
  return [...odd, ...ofKeys, ...ofList, ...ofFiles].map((text) => `Warning: ${text}`);
}

/**
 * What is odd about what was written.
 *
 * @param report What was written.
 * @param line How this process was started.
 * @param isReference Whether files are named as in the reference tree.
 * @returns A line each.
 */
export function reportWarnings(report: DecodeReport, line: CommandLine, isReference: boolean): string[] {
  const { sharedLabels } = report;
  const warnings = notesOf(report).map(({ text }) => `Warning: ${text}`);
  const { jpeg = 0, empty = 0 } = payloadsOf(report.kinds);
  if (isReference && report.images > jpeg + empty) {
    const again = line.again({ add: "--name=id_{label}/{label}_{number}.{ext}" });
    warnings.push(
      `Warning: all files are named .jpg, whatever they hold; to name them by what they are, write all again with: ` +
        `${again} --restart`,
    );
  }
  if (sharedLabels > 0) {
    warnings.push(
      `Warning: ${counted(sharedLabels, "label")} of more than one dataset, whose images are named as one person's; ` +
        `if they are not the same people, write all again with: ${line.again({ add: "--relabel" })} --restart`,
    );
  }
  return warnings;
}

/**
 * The summary for people.
 *
 * @param summary What there is to say.
 * @returns Lines of a name and a value; one sentence if all was there already.
 */
export function summaryText(summary: Summary): string {
  const { report, seconds, output, isReference, dryRun } = summary;
  const { datasets, images, bytes, lost, syncSeconds } = report;
  const labels = labelsOf(summary);
  if (report.alreadyComplete) {
    const but = lost.length === 0 ? "" : ", but for what is lost";
    const where = isReference ? `in ${counted(labels!, "folder")} of` : `of ${counted(labels!, "label")} in`;
    return `Already complete${but}: ${counted(images, "image")} ${where} ${printable(output!)}`;
  }
  const rows: [string, string][] = [
    ["datasets", grouped(datasets.length)],
    ["identity records", grouped(identityRecordsOf(datasets))],
    ...(labels === null ? [] : [[isReference ? "labels (folders)" : "labels", grouped(labels)] as [string, string]]),
    ["images", grouped(images)],
    ...payloadRows(payloadsOf(report.kinds)),
    ...(lost.length === 0 ? [] : [["lost images", grouped(lostImages(lost))] as [string, string]]),
    ["bytes", dryRun ? `about ${byteSize(bytes)}` : `${grouped(bytes)} (${byteSize(bytes)})`],
    ["seconds", seconds.toFixed(2)],
    ...(syncSeconds === 0 ? [] : [syncRow(syncSeconds)]),
    ...(dryRun ? [] : [["rate", rateOf(report, seconds)] as [string, string]]),
    dryRun ? ["dry run", "nothing was written"] : ["written to", output === "-" ? "the standard output" : output!],
  ];
  return table(rows, 18);
}

/**
 * The summary for programs. It has the same keys however the run ended; what is not known is null.
 *
 * @param summary What there is to say.
 * @returns One line of JSON.
 */
export function summaryJson(summary: Summary): string {
  const { report, total, status, error, seconds, output, dryRun } = summary;
  const { images, bytes, lost, resumed } = report;
  return JSON.stringify({
    status,
    error: error ?? null,
    dryRun,
    alreadyComplete: report.alreadyComplete,
    datasets: report.datasets.map(({ path, layout: { kind, record0, identityRecords, images, rounded }, chosen }) => ({
      path,
      layout: kind,
      record0,
      identityRecords,
      images,
      chosen: chosen?.images ?? null,
      rounded: rounded ?? null,
    })),
    identityRecords: identityRecordsOf(report.datasets),
    labels: labelsOf(summary),
    sharedLabels: report.sharedLabels,
    images,
    totalImages: total ?? (status === "complete" || status === "already-complete" ? images : null),
    emptyImages: payloadsOf(report.kinds).empty ?? 0,
    payloads: dryRun && total !== undefined ? null : payloadsOf(report.kinds),
    notes: notesOf(report),
    multiPartImages: report.multiPartImages,
    lost: lost.map((loss) => ({
      path: loss.path,
      images: loss.images,
      places: loss.places,
      identities: loss.identities(),
      unindexed: loss.unindexed === undefined ? null : { places: loss.unindexed.places, first: loss.unindexed.first },
      record0: loss.record0,
    })),
    bytes,
    resumedImages: resumed.images,
    seconds,
    imagesPerSecond: dryRun || seconds === 0 ? null : (images - resumed.images) / seconds,
    syncSeconds: report.syncSeconds,
    output: output ?? null,
    traffic: report.traffic ?? null,
  });
}

/** How many labels there are; null in a dry run, in which the images of datasets are not read. */
function labelsOf({ report, dryRun, total }: Summary): number | null {
  return dryRun && total !== undefined ? null : report.labels;
}

function payloadsOf(kinds: readonly SourceKinds[]): PayloadCounts {
  return payloadCounts(...kinds.map(({ counts }) => counts));
}

/** What is odd about the images that were written, source by source, and about their labels. */
function notesOf({ kinds, properties }: DecodeReport): (ImageNote | LabelNote)[] {
  return [...kinds.flatMap(({ path, counts }) => imageNotes(path, counts)), ...properties.map(propertyNote)];
}

function identityRecordsOf(datasets: readonly DatasetFacts[]): number {
  return datasets.reduce((sum, { layout }) => sum + layout.identityRecords, 0);
}

function syncRow(seconds: number): [string, string] {
  return ["fsync", `${seconds.toFixed(2)} seconds, those of all jobs added up`];
}

/** What this run has done, of its own time. */
function rateOf({ images: all, bytes: allBytes, resumed }: DecodeReport, seconds: number): string {
  const images = all - resumed.images;
  const bytes = allBytes - resumed.bytes;
  return `${grouped(Math.round(images / seconds))} images/s, ${byteSize(bytes / seconds)}/s`;
}
