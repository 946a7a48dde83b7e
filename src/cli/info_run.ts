import { requireChosen } from "../dataset/selection/require_chosen.ts";
import { asksForLabels } from "../dataset/selection/selection.ts";
import { decode } from "../decode/decode.ts";
import { UnrecError } from "../errors.ts";
import { isUrl } from "../bytes/http_address.ts";
import {
  datasetInfo,
  Look,
  MOST_LABEL_READS,
  MOST_LABEL_REQUESTS,
  SAMPLE_IMAGES,
  type SourceInfo,
} from "../info/dataset_info.ts";
import { Pause, Stopped } from "../pool/work.ts";
import { eachImage } from "../sink/sink.ts";
import { lookBeside } from "../source/beside.ts";
import { DatasetSource } from "../source/dataset_source.ts";
import { findSources, type Found } from "../source/find.ts";
import { withLabelsFrom } from "../source/label_lists.ts";
import { withSelection } from "../source/open_found.ts";
import type { Source } from "../source/source.ts";
import { wordFailure } from "./failure.ts";
import type { InfoGiven } from "./info.ts";
import { type FailedSource, infoJson, infoNotes, infoText, type SourceSummary } from "./info_summary.ts";
import { counted, grouped } from "./numbers.ts";
import type { ProgressDisplay, ProgressGoal } from "./progress.ts";
import { wordError } from "./remedy.ts";
import { LABELS_TO_CHOOSE, selectionOf } from "./selection_options.ts";
import { sayTraffic } from "./traffic_line.ts";
import { urlAccess } from "./url_access.ts";
import { StopSignals } from "./stop_signals.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs `unrec info`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things.
 * @returns The exit code: 0 only if all could be read that was looked at.
 * @throws {UnrecError} If a path means nothing that can be read.
 */
export async function runInfo(given: InfoGiven, terminal: Terminal): Promise<number> {
  const { include, labelsFrom, header, quiet, json } = given;
  const line = terminal.commandLine;
  const sources: (SourceSummary | FailedSource)[] = [];
  let places: Found[] = [];
  try {
    const notice = (message: string) => void (quiet || terminal.say(message));
    const select = selectionOf(given);
    places = withSelection(
      withLabelsFrom(await findSources(include, notice, urlAccess(include, header)), labelsFrom),
      select,
    );
    if (select !== undefined && asksForLabels(select)) notice(LABELS_TO_CHOOSE);
    using stop = new StopSignals(terminal, "Stopping");
    for (const place of places) {
      const { path, kind } = place;
      try {
        const summary = await summaryOf(place, given, terminal, stop.signal);
        sources.push(summary);
        infoNotes(summary).forEach((note) => terminal.say(`Note: ${note}`));
        if (summary.error !== undefined) terminal.say(summary.error);
      } catch (error) {
        if (error instanceof Stopped) {
          if (json) terminal.printJson(infoJson(sources, "it was stopped by a signal"));
          return stop.exitCode;
        }
        if (!(error instanceof UnrecError)) throw error;
        sources.push({ path, kind, error: wordError(error, line) });
        terminal.say(wordError(error, line));
      }
    }
    requireChosen(sources.flatMap((source) => "info" in source ? source.info.datasets : []));
  } catch (error) {
    if (json) terminal.printJson(infoJson(sources, wordFailure(error, line)));
    throw error;
  }
  sayTraffic(places, terminal);
  const known = sources.filter((source) => "info" in source);
  const isWhole = sources.every(({ error }) => error === undefined);
  const width = terminal.isOutSeen ? terminal.columns : undefined;
  const again = line.again({ add: "--all" });
  const printed = json
    ? terminal.printJson(infoJson(sources))
    : known.length === 0
    ? 0
    : terminal.print(known.map((summary) => infoText(summary, again, width)).join("\n\n"));
  return isWhole ? printed : 1;
}

async function summaryOf(
  place: Found,
  { engine, chunkSize: chunkBytes, all, quiet }: InfoGiven,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<SourceSummary> {
  if (place.kind === "archive" && !all) {
    throw new UnrecError(
      `Cannot look into ${place.path}: it is an archive, which can only be read from front to back`,
      { kind: "text", text: `read all of it with: ${terminal.commandLine.again({ add: "--all" })}` },
      place.unpacking,
    );
  }
  using source = await place.open({ engine, chunkBytes });
  using progress = new LookProgress(terminal, quiet);
  const info = source instanceof DatasetSource
    ? await lookAtDataset(source, all, progress, signal)
    : await lookAtArchive(source, progress, terminal, signal);
  const { path, kind } = place;
  const { traffic } = source.found;
  const error = wordProblem(info, terminal);
  const bytes = place.kind === "images" ? place.bytes : source.bytes;
  return { path, kind, traffic, bytes, info, beside: await lookBeside(source), error };
}

async function lookAtDataset(
  source: DatasetSource,
  all: boolean,
  progress: LookProgress,
  signal: AbortSignal,
): Promise<SourceInfo> {
  const pause = new Pause();
  const takePause = async () => {
    await pause.take();
    if (signal.aborted) throw new Stopped();
  };
  return await datasetInfo(source, {
    images: all ? Infinity : SAMPLE_IMAGES,
    labelReads: isUrl(source.path) ? MOST_LABEL_REQUESTS : MOST_LABEL_READS,
    onStep(done, total) {
      // It is called for each of many small reads, and a promise for each would take longer than these.
      if (!pause.isDue) return;
      progress.show({ total, withoutBytes: true }, done, 0);
      return takePause();
    },
  });
}

async function lookAtArchive(
  source: Source,
  progress: LookProgress,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<SourceInfo> {
  const look = new Look();
  let bytes = 0;
  const report = await decode([source], eachImage((view) => look.record(view)), {
    signal,
    onProgress: ({ read }) => progress.show({ bytes: source.bytes }, look.images.images, bytes += read),
    onWarning: (message) => terminal.say(`Warning: ${message}`),
  });
  if (report.interrupted) throw new Stopped();
  return {
    datasets: report.datasets,
    images: report.images,
    looked: { ...look.images.figures, kinds: report.kinds[0].counts },
    isAll: true,
    labels: look.labels.figures,
    labelBasis: "images",
    lostImages: 0,
    problem: undefined,
  };
}

/** A display that begins when there is something to show: of a small set there is not. */
class LookProgress implements Disposable {
  readonly #terminal: Terminal;
  readonly #quiet: boolean;
  #display: ProgressDisplay | undefined;
  #shown = { count: 0, bytes: 0 };

  constructor(terminal: Terminal, quiet: boolean) {
    this.#terminal = terminal;
    this.#quiet = quiet;
  }

  /** Shows how much is done of it. */
  show(goal: ProgressGoal, count: number, bytes: number): void {
    if (this.#quiet) return;
    this.#display ??= this.#terminal.progress(goal);
    const more = bytes - this.#shown.bytes;
    this.#display.add({ count: count - this.#shown.count, bytes: more, read: more });
    this.#shown = { count, bytes };
  }

  [Symbol.dispose](): void {
    this.#display?.[Symbol.dispose]();
  }
}

/** Says what cannot be read of what was looked at; undefined if all could be. */
function wordProblem({ problem, lostImages, looked }: SourceInfo, terminal: Terminal): string | undefined {
  if (problem === undefined) return undefined;
  const why = wordError(problem, terminal.commandLine);
  if (lostImages < 2) return why;
  return `${grouped(lostImages)} of ${
    counted(lostImages + looked.images, "image")
  } looked at cannot be read; the first: ` +
    why;
}
