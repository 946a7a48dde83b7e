import { Archive, type ArchiveOptions } from "../archive/archive.ts";
import { readChecksums } from "../archive/checksums.ts";
import { findArchives } from "../archive/find_archive.ts";
import { bytesOf } from "../dataset/cut_tasks.ts";
import { Dataset, openDataset } from "../dataset/dataset.ts";
import { decode, DecodeError } from "../decode/decode.ts";
import { type DecodedDataset, decodedDataset, type DecodeReport } from "../decode/tally.ts";
import { UnrecError } from "../errors.ts";
import type { DatasetLoss } from "../decode/dataset_loss.ts";
import type { ImageSink } from "../sink/image_sink.ts";
import { checkApart } from "./check_apart.ts";
import { findFinished, finishedJson, finishedText } from "./find_finished.ts";
import { lossLines, lostImages, writeLostTsv } from "./lost_report.ts";
import { counted, grouped } from "./numbers.ts";
import type { DecodeArguments } from "./options.ts";
import { complain, print } from "./output.ts";
import { UsageError } from "./usage_error.ts";
import { ProgressDisplay } from "./progress.ts";
import { afterFailure, resumeCommand } from "./resume_command.ts";
import { StopSignals } from "./stop_signals.ts";
import { datasetWarnings, describeLayout, reportWarnings, type Summary, summaryJson, summaryText } from "./summary.ts";

/**
 * Decodes datasets, or says what would be decoded.
 *
 * @param args What the command line asks for.
 * @returns The exit code.
 * @throws {UsageError} If input and output overlap.
 * @throws {UnrecError} If something cannot be read or written.
 */
export async function decodeCommand(args: DecodeArguments): Promise<number> {
  const { include, output, quiet, json, dryRun } = args;
  const begin = performance.now();
  if (output !== undefined) checkApart(include, output);
  using opened = new DisposableStack();
  const sources: (Dataset | Archive)[] = [];
  for (const path of include) {
    for (const source of await openSources(path, args)) {
      sources.push(source);
      if (source instanceof Archive) {
        if (output !== undefined) checkApart(source.parts, output);
        continue;
      }
      opened.use(source);
      describe(decodedDataset(source), quiet);
    }
  }

  const finished = dryRun ? undefined : findFinished(sources, output!, args);
  if (finished !== undefined) return print(json ? finishedJson(finished) : finishedText(finished));

  const datasets = sources.filter((source) => source instanceof Dataset);
  let figures: Pick<Summary, "datasets" | "images" | "bytes" | "labels" | "lost" | "resumed" | "syncSeconds">;
  if (dryRun && datasets.length === sources.length) {
    const bytes = datasets.reduce((sum, { index, layout, bytes }) => sum + bytesOf(index, layout.order, bytes), 0);
    figures = {
      datasets: datasets.map(decodedDataset),
      images: imagesOf(datasets),
      bytes,
      labels: undefined,
      lost: [],
    };
  } else {
    // What is in an archive is not known before it was read: in a dry run it is, and its images go nowhere.
    const result = await decodeStoppably(sources, dryRun ? { write() {} } : output!, args);
    if (typeof result === "number") return result;
    for (const dataset of result.datasets) {
      if (!datasets.some(({ path }) => path === dataset.path)) describe(dataset, quiet);
    }
    reportWarnings(result).forEach(complain);
    figures = result;
  }
  const summary = { ...figures, dryRun, output, seconds: (performance.now() - begin) / 1000 };
  const code = print(json ? summaryJson(summary) : summaryText(summary));
  return figures.lost.length === 0 ? code : sayWhatIsLost(figures.lost, output, args.lostTsv && !dryRun);
}

/** Tables of what could not be read. Returns the exit code. */
function sayWhatIsLost(losses: readonly DatasetLoss[], output: string | undefined, listed: boolean): number {
  for (const loss of losses) lossLines(loss).forEach(complain);
  if (listed) {
    complain(`All ${counted(lostImages(losses), "lost image")} are listed in ${writeLostTsv(losses, output!)}`);
  }
  return 1;
}

/** What a path of `--include` means. */
async function openSources(
  path: string,
  { engine, chunkBytes, onError, keepRec, checksums }: DecodeArguments,
): Promise<(Dataset | Archive)[]> {
  const archives = findArchives(path);
  if (archives === undefined) return [await openDataset(path, { engine, chunkBytes, onError })];
  if (onError === "skip") {
    throw new UsageError(
      `--on-error=skip needs the index first, and ${path} is an archive: unpack it and give its folder to --include`,
    );
  }
  const options: ArchiveOptions = { engine, chunkBytes, keep: keepRec };
  if (checksums !== undefined) options.checksums = checksums === false ? false : readChecksums(checksums);
  return archives.map((parts) => new Archive(parts, options));
}

function describe(dataset: DecodedDataset, quiet: boolean): void {
  if (!quiet) complain(describeLayout(dataset));
  datasetWarnings(dataset).forEach(complain);
}

function imagesOf(datasets: readonly Dataset[]): number {
  return datasets.reduce((sum, { layout }) => sum + layout.images, 0);
}

/** Decodes until a signal comes. Returns the report, or the exit code when there was a signal. */
async function decodeStoppably(
  sources: readonly (Dataset | Archive)[],
  output: string | ImageSink,
  args: DecodeArguments,
): Promise<DecodeReport | number> {
  const { jobs, relabel, onError, quiet } = args;
  const where = typeof output === "string" ? output : "no folder";
  using stop = new StopSignals("Stopping; the images begun are finished first");
  try {
    using display = quiet ? undefined : displayFor(sources);
    const report = await decode(sources, output, {
      jobs,
      relabel,
      onError,
      journal: { restart: args.restart, keep: args.keepJournal, fsync: args.fsync },
      checkSpace: args.spaceCheck,
      onResume: (resumed) => {
        if (!quiet) complain(`Going on where an earlier run ended: ${counted(resumed.images, "image")} are there`);
        display?.resume(resumed);
      },
      signal: stop.signal,
      onProgress: (progress) => display?.add(progress),
      onWarning: (message) => complain(`Warning: ${message}`),
    });
    if (!report.interrupted) return report;
    display?.[Symbol.dispose]();
    complain(
      `Interrupted: ${counted(report.images, "image")}${ofAll(sources)} written to ${where}, each whole; ` +
        `to go on: ${resumeCommand()}`,
    );
    return stop.exitCode;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { images } = error.report;
    const before = images === 0 ? "nothing was written" : `${counted(images, "image")} in ${where}, each whole`;
    const next = typeof output === "string" ? `; ${afterFailure(output)}` : "";
    throw new UnrecError(`${error.message}. Written before: ${before}${next}`);
  }
}

/** How many images there are in all, if that is known. */
function ofAll(sources: readonly (Dataset | Archive)[]): string {
  const total = totalOf(sources);
  return total === undefined ? "" : ` (of ${grouped(total)})`;
}

function totalOf(sources: readonly (Dataset | Archive)[]): number | undefined {
  const datasets = sources.filter((source) => source instanceof Dataset);
  return datasets.length === sources.length ? imagesOf(datasets) : undefined;
}

function displayFor(sources: readonly (Dataset | Archive)[]): ProgressDisplay {
  const archives = sources.filter((source) => source instanceof Archive);
  const bytes = archives.reduce((sum, { bytes }) => sum + (bytes ?? NaN), 0);
  return new ProgressDisplay(totalOf(sources), archives.length === sources.length ? bytes || undefined : undefined);
}
