/**
 * `unrec --format=parquet` beside `cat` of the same bytes to the same place: 200,000 images of 6,000 bytes on average, 1.2
 * GB in memory (/dev/shm).
 *
 *     deno task measure bench/parquet.ts [ROUNDS]
 *
 * Times are those of whole processes, start and end included; memory is the most of one run. The programs take turns, and
 * what one has written is removed before the next one begins.
 */
import { RUN } from "../tests/run_unrec.ts";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { type ProcessTimes, runProcess } from "./run_process.ts";
import { hasMemoryFiles, Scratch } from "./scratch.ts";

const IMAGES = 200_000;
const IDENTITIES = 5_000;

/** Bytes a second of one job. */
const LEAST_RATE = 0.4e9;

async function main(rounds: number): Promise<void> {
  if (!hasMemoryFiles()) console.log("There is no /dev/shm here: a disk is measured along with the rest.");
  using scratch = new Scratch();
  const input = `${scratch.path}/in`;
  const output = `${scratch.path}/out`;
  writeDataset(input, faces({ identities: IDENTITIES, images: IMAGES, bytes: [4000, 8000], record0: "first" }));
  const records = `${input}/train.rec`;
  const bytes = Deno.statSync(records).size;
  const unrec = (jobs: number) => [
    ...[Deno.execPath(), ...RUN, `--include=${input}`, `--output=${output}`, "--format=parquet"],
    ...["--quiet", "--no-space-check", `--jobs=${jobs}`],
  ];
  const contestants: { name: string; command: string[]; runs: ProcessTimes[] }[] = [
    { name: "unrec, 1 job", command: unrec(1), runs: [] },
    { name: "unrec, 2 jobs", command: unrec(2), runs: [] },
    { name: "cat", command: ["sh", "-c", `cat ${records} >${output}`], runs: [] },
  ];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, command, runs } = contestants[(round + turn) % contestants.length];
      runs.push(runProcess(command));
      scratch.remove(output);
      console.error(`round ${round + 1}: ${name} ${runs[round].wall.toFixed(2)} s`);
    }
  }
  const wallOf = ({ runs }: { runs: ProcessTimes[] }) => median(runs.map(({ wall }) => wall));
  const cat = wallOf(contestants.find(({ name }) => name === "cat")!);
  const rows: string[][] = [];
  for (const contestant of contestants) {
    const { name, command, runs } = contestant;
    const wall = wallOf(contestant);
    rows.push([
      name,
      Math.min(...runs.map(({ wall }) => wall)).toFixed(2),
      wall.toFixed(2),
      median(runs.map(({ user }) => user)).toFixed(2),
      median(runs.map(({ system }) => system)).toFixed(2),
      (bytes / wall / 1e9).toFixed(2),
      (bytes / median(runs.map(({ user, system }) => user + system)) / 1e9).toFixed(2),
      (cat / wall).toFixed(2),
      (await peakMemory(command) / 1e6).toFixed(0),
    ]);
    scratch.remove(output);
  }
  console.log(`\n${rounds} rounds, ${(bytes / 1e9).toFixed(2)} GB\n`);
  const head = [
    "program",
    "least s",
    "median s",
    "user s",
    "kernel s",
    "GB/s",
    "GB/s of a processor",
    "of cat",
    "peak MB",
  ];
  console.log(markdownTable(head, rows));
  const rate = bytes / wallOf(contestants[0]);
  console.log(
    `\n1 job: ${(rate / 1e9).toFixed(2)} GB/s, at least ${(LEAST_RATE / 1e9).toFixed(2)} wanted: ` +
      (rate >= LEAST_RATE ? "reached" : "missed"),
  );
}

if (import.meta.main) await main(Math.max(1, Number(Deno.args[0] ?? 5)));
