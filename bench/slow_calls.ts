/**
 * Jobs on a slow file system: writes a tree where every call waits for a millisecond, as on a network drive, with 1, 8
 * and 32 jobs and as many as there are cores; with their memory.
 *
 *     deno task measure bench/slow_calls.ts [IMAGES]
 *
 * The calls are those that open, write and close a file and make a folder; `slow_calls.c`, loaded into Deno, has them wait.
 * It needs Linux and a C compiler.
 */
import { fileURLToPath } from "node:url";
import { RUN } from "../tests/run_unrec.ts";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { markdownTable } from "./markdown_table.ts";
import { peakMemory } from "./peak_memory.ts";
import { runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";

const MICROSECONDS = 1000;
const LEAST_OF_32 = 20;
const MOST_MEGABYTES = 15;

const images = Number(Deno.args[0] ?? 30_000);
const cores = navigator.hardwareConcurrency;
using scratch = new Scratch();
const [set, output, library] = ["set", "tree", "slow_calls.so"].map((name) => `${scratch.path}/${name}`);
writeDataset(set, faces({ identities: images / 40, images, bytes: [4000, 8000], record0: "first" }));
runProcess([
  "cc",
  "-O2",
  "-shared",
  "-fPIC",
  "-o",
  library,
  fileURLToPath(new URL("slow_calls.c", import.meta.url)),
  "-ldl",
]);

/** What some jobs took. */
interface Measured {
  jobs: number;
  seconds: number;
  bytes: number;
}

const measured: Measured[] = [];
for (const jobs of [1, cores, 8, 32]) {
  const unrec = [Deno.execPath(), ...RUN, `--include=${set}`, `--output=${output}`, "--quiet", `--jobs=${jobs}`];
  const slow = ["env", `SLOW_MICROSECONDS=${MICROSECONDS}`, `SLOW_FOLDER=${output}`, `LD_PRELOAD=${library}`];
  const { wall } = runProcess([...slow, ...unrec]);
  scratch.remove(output);
  const bytes = await peakMemory(unrec);
  scratch.remove(output);
  measured.push({ jobs, seconds: wall, bytes });
  console.error(`${jobs} jobs: ${wall.toFixed(2)} s`);
}

const [one] = measured;
const ofCores = measured.find(({ jobs }) => jobs === cores)!;
console.log(markdownTable(
  ["jobs", "seconds", "images/s", "times one job", "memory, MB", "MB a job beyond the cores"],
  measured.map(({ jobs, seconds, bytes }) => [
    String(jobs),
    seconds.toFixed(2),
    Math.round(images / seconds).toLocaleString("en-US"),
    (one.seconds / seconds).toFixed(1),
    (bytes / 1e6).toFixed(0),
    jobs > cores ? ((bytes - ofCores.bytes) / (jobs - cores) / 1e6).toFixed(1) : "",
  ]),
));
const of32 = measured.find(({ jobs }) => jobs === 32)!;
console.log(`32 jobs do ${(one.seconds / of32.seconds).toFixed(1)} times what one does (wanted: ${LEAST_OF_32})`);
const each = (of32.bytes - ofCores.bytes) / (32 - cores) / 1e6;
console.log(`a job beyond the cores takes ${each.toFixed(1)} MB (wanted: at most ${MOST_MEGABYTES})`);
