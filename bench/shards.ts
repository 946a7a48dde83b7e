/**
 * Shards: a dataset of 200,000 images (1.2 GB) to WebDataset shards, against `cat` of these very shards to the same place.
 *
 *     deno task measure bench/shards.ts [ROUNDS]
 *
 * All files lie in memory (/dev/shm; about 4 GB of it). Times are those of whole processes, start and end included. The
 * programs take turns, and each round begins with another one.
 */
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { RUN } from "../tests/run_unrec.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { type ProcessTimes, runProcess } from "./run_process.ts";
import { hasMemoryFiles, Scratch } from "./scratch.ts";

const IMAGES = 200_000;
/** What is wanted with two jobs: this much of the speed of `cat`, at least. */
const LEAST_OF_CAT = 0.8;

const CAT = "cat";
const TWO_JOBS = "unrec --format=webdataset, 2 jobs";

/** A program that writes the bytes. */
interface Contestant {
  name: string;
  command: string[];
  runs: ProcessTimes[];
}

function main(rounds: number): void {
  if (!hasMemoryFiles()) console.log("There is no /dev/shm here: a disk is measured along with the rest.");
  using scratch = new Scratch();
  const [dataset, shards, output] = ["dataset", "shards", "output"].map((name) => `${scratch.path}/${name}`);
  writeDataset(dataset, faces({ identities: 5_000, images: IMAGES, bytes: [4000, 8000], record0: "first" }));
  const unrec = (output: string, ...options: string[]) => {
    const command = [Deno.execPath(), ...RUN, `--include=${dataset}`, `--output=${output}`, "--format=webdataset"];
    return [...command, "--quiet", ...options];
  };
  // A first run, in which code is compiled and cached.
  runProcess(unrec(shards));
  const bytes = [...Deno.readDirSync(shards)].reduce(
    (sum, { name }) => sum + Deno.statSync(`${shards}/${name}`).size,
    0,
  );
  const contestants: Contestant[] = [
    { name: CAT, command: ["sh", "-c", `mkdir ${output} && cat ${shards}/*.tar >${output}/all`], runs: [] },
    { name: TWO_JOBS, command: unrec(output, "--jobs=2"), runs: [] },
    { name: "unrec --format=webdataset, 1 job", command: unrec(output, "--jobs=1"), runs: [] },
    {
      name: "the same with --index=wids,dali, 2 jobs",
      command: unrec(output, "--jobs=2", "--index=wids,dali"),
      runs: [],
    },
  ];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, command, runs } = contestants[(round + turn) % contestants.length];
      scratch.remove(output);
      runs.push(runProcess(command));
      console.error(
        `round ${round + 1}: ${name} ${runs[round].wall.toFixed(2)} s, others ${runs[round].others.toFixed(2)} s`,
      );
    }
  }
  report(contestants, bytes, rounds);
}

function report(contestants: Contestant[], bytes: number, rounds: number): void {
  const speed = ({ runs }: Contestant) => bytes / median(runs.map(({ wall }) => wall));
  const cat = speed(contestants[0]);
  const rows = contestants.map((contestant) => {
    const { name, runs } = contestant;
    return [
      name,
      Math.min(...runs.map(({ wall }) => wall)).toFixed(2),
      median(runs.map(({ wall }) => wall)).toFixed(2),
      median(runs.map(({ user }) => user)).toFixed(2),
      median(runs.map(({ system }) => system)).toFixed(2),
      (speed(contestant) / 1e9).toFixed(2),
      (speed(contestant) / cat).toFixed(2),
    ];
  });
  console.log(`\n${rounds} rounds, ${(bytes / 1e9).toFixed(2)} GB; user and kernel: processor time of all threads\n`);
  console.log(markdownTable(["program", "least s", "median s", "user s", "kernel s", "GB/s", "of cat"], rows));
  const ratio = speed(contestants.find(({ name }) => name === TWO_JOBS)!) / cat;
  const verdict = ratio >= LEAST_OF_CAT ? "reached" : "missed";
  console.log(`\nunrec / cat ${ratio.toFixed(2)}, at least ${LEAST_OF_CAT.toFixed(2)} wanted: ${verdict}`);
}

if (import.meta.main) main(Math.max(1, Number(Deno.args[0] ?? 7)));
