/**
 * `unrec verify` and `unrec index` against plain reading of the same file: 660,000 images of 6,000 bytes on average, 4 GB
 * in memory (/dev/shm).
 *
 *     deno task measure bench/verify.ts [ROUNDS]
 *
 * Times are those of whole processes, start and end included. The programs take turns, and each round begins with
 * another one. `dd` reads as unrec does, 8 MiB at a time, and does nothing with it; with 2 processes each reads one half.
 */
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { RUN } from "../tests/run_unrec.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { isRunnable, runProcess } from "./run_process.ts";
import { hasMemoryFiles, Scratch } from "./scratch.ts";

const IMAGES = 660_000;
const IDENTITIES = 16_000;
const CHUNK = 8 * 2 ** 20;
const LEAST_RATE = 2e9;

const VERIFY = "unrec verify, 2 jobs";
const DD = "dd";
const DD_TWICE = "dd, 2 processes";

function main(rounds: number): void {
  if (!hasMemoryFiles()) console.log("There is no /dev/shm here: a disk is measured along with the rest.");
  using scratch = new Scratch();
  writeDataset(scratch.path, faces({ identities: IDENTITIES, images: IMAGES, bytes: [4000, 8000], record0: "first" }));
  const records = `${scratch.path}/train.rec`;
  const index = `${scratch.path}/train.idx`;
  const bytes = Deno.statSync(records).size;
  const half = Math.ceil(bytes / CHUNK / 2);
  const unrec = (command: string, ...options: string[]) => [
    ...[Deno.execPath(), ...RUN],
    ...[command, `--include=${scratch.path}`, "--quiet", ...options],
  ];
  const contestants: { name: string; command: string[]; runs: number[] }[] = [
    { name: VERIFY, command: unrec("verify", "--jobs=2"), runs: [] },
    { name: "unrec verify, 1 job", command: unrec("verify", "--jobs=1"), runs: [] },
    { name: "unrec verify --engine=ts, 2 jobs", command: unrec("verify", "--jobs=2", "--engine=ts"), runs: [] },
    { name: "unrec verify --checksums", command: unrec("verify", "--checksums"), runs: [] },
    { name: "unrec index", command: unrec("index"), runs: [] },
    { name: "unrec index --engine=ts", command: unrec("index", "--engine=ts"), runs: [] },
    { name: DD, command: ["dd", `if=${records}`, "of=/dev/null", `bs=${CHUNK}`], runs: [] },
    {
      name: DD_TWICE,
      command: [
        "sh",
        "-c",
        `dd if=${records} of=/dev/null bs=${CHUNK} count=${half} & dd if=${records} of=/dev/null bs=${CHUNK} skip=${half}; wait`,
      ],
      runs: [],
    },
  ];
  if (isRunnable(["md5sum", "--version"])) contestants.push({ name: "md5sum", command: ["md5sum", records], runs: [] });

  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, command, runs } = contestants[(round + turn) % contestants.length];
      const isIndex = command.includes("index");
      const old = isIndex ? Deno.readTextFileSync(index) : undefined;
      if (isIndex) Deno.removeSync(index);
      runs.push(runProcess(command).wall);
      if (old !== undefined && old !== Deno.readTextFileSync(index)) throw new Error(`${name} made another index`);
      console.error(`round ${round + 1}: ${name} ${runs[round].toFixed(2)} s`);
    }
  }

  const rateOf = (name: string) => bytes / median(contestants.find((other) => other.name === name)!.runs);
  const rows = contestants.map(({ name, runs }) => [
    name,
    Math.min(...runs).toFixed(2),
    median(runs).toFixed(2),
    (rateOf(name) / 1e9).toFixed(2),
    (rateOf(name) / rateOf(DD)).toFixed(2),
    (rateOf(name) / rateOf(DD_TWICE)).toFixed(2),
  ]);
  console.log(`\n${rounds} rounds, ${(bytes / 1e9).toFixed(2)} GB\n`);
  console.log(markdownTable(["program", "least s", "median s", "GB/s", "of dd", "of 2 dd"], rows));
  const rate = rateOf(VERIFY);
  console.log(
    `\n${VERIFY}: ${(rate / 1e9).toFixed(2)} GB/s, at least ${(LEAST_RATE / 1e9).toFixed(2)} wanted: ` +
      (rate >= LEAST_RATE ? "reached" : "missed"),
  );
}

if (import.meta.main) main(Math.max(1, Number(Deno.args[0] ?? 7)));
