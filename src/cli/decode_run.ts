import { join } from "node:path";
import type { DatasetFacts } from "../dataset/dataset.ts";
import type { Share } from "../dataset/share.ts";
import type { DatasetLoss } from "../dataset/loss.ts";
import { asksForLabels } from "../dataset/selection/selection.ts";
import { completedRun, decode } from "../decode/decode.ts";
import { journalPath } from "../decode/output_state.ts";
import { DecodeError, type DecodeOptions } from "../decode/options.ts";
import type { DecodeReport } from "../decode/tally.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import { partsFolder } from "../sink/file_pieces.ts";
import { isThere } from "../sink/image_file.ts";
import { listOf } from "../sink/image_list.ts";
import { STANDARD_OUTPUT } from "../sink/one_file.ts";
import { eachImage, type SinkStore } from "../sink/sink.ts";
import { findSources } from "../source/find.ts";
import { openFound, withSelection } from "../source/open_found.ts";
import { listBeside, withLabelsFrom } from "../source/label_lists.ts";
import type { FoundSource, Source, SourceOptions } from "../source/source.ts";
import { archiveOptions } from "./archive_options.ts";
import { checkApart } from "./check_apart.ts";
import { writeClassList } from "./class_list.ts";
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
import { FILE_FORMATS, storeOf } from "./formats.ts";
import { requireListPlace } from "./list_place.ts";
import { hasLostList, removeLostList, writeLostList } from "./lost_list.ts";
import { wordFailure } from "./failure.ts";
import { lossLines, lostImages } from "./lost_report.ts";
import { checkNames, LABELS_FIRST, readsLabelsFirst } from "./names.ts";
import { counted, grouped } from "./numbers.ts";
import type { ProgressGoal } from "./progress.ts";
import { wordRemedy } from "./remedy.ts";
import { partialNotes } from "./selection_notes.ts";
import { LABELS_TO_CHOOSE, selectionOf } from "./selection_options.ts";
import { shareOf } from "./shard_option.ts";
import { StopSignals } from "./stop_signals.ts";
import { type WritingJobs, writingJobsOf } from "./writing_jobs.ts";
import { sayTraffic, trafficLine } from "./traffic_line.ts";
import { urlAccess } from "./url_access.ts";
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
    if (given.json) run.print("failed", wordFailure(error, terminal.commandLine));
    throw error;
  } finally {
    run.sayTraffic();
  }
}

/** So few images may well be of one person. */
const FEW_IMAGES = 5;

/** A run of the command. */
class DecodeRun {
  readonly #given: DecodeGiven;
  readonly #terminal: Terminal;
  readonly #jobs: WritingJobs;
  readonly #begin = performance.now();
  #report: DecodeReport = emptyReport();
  /** What is said of images that are written. An archive's sums come after them: till then nobody knows. */
  #whole = ", each whole";
  /** Images to be written in all; undefined if that is not known before they are read. */
  #total: number | undefined;
  /** The share of the work that is to be done; undefined for all. */
  #share: Share | undefined;
  #found: readonly FoundSource[] = [];

  constructor(given: DecodeGiven, terminal: Terminal) {
    this.#given = given;
    this.#terminal = terminal;
    this.#jobs = writingJobsOf(given, given.output);
  }

  /** Prints the summary. Returns the exit code. */
  print(status: Status, error?: string): 0 | 1 {
    const { output, json, dryRun } = this.#given;
    const seconds = (performance.now() - this.#begin) / 1000;
    const isReference = this.#isReference;
    const summary = { report: this.#report, total: this.#total, status, error, seconds, output, isReference, dryRun };
    if (json) return this.#terminal.printJson(summaryJson(summary));
    if (output !== STANDARD_OUTPUT) return this.#terminal.print(summaryText(summary));
    // What is written goes there.
    summaryText(summary).split("\n").forEach((line) => this.#terminal.say(line));
    return 0;
  }

  /** Says what went over the network, if something did. */
  sayTraffic(): void {
    // Before it is decoded, there is only what it took to open it.
    const { traffic } = this.#report;
    if (traffic === undefined) sayTraffic(this.#found, this.#terminal);
    else this.#terminal.say(trafficLine(traffic));
  }

  async run(): Promise<number> {
    const {
      include,
      output,
      name,
      relabel,
      labelsFrom,
      header,
      onError,
      restart,
      overwrite,
      dryRun,
      quiet,
      list,
      listForm,
    } = this.#given;
    checkNames(name);
    const place = output === STANDARD_OUTPUT ? undefined : output;
    if (place !== undefined) checkApart(include, place);
    if (list !== undefined) checkApart(include, list, "list");
    const notice = (message: string) => void (quiet || this.#terminal.say(message));
    this.#share = shareOf(this.#given.shard, (message) => this.#terminal.say(message));
    const share = this.#share;
    const select = selectionOf(this.#given);
    const found = withSelection(
      withLabelsFrom(await findSources(include, notice, urlAccess(include, header)), labelsFrom),
      select,
    );
    this.#found = found;
    const files = found.flatMap(({ paths }) => paths);
    if (place !== undefined) checkApart(files, place);
    if (list !== undefined) {
      checkApart(files, list, "list");
      requireListPlace(list, listForm, place);
    }
    const store = output === undefined ? eachImage(() => {}) : await storeOf(output, this.#given);
    const ofArchive = archiveOptions(this.#given, found, (message) => this.#terminal.say(`Warning: ${message}`));
    if (found.some(({ kind }) => kind === "archive")) this.#whole = "";
    // Whether the files of archives are kept, as this run is to do, is looked at when they are opened.
    const keeps = found.some((place) => ofArchive(place).keep !== undefined);
    // What labels stand for is listed after the images, so that of folders is looked at too.
    const namesClasses = found.some(({ kind }) => kind === "images");
    const complete = restart || keeps || list !== undefined || namesClasses
      ? undefined
      : completedRun(found, store, { relabel, onError, overwrite, share });
    if (complete !== undefined) {
      this.#report = complete;
      this.#removeLostList();
      const code = this.print("already-complete");
      if (!this.#given.quiet) this.#sayHowToBeSure(found);
      return code;
    }

    using opened = new DisposableStack();
    const options: SourceOptions = {
      engine: this.#given.engine,
      chunkBytes: this.#jobs.chunkSize,
      onError,
    };
    if (select !== undefined && asksForLabels(select)) notice(LABELS_TO_CHOOSE);
    const sources = await openFound(
      found,
      (place) => ({ ...options, ...ofArchive(place) }),
      ({ datasets }) => datasets.forEach((dataset) => this.#describe(dataset)),
    );
    for (const source of sources) opened.use(source);
    this.#total = sources.reduce((sum, { imageCount }) => sum + (imageCount ?? NaN), 0);
    if (Number.isNaN(this.#total)) this.#total = undefined;

    using stop = new StopSignals(this.#terminal, "Stopping; the images begun are finished first");
    this.#report = await this.#decode(sources, store, stop.signal);
    if (this.#report.interrupted) {
      const again = this.#terminal.commandLine.again();
      this.#terminal.say(
        this.#isOneFile && share === undefined && !dryRun
          ? `Interrupted: ${output} is not whole, and there is no part of it that could be gone on with; to begin anew: ${again}`
          : this.#given.shuffle !== undefined && !dryRun
          ? `Interrupted: ${
            counted(this.#report.images, "image")
          }${this.#ofAll()} read to be shuffled, and part of them ` +
            `written to ${output}; to go on: ${again}`
          : `Interrupted: ${counted(this.#report.images, "image")}${this.#ofAll()} written to ` +
            `${dryRun || output === undefined ? "no folder" : output}${this.#whole}; to go on: ${again}`,
      );
      if (this.#given.json) this.print("interrupted");
      return stop.exitCode;
    }
    if (list !== undefined && !dryRun) {
      requireListPlace(list, listForm, place);
      const pass = { jobs: this.#jobs.jobs, relabel, onError, signal: stop.signal, share };
      const { interrupted } = await decode(sources, listOf(list, store, listForm), pass);
      if (interrupted) {
        this.#terminal.say(`Interrupted: ${list} is not written; to write it: ${this.#terminal.commandLine.again()}`);
        return stop.exitCode;
      }
    }
    this.#listClasses(sources);
    // What archives hold is known only now.
    const known = sources.flatMap(({ datasets }) => datasets.map(({ path }) => path));
    for (const dataset of this.#report.datasets) if (!known.includes(dataset.path)) this.#describe(dataset);
    const isReference = this.#isReference && output !== undefined && !dryRun;
    reportWarnings(this.#report, this.#terminal.commandLine, isReference).forEach((line) => this.#terminal.say(line));
    if (this.#report.labels === 1 && share === undefined) await this.#sayWhatListsThereAre(sources);
    const { lost, images, alreadyComplete } = this.#report;
    // A share of few images may have none.
    if (images === 0 && lost.length === 0 && share === undefined) {
      throw new UnrecError(`Cannot decode ${found.map(({ path }) => path).join(", ")}: there is no image in it`);
    }
    const status = lost.length > 0 ? "lost" : dryRun ? "dry-run" : alreadyComplete ? "already-complete" : "complete";
    if (lost.length === 0) this.#removeLostList();
    const code = this.print(status);
    return lost.length === 0 ? code : this.#sayWhatIsLost(lost);
  }

  async #decode(sources: readonly Source[], store: SinkStore, signal: AbortSignal) {
    const { jobs } = this.#jobs;
    const { quiet, relabel, onError, restart, overwrite, fsync, noSpaceCheck, dryRun, list } = this.#given;
    const terminal = this.#terminal;
    const bytes = sources.reduce(
      (sum, { bytes, imageCount }) => sum + (imageCount === undefined ? bytes ?? NaN : NaN),
      0,
    );
    const goal: ProgressGoal = this.#total !== undefined
      ? { total: this.#total }
      : Number.isNaN(bytes)
      ? {}
      : { bytes };
    const { name } = this.#given;
    if (!quiet && name !== undefined && this.#total !== undefined && readsLabelsFirst(name)) terminal.say(LABELS_FIRST);
    using display = quiet ? undefined : terminal.progress(goal);
    let removes = false;
    const beginToWrite = () => {
      if (removes) display?.turnTo(goal);
      removes = false;
    };
    const options: DecodeOptions = {
      ...{ jobs, relabel, onError, restart, overwrite, fsync, dryRun, signal },
      checkSpace: !noSpaceCheck,
      ...this.#share === undefined ? {} : { share: this.#share, beside: list },
      onShare: (images) => {
        this.#total = goal.total = images;
        display?.turnTo(goal);
      },
      onRemoved: (images) => {
        if (!removes) display?.turnTo({ noun: "removed image", withoutBytes: true });
        removes = true;
        display?.add({ count: images, bytes: 0 });
      },
      onResume: ({ images, bytes }) => {
        beginToWrite();
        if (!quiet) terminal.say(`Going on where an earlier run ended: ${counted(images, "image")} are there`);
        display?.resume({ count: images, bytes });
      },
      onMerge: (images) => {
        goal.total = images;
        display?.turnTo({ noun: "shuffled image", total: images });
      },
      onProgress({ images, bytes, read }) {
        beginToWrite();
        display?.add({ count: images, bytes, read });
      },
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
    // A file that is not whole is removed.
    if (this.#isOneFile && this.#share === undefined) return new UnrecError(message, ...remedies);
    const before = images === 0 ? "nothing was written" : `${counted(images, "image")} in ${output}${this.#whole}`;
    const text = `${message}. Written before: ${before}`;
    const folder = this.#isOneFile ? partsFolder(output) : output;
    if (isThere(journalPath(folder, this.#share))) return new UnrecError(text, ...remedies, { kind: "run-again" });
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
    const canLook = this.#given.format === "folder" && include.length === found.length;
    const look: Remedy = { kind: "verify-tree", include, output: this.#given.output! };
    const ways = canLook ? [wordRemedy(look, commandLine)] : [];
    ways.push(`write all again with: ${commandLine.again({ add: "--restart" })}`);
    ways.forEach((way) => this.#terminal.say(`To be sure, ${way}`));
  }

  /** Where labels are the numbers of names, says which name each stands for. */
  #listClasses(sources: readonly Source[]): void {
    const { output, dryRun } = this.#given;
    if (output === undefined || dryRun) return;
    if (output === STANDARD_OUTPUT) {
      if (sources.every(({ classes }) => classes === undefined)) return;
      this.#terminal.say(
        "Warning: labels are the numbers of the folders' names, in the order of their bytes; which are which is listed " +
          "in classes.tsv where the output is a file or a folder, and nowhere here",
      );
      return;
    }
    const path = this.#isOneFile ? `${output}.classes.tsv` : join(output, "classes.tsv");
    if (!writeClassList(sources, this.#report.labelShifts, path, this.#share) || this.#given.quiet) return;
    this.#terminal.say(`Labels are the numbers of the folders' names; which are which is listed in ${path}`);
  }

  #describe(dataset: DatasetFacts): void {
    if (!this.#given.quiet) {
      [describeLayout(dataset), ...partialNotes(dataset)].forEach((line) => this.#terminal.say(line));
    }
    datasetWarnings(dataset).forEach((line) => this.#terminal.say(line));
  }

  /** Where all images have one label, their people may be in a list beside the dataset. */
  async #sayWhatListsThereAre(sources: readonly Source[]): Promise<void> {
    // The images of one person have one label.
    if (sources.some(({ found }) => found.select !== undefined)) return;
    if (this.#given.labelsFrom.length > 0 || this.#report.images <= FEW_IMAGES) return;
    const lists: string[] = [];
    for (const source of sources) {
      const list = await listBeside(source);
      if (list !== undefined) lists.push(list);
    }
    if (lists.length === 0) return;
    const again = this.#terminal.commandLine.again({ add: `--labels-from=${lists.join()}` });
    const how = lists.length === sources.length ? `; if they are right, write all again with: ${again} --restart` : "";
    this.#terminal.say(`Warning: all images have one label, and ${lists.join(" and ")} beside them gives others${how}`);
  }

  /** What an earlier run had lost is there now. */
  #removeLostList(): void {
    const { output, dryRun } = this.#given;
    if (output !== undefined && !dryRun) removeLostList(output, this.#share);
  }

  /** Tables of what could not be read. Returns the exit code. */
  #sayWhatIsLost(losses: readonly DatasetLoss[]): number {
    const { lostTsv, dryRun, output, onError } = this.#given;
    for (const loss of losses) {
      lossLines(loss, this.#terminal.commandLine, onError).forEach((line) => this.#terminal.say(line));
    }
    // A list that is there would tell of other losses.
    if (!dryRun && (lostTsv || hasLostList(output!, this.#share))) {
      const path = writeLostList(losses, output!, this.#share);
      this.#terminal.say(`All ${counted(lostImages(losses), "lost image")} are listed in ${path}`);
    }
    return 1;
  }

  /** Whether all goes to one file, which is there as a whole or not at all. */
  get #isOneFile(): boolean {
    return FILE_FORMATS.includes(this.#given.format);
  }

  /** Whether files are named as in the reference tree. */
  get #isReference(): boolean {
    return this.#given.format === "folder" && this.#given.name === undefined;
  }

  /** How many images there are in all, if that is known. */
  #ofAll(): string {
    return this.#total === undefined ? "" : ` (of ${grouped(this.#total)})`;
  }
}
