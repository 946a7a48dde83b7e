/**
 * Start-up: `--help`, and a decode of the sample dataset, each from the start of a process to its end.
 *
 *     deno task measure bench/startup.ts [BINARY]
 *
 * With the path of a compiled binary (`deno task compile`) it is measured as well. `first run` has an empty cache
 * (DENO_DIR): Deno compiles the TypeScript, as after the project was downloaded.
 */
import { fileURLToPath } from "node:url";
import { RUN } from "../tests/run_unrec.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { type ProcessTimes, runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";

const RUNS = 10;
/** Processor time comes in steps of 10 ms, so a start, which takes a few of them, is measured in batches. */
const BATCH = 10;
/** Seconds. */
const MOST_HELP_USER = 0.12;
const MOST_DECODE_WALL = 0.5;

const SAMPLE = fileURLToPath(new URL("../tests/data/glint_mini", import.meta.url));

function main(binary: string | undefined): void {
  // Below /dev only a program with all permissions may write, and the binary has few.
  using scratch = new Scratch(false);
  const programs: [string, string[]][] = [["deno run", [Deno.execPath(), ...RUN]]];
  if (binary !== undefined) programs.push(["binary", [binary]]);

  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const [name, program] of programs) {
    const help = repeat(() => runProcess([...program, "--help"]));
    rows.push(row(`${name} --help`, help));
    if (!Number.isNaN(help.user)) {
      verdicts.push(verdict(`${name} --help, user time`, help.user, MOST_HELP_USER));
    }
    const decode = repeat(() => decodeSample(program, scratch));
    rows.push(row(`${name}, decode of the sample`, decode));
    verdicts.push(verdict(`${name}, decode of the sample`, decode.wall, MOST_DECODE_WALL));
  }
  const firstRun = repeat(() => {
    const cache = `${scratch.path}/cache`;
    scratch.remove(cache);
    return decodeSample(programs[0][1], scratch, { DENO_DIR: cache });
  });
  rows.push(row("deno run, decode, first run", firstRun));
  verdicts.push(verdict("deno run, decode, first run", firstRun.wall, MOST_DECODE_WALL));

  console.log(`\nMedians of ${RUNS} batches of ${BATCH} runs\n`);
  console.log(`${markdownTable(["", "wall ms", "user ms", "kernel ms"], rows)}\n`);
  console.log(verdicts.join("\n"));
  if (binary !== undefined) console.log(`Size of the binary: ${(Deno.statSync(binary).size / 1e6).toFixed(1)} MB`);
}

function decodeSample(program: string[], scratch: Scratch, env?: Record<string, string>): ProcessTimes {
  const output = `${scratch.path}/tree`;
  scratch.remove(output);
  return runProcess([...program, `--include=${SAMPLE}`, `--output=${output}`, "--quiet"], { env });
}

/** Medians over runs of the mean over a batch; what the first start compiles and caches is left out. */
function repeat(run: () => ProcessTimes): ProcessTimes {
  run();
  const means = Array.from({ length: RUNS }, () => {
    const times = Array.from({ length: BATCH }, run);
    const mean = (part: keyof ProcessTimes) => times.reduce((sum, time) => sum + time[part], 0) / BATCH;
    return { wall: mean("wall"), user: mean("user"), system: mean("system"), others: mean("others") };
  });
  const middle = (part: keyof ProcessTimes) => median(means.map((time) => time[part]));
  return { wall: middle("wall"), user: middle("user"), system: middle("system"), others: middle("others") };
}

function row(name: string, times: ProcessTimes): string[] {
  return [name, ...[times.wall, times.user, times.system].map((time) => (1000 * time).toFixed(0))];
}

function verdict(name: string, seconds: number, most: number): string {
  const inTime = seconds <= most ? "reached" : "missed";
  return `${name}: ${(1000 * seconds).toFixed(0)} ms, at most ${(1000 * most).toFixed(0)} wanted: ${inTime}`;
}

if (import.meta.main) main(Deno.args[0]);
