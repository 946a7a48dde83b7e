/**
 * `unrec ls`: how fast a file is listed, against plain reading of it: 330,000 images of 6,000 bytes on average, 2 GB in
 * memory (/dev/shm).
 *
 *     deno task measure bench/ls.ts [ROUNDS]
 *
 * Times are those of whole processes, start and end included. The programs take turns, and each round begins with
 * another one. What is listed goes through a pipe. `dd` reads as unrec does, 8 MiB at a time, and does nothing with it.
 */
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { RUN } from "../tests/run_unrec.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { runProcess } from "./run_process.ts";
import { hasMemoryFiles, Scratch } from "./scratch.ts";

const IMAGES = 330_000;
const IDENTITIES = 8_000;
/** Bytes a second. */
const LEAST_RATE = 1e9;

function main(rounds: number): void {
  if (!hasMemoryFiles()) console.log("There is no /dev/shm here: a disk is measured along with the rest.");
  using scratch = new Scratch();
  writeDataset(scratch.path, faces({ identities: IDENTITIES, images: IMAGES, bytes: [4000, 8000], record0: "first" }));
  const records = `${scratch.path}/train.rec`;
  const bytes = Deno.statSync(records).size;
  const ls = (...options: string[]) => [Deno.execPath(), ...RUN, "ls", `--include=${scratch.path}`, ...options];
  const contestants: { name: string; command: string[]; runs: number[] }[] = [
    { name: "unrec ls", command: ls(), runs: [] },
    { name: "unrec ls --engine=ts", command: ls("--engine=ts"), runs: [] },
    { name: "unrec ls --labels-all", command: ls("--labels-all"), runs: [] },
    { name: "unrec ls --json", command: ls("--json"), runs: [] },
    { name: "unrec ls --people", command: ls("--people"), runs: [] },
    { name: "dd", command: ["dd", `if=${records}`, "of=/dev/null", `bs=${8 * 2 ** 20}`], runs: [] },
  ];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, command, runs } = contestants[(round + turn) % contestants.length];
      runs.push(runProcess(command).wall);
      console.error(`round ${round + 1}: ${name} ${runs[round].toFixed(2)} s`);
    }
  }
  const rows = contestants.map(({ name, runs }) => {
    const rate = bytes / median(runs);
    const verdict = name === "dd" ? "" : rate >= LEAST_RATE ? "reached" : "missed";
    return [name, Math.min(...runs).toFixed(2), median(runs).toFixed(2), (rate / 1e9).toFixed(2), verdict];
  });
  console.log(`\n${rounds} rounds, ${(bytes / 1e9).toFixed(2)} GB\n`);
  console.log(markdownTable(["program", "least s", "median s", "GB/s", "1 GB/s wanted"], rows));
}

if (import.meta.main) main(Math.max(1, Number(Deno.args[0] ?? 5)));
