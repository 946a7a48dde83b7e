import { describeDamage } from "../dataset/walk.ts";
import { findDatasets } from "../source/find.ts";
import { rebuildIndex, type RebuildReport } from "../source/rebuild_index.ts";
import { wordFailure } from "./failure.ts";
import type { IndexGiven } from "./index.ts";
import { byteSize, counted, grouped } from "./numbers.ts";
import type { ProgressDisplay } from "./progress.ts";
import { StopSignals } from "./stop_signals.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** What was done for a dataset, and how long it took. */
type Done = RebuildReport & { seconds: number };

/**
 * Runs `unrec index`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things.
 * @returns The exit code: 1 if damage was left out, or record 0 is not there.
 * @throws {UnrecError} If an index cannot be rebuilt; those before it were.
 */
export async function runIndex(given: IndexGiven, terminal: Terminal): Promise<number> {
  const { json } = given;
  const done: Done[] = [];
  const print = (status: string, error?: string) =>
    terminal.printJson(JSON.stringify({ status, error: error ?? null, datasets: done.map(jsonOf) }));
  try {
    using stop = new StopSignals(terminal, "Stopping; no index is changed any more");
    const notice = (message: string) => void (given.quiet || terminal.say(message));
    for (const place of await findDatasets(given.include, notice)) {
      const begin = performance.now();
      using display = given.quiet ? undefined : new LateDisplay(terminal);
      const report = await rebuildIndex(place, {
        engine: given.engine,
        chunkBytes: given.chunkSize,
        skipDamage: given.onError === "skip",
        signal: stop.signal,
        onProgress: (progress) => display?.show(progress),
      });
      if (report === undefined) {
        if (json) print("interrupted");
        return stop.exitCode;
      }
      done.push({ ...report, seconds: (performance.now() - begin) / 1000 });
      display?.[Symbol.dispose]();
      warningsOf(report).forEach((line) => terminal.say(line));
    }
  } catch (error) {
    if (json) print("failed", wordFailure(error, terminal.commandLine));
    throw error;
  }
  const isLost = done.some(({ damages, lacksRecord0 }) => damages > 0 || lacksRecord0);
  const printed = json ? print(isLost ? "lost" : "complete") : terminal.print(done.map(textOf).join("\n\n"));
  return isLost ? 1 : printed;
}

/** A display that begins with the first report: for a small file there is none. */
class LateDisplay implements Disposable {
  readonly #terminal: Terminal;
  #display: ProgressDisplay | undefined;
  #before = { records: 0, bytes: 0 };

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show({ records, bytes, total }: { records: number; bytes: number; total: number }): void {
    this.#display ??= this.#terminal.progress({ bytes: total, noun: "record" });
    const more = bytes - this.#before.bytes;
    this.#display.add({ count: records - this.#before.records, bytes: more, read: more });
    this.#before = { records, bytes };
  }

  [Symbol.dispose](): void {
    this.#display?.[Symbol.dispose]();
    this.#display = undefined;
  }
}

function warningsOf(report: RebuildReport): string[] {
  const { path, index, keys, lacksRecord0, damages, damagedBytes, firstDamages } = report;
  const lines: string[] = [];
  if (damages > 0) {
    const more = damages > firstDamages.length ? `; and ${grouped(damages - firstDamages.length)} more` : "";
    const shifted = keys === "ids" || keys === "layout"
      ? ""
      : "; its keys are running numbers, so they are not the old ones after the first gap";
    lines.push(
      `${path} is damaged in ${counted(damages, "place")}, ${byteSize(damagedBytes)} in all: ` +
        `${firstDamages.map((damage) => describeDamage(damage)).join("; ")}${more}`,
      `${index} has the ${counted(report.records, "record")} that are whole; what is left out above is lost${shifted}`,
    );
  }
  if (lacksRecord0) {
    lines.push(`${path} ends with identity records and has no record 0, which names them, so ${index} has no key 0`);
  }
  return lines;
}

const KEYS = {
  ids: "the ids in the records' headers",
  layout: "those that record 0 and the identity records name, for the ids in the headers are others",
  "ids-repeat": "running numbers from 0, for ids in the headers repeat",
  "ids-too-large": "running numbers from 0, for ids in the headers go beyond 4294967295",
};

function textOf(report: Done): string {
  const { seconds, path, index, records, multiPartRecords, keys, unchanged, backup } = report;
  const rows: [string, string][] = [
    ["records of", path],
    ["records", grouped(records)],
    ["multi-part records", grouped(multiPartRecords)],
    ["keys", KEYS[keys]],
    ["damaged places", grouped(report.damages)],
    unchanged ? ["index", `${index} was right already and is left as it is`] : ["written to", index],
    ...backup === undefined ? [] : [["old index", `kept as ${backup}`] as [string, string]],
    ["seconds", seconds.toFixed(2)],
    ["rate", `${byteSize(report.bytes / seconds)}/s`],
  ];
  return table(rows, 20);
}

function jsonOf(report: Done) {
  const { path, bytes, index, records, multiPartRecords, keys, lacksRecord0, unchanged, backup } = report;
  const { seconds, damages, damagedBytes } = report;
  return {
    ...{ path, bytes, index, records, multiPartRecords, keys, lacksRecord0, unchanged, backup: backup ?? null },
    ...{ damages, damagedBytes },
    firstDamages: report.firstDamages.map(({ start, end, problem }) => ({ start, end, problem: problem.kind })),
    seconds,
  };
}
