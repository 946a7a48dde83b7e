import type { DatasetFacts } from "../dataset/dataset.ts";
import type { DatasetLoss } from "../dataset/loss.ts";
import { completedRun, decode } from "../decode/decode.ts";
import { journalPath } from "../decode/journal.ts";
import { DecodeError, type DecodeOptions } from "../decode/options.ts";
import type { DecodeReport } from "../decode/tally.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import { folderTree } from "../sink/folder_store.ts";
import { eachImage } from "../sink/sink.ts";
import { readChecksums } from "../source/archive/checksums.ts";
import { findSources } from "../source/find.ts";
import type { FoundSource, Source, SourceOptions } from "../source/source.ts";
import { checkApart } from "./check_apart.ts";
import type { DecodeGiven } from "./decode.ts";
import {
  datasetWarnings,
  describeLayout,
  emptyReport,
  reportWarnings,
  type Status,
  summaryJson,
  summaryText,
} from "./decode_summary.ts";
import { lossLines, lostImages, writeLostTsv } from "./lost_report.ts";
import { counted, grouped } from "./numbers.ts";
import { wordError, wordRemedy } from "./remedy.ts";
import { StopSignals } from "./stop_signals.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs `unrec decode`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things.
 * @returns The exit code.
 * @throws {UsageError} If input and output overlap.
 * @throws {UnrecError} If something cannot be read or written.
 */
export async function runDecode(given: DecodeGiven, terminal: Terminal): Promise<number> {
  const run = new DecodeRun(given, terminal);
  try {
    return await run.run();
  } catch (error) {
    // A program that reads JSON gets an object whatever happens.
    if (given.json && error instanceof UnrecError) run.print("failed", wordError(error, terminal.commandLine));
    throw error;
  }
}

/** A run of the command. */
class DecodeRun {
  readonly #given: DecodeGiven;
  readonly #terminal: Terminal;
  readonly #begin = performance.now();
  #report: DecodeReport = emptyReport();
  /** Images of all sources; undefined if that is not known before they are read. */
  #total: number | undefined;

  constructor(given: DecodeGiven, terminal: Terminal) {
    this.#given = given;
    this.#terminal = terminal;
  }

  /** Prints the summary. Returns the exit code. */
  print(status: Status, error?: string): 0 | 1 {
    const { output, json, dryRun } = this.#given;
    const seconds = (performance.now() - this.#begin) / 1000;
    const summary = { report: this.#report, total: this.#total, status, error, seconds, output, dryRun };
    return this.#terminal.print(json ? summaryJson(summary) : summaryText(summary));
  }

  async run(): Promise<number> {
    const { include, output, relabel, onError, restart, overwrite, dryRun, noChecksum, checksums } = this.#given;
    if (output !== undefined) checkApart(include, output);
    const found = await findSources(include);
    if (output !== undefined) checkApart(found.flatMap(({ paths }) => paths), output);
    const store = output === undefined ? eachImage(() => {}) : folderTree(output, { fsync: this.#given.fsync });
    const complete = restart ? undefined : completedRun(found, store, { relabel, onError, overwrite });
    if (complete !== undefined) {
      this.#report = complete;
      const code = this.print("already-complete");
      if (!this.#given.quiet) this.#sayHowToBeSure(found);
      return code;
    }

    using opened = new DisposableStack();
    const options: SourceOptions = {
      engine: this.#given.engine,
      chunkBytes: this.#given.chunkSize,
      onError,
      ...noChecksum ? { checksums: false } : checksums === undefined ? {} : { checksums: readChecksums(checksums) },
      ...dryRun || this.#given.keepRec === undefined ? {} : { keep: this.#given.keepRec },
    };
    const sources: Source[] = [];
    for (const place of found) {
      const source = opened.use(await place.open(options));
      sources.push(source);
      source.datasets.forEach((dataset) => this.#describe(dataset));
    }
    this.#total = sources.reduce((sum, { imageCount }) => sum + (imageCount ?? NaN), 0);
    if (Number.isNaN(this.#total)) this.#total = undefined;

    using stop = new StopSignals(this.#terminal, "Stopping; the images begun are finished first");
    this.#report = await this.#decode(sources, store, stop.signal);
    if (this.#report.interrupted) {
      this.#terminal.say(
        `Interrupted: ${counted(this.#report.images, "image")}${this.#ofAll()} written to ` +
          `${dryRun || output === undefined ? "no folder" : output}, each whole; ` +
          `to go on: ${this.#terminal.commandLine.again()}`,
      );
      if (this.#given.json) this.print("interrupted");
      return stop.exitCode;
    }
    // What archives hold is known only now.
    const known = sources.flatMap(({ datasets }) => datasets.map(({ path }) => path));
    for (const dataset of this.#report.datasets) if (!known.includes(dataset.path)) this.#describe(dataset);
    reportWarnings(this.#report, this.#terminal.commandLine).forEach((line) => this.#terminal.say(line));
    const { lost, images, alreadyComplete } = this.#report;
    if (images === 0 && lost.length === 0) {
      throw new UnrecError(`Cannot decode ${include.join(", ")}: there is no image in it`);
    }
    const status = lost.length > 0 ? "lost" : dryRun ? "dry-run" : alreadyComplete ? "already-complete" : "complete";
    const code = this.print(status);
    return lost.length === 0 ? code : this.#sayWhatIsLost(lost);
  }

  async #decode(sources: readonly Source[], store: ReturnType<typeof folderTree>, signal: AbortSignal) {
    const { quiet, jobs, relabel, onError, restart, overwrite, fsync, noSpaceCheck, dryRun } = this.#given;
    const terminal = this.#terminal;
    const bytes = sources.reduce(
      (sum, { bytes, imageCount }) => sum + (imageCount === undefined ? bytes ?? NaN : NaN),
      0,
    );
    const goal = this.#total !== undefined ? { total: this.#total } : Number.isNaN(bytes) ? {} : { bytes };
    using display = quiet ? undefined : terminal.progress(goal);
    const options: DecodeOptions = {
      ...{ jobs, relabel, onError, restart, overwrite, fsync, dryRun, signal },
      checkSpace: !noSpaceCheck,
      onResume: ({ images, bytes }) => {
        if (!quiet) terminal.say(`Going on where an earlier run ended: ${counted(images, "image")} are there`);
        display?.resume({ count: images, bytes });
      },
      onProgress: ({ images, bytes, read }) => display?.add({ count: images, bytes, read }),
      onWarning: (message) => terminal.say(`Warning: ${message}`),
    };
    try {
      return await decode(sources, store, options);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#report = error.report;
      throw dryRun ? error : this.#withWhatIsThere(error);
    }
  }

  /** Adds to an error what was written before it, and how it can be gone on with. */
  #withWhatIsThere({ message, remedies, report: { images } }: DecodeError): UnrecError {
    const output = this.#given.output!;
    const before = images === 0 ? "nothing was written" : `${counted(images, "image")} in ${output}, each whole`;
    const text = `${message}. Written before: ${before}`;
    if (isThere(journalPath(output))) return new UnrecError(text, ...remedies, { kind: "run-again" });
    const again = "when that is put right, the same command writes all again";
    return new UnrecError(text, ...remedies, {
      kind: "text",
      text: images === 0 || isThere(output)
        ? again
        : `${output} is not there any more, so the same command writes all again`,
    });
  }

  /** What a journal says is not what a look at every file says. */
  #sayHowToBeSure(found: readonly FoundSource[]): void {
    const { commandLine } = this.#terminal;
    const include = found.filter(({ kind }) => kind === "dataset").map(({ path }) => path);
    const look: Remedy = { kind: "verify-tree", include, output: this.#given.output! };
    const ways = include.length === found.length ? [wordRemedy(look, commandLine)] : [];
    ways.push(`write all again with: ${commandLine.again({ add: "--restart" })}`);
    ways.forEach((way) => this.#terminal.say(`To be sure, ${way}`));
  }

  #describe(dataset: DatasetFacts): void {
    if (!this.#given.quiet) this.#terminal.say(describeLayout(dataset));
    datasetWarnings(dataset).forEach((line) => this.#terminal.say(line));
  }

  /** Tables of what could not be read. Returns the exit code. */
  #sayWhatIsLost(losses: readonly DatasetLoss[]): number {
    const { lostTsv, dryRun, output, onError } = this.#given;
    for (const loss of losses) {
      lossLines(loss, this.#terminal.commandLine, onError).forEach((line) => this.#terminal.say(line));
    }
    if (lostTsv && !dryRun) {
      const path = writeLostTsv(losses, output!);
      this.#terminal.say(`All ${counted(lostImages(losses), "lost image")} are listed in ${path}`);
    }
    return 1;
  }

  /** How many images there are in all, if that is known. */
  #ofAll(): string {
    return this.#total === undefined ? "" : ` (of ${grouped(this.#total)})`;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
