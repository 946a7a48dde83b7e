/**
 * `unrec verify --decode` beside plain `unrec verify`: real JPEGs of 112 x 112 pixels, those of the sample dataset again and
 * again, 100,000 in all, in memory (/dev/shm).
 *
 *     deno task measure bench/verify_decode.ts [ROUNDS] [IMAGES]
 *
 * Times are those of whole processes, start and end included; memory is the most of one run. The programs take turns.
 */
import { RUN } from "../tests/run_unrec.ts";
import { faceImages } from "../tests/verify/sample_images.ts";
import { writeDataset } from "../tests/write_dataset.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";

async function main(rounds: number, images: number): Promise<void> {
  using scratch = new Scratch();
  const samples = await faceImages(82);
  writeDataset(
    scratch.path,
    Array.from({ length: images }, (_, key) => ({ key, label: 0, image: samples[key % samples.length] })),
  );
  const bytes = Deno.statSync(`${scratch.path}/train.rec`).size;
  const contestants = ["--jobs=2", "--jobs=1"].flatMap((jobs) =>
    [[], ["--decode"]].map((decode) => ({
      name: ["verify", ...decode, jobs].join(" "),
      command: [Deno.execPath(), ...RUN, "verify", `--include=${scratch.path}`, "--quiet", ...decode, jobs],
      runs: [] as number[],
    }))
  );
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, command, runs } = contestants[(round + turn) % contestants.length];
      runs.push(runProcess(command).wall);
      console.error(`round ${round + 1}: ${name} ${runs[round].toFixed(2)} s`);
    }
  }
  const rows: string[][] = [];
  for (const { name, command, runs } of contestants) {
    rows.push([
      name,
      Math.min(...runs).toFixed(2),
      median(runs).toFixed(2),
      Math.round(images / median(runs)).toLocaleString("en-US"),
      (await peakMemory(command) / 1e6).toFixed(0),
    ]);
  }
  console.log(`\n${rounds} rounds, ${images} images, ${(bytes / 1e6).toFixed(0)} MB\n`);
  console.log(markdownTable(["program", "least s", "median s", "images/s", "peak MB"], rows));
}

if (import.meta.main) await main(Math.max(1, Number(Deno.args[0] ?? 5)), Number(Deno.args[1] ?? 100_000));
