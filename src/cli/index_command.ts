import { describeDamage } from "../dataset/describe_damage.ts";
import { rebuildIndex, type RebuildReport } from "../dataset/rebuild_index.ts";
import { byteSize, counted, grouped } from "./numbers.ts";
import type { IndexArguments } from "./options.ts";
import { complain, print } from "./output.ts";
import { ProgressDisplay } from "./progress.ts";
import { StopSignals } from "./stop_signals.ts";

/**
 * Rebuilds the indices of datasets.
 *
 * @param args What the command line asks for.
 * @returns The exit code: 1 if damage was left out.
 * @throws {UnrecError} If an index cannot be rebuilt; those before it were.
 */
export async function indexCommand(args: IndexArguments): Promise<number> {
  const { include, onError, engine, chunkBytes, quiet, json } = args;
  using stop = new StopSignals("Stopping; no index is changed any more");
  const reports: RebuildReport[] = [];
  const seconds: number[] = [];
  for (const path of include) {
    const begin = performance.now();
    let display: ProgressDisplay | undefined;
    let before = { records: 0, bytes: 0 };
    let report: RebuildReport | undefined;
    try {
      report = await rebuildIndex(path, {
        engine,
        chunkBytes,
        skipDamage: onError === "skip",
        signal: stop.signal,
        onProgress({ records, bytes, total }) {
          if (quiet) return;
          display ??= new ProgressDisplay(undefined, total, "record");
          display.add({ images: records - before.records, bytes: bytes - before.bytes, read: bytes - before.bytes });
          before = { records, bytes };
        },
      });
    } finally {
      display?.[Symbol.dispose]();
    }
    if (report === undefined) return stop.exitCode;
    reports.push(report);
    seconds.push((performance.now() - begin) / 1000);
    warningsOf(report).forEach(complain);
  }
  const printed = print(
    json
      ? JSON.stringify({ datasets: reports.map((report, i) => ({ ...jsonOf(report), seconds: seconds[i] })) })
      : reports.map((report, i) => textOf(report, seconds[i])).join("\n\n"),
  );
  return reports.some(({ damages }) => damages > 0) ? 1 : printed;
}

function warningsOf(report: RebuildReport): string[] {
  const { path, index, keys, damages, damagedBytes, firstDamages } = report;
  if (damages === 0) return [];
  const more = damages > firstDamages.length ? `; and ${grouped(damages - firstDamages.length)} more` : "";
  const shifted = keys === "ids"
    ? ""
    : "; its keys are running numbers, so they are not the old ones behind the first gap";
  return [
    `${path} is damaged in ${counted(damages, "place")}, ${byteSize(damagedBytes)} in all: ` +
    `${firstDamages.map((damage) => describeDamage(damage)).join("; ")}${more}`,
    `${index} has the ${counted(report.records, "record")} that are whole; what is left out above is lost${shifted}`,
  ];
}

const KEYS = {
  ids: "the ids in the records' headers",
  "ids-repeat": "running numbers from 0, for ids in the headers repeat",
  "ids-too-large": "running numbers from 0, for ids in the headers go beyond 4294967295",
};

function textOf(report: RebuildReport, seconds: number): string {
  const { path, index, records, multiPartRecords, keys, unchanged, backup } = report;
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
  return rows.map(([name, value]) => `${name.padEnd(20)}${value}`).join("\n");
}

function jsonOf(report: RebuildReport) {
  const { path, bytes, index, records, multiPartRecords, keys, unchanged, backup, damages, damagedBytes } = report;
  return {
    ...{ path, bytes, index, records, multiPartRecords, keys, unchanged, backup: backup ?? null, damages },
    damagedBytes,
    firstDamages: report.firstDamages.map(({ start, end, problem }) => ({ start, end, problem: problem.kind })),
  };
}
