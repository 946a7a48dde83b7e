/**
 * `unrec info` on a set of the size of Glint360K: 17,507,700 index lines, 416,042 identity records.
 *
 *     deno task measure bench/info.ts [ROUNDS]
 *
 * `train.rec` has 137 GB and is sparse: of the images there are the first bytes of those that are looked at, a page of
 * memory each. All lies in /dev/shm where there is one, 2 GB. Times are those of whole processes.
 */
import { MOST_LABEL_READS, SAMPLE_IMAGES } from "../src/info/dataset_info.ts";
import { RUN } from "../tests/run_unrec.ts";
import { IMAGES, INDEX_LINES } from "./glint360k.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";
import { LABELS, writeSparseDataset } from "./sparse_dataset.ts";

/** What was wanted. */
const MOST_SECONDS = 1.5;
const MOST_BYTES = 350e6;

async function main(rounds: number): Promise<void> {
  using scratch = new Scratch();
  const dataset = `${scratch.path}/large`;
  writeSparseDataset(dataset, true);
  const programs = ["wasm", "ts"].map((engine) => ({
    name: engine === "wasm" ? "unrec info" : `unrec info --engine=${engine}`,
    command: [Deno.execPath(), ...RUN, "info", `--include=${dataset}`, `--engine=${engine}`, "--quiet", "--json"],
    wall: [] as number[],
    user: [] as number[],
    system: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { command, wall, user, system } of programs) {
      const run = runProcess(command);
      const [{ images, labels, lookedAt, published }] = JSON.parse(run.stdout).sources;
      const found = [images, labels.count, labels.basis, lookedAt.images, published].join();
      const expected = [IMAGES, LABELS, "identity-records", SAMPLE_IMAGES, "Glint360K"].join();
      if (found !== expected) throw new Error(`info found ${found}, and there are ${expected}`);
      wall.push(run.wall);
      user.push(run.user);
      system.push(run.system);
    }
  }
  const rows: string[][] = [];
  for (const { name, command, wall, user, system } of programs) {
    const peak = await peakMemory(command);
    const isReached = median(wall) <= MOST_SECONDS && peak <= MOST_BYTES;
    rows.push([
      name,
      ...[Math.min(...wall), median(wall), median(user), median(system)].map((seconds) => seconds.toFixed(2)),
      (peak / 1e6).toFixed(0),
      `${MOST_SECONDS} s, ${MOST_BYTES / 1e6} MB`,
      isReached ? "reached" : "missed",
    ]);
  }
  console.log(`\n${INDEX_LINES.toLocaleString("en")} index lines, at most ${MOST_LABEL_READS} reads of labels\n`);
  console.log(markdownTable(["", "least s", "median s", "user s", "kernel s", "peak MB", "wanted", ""], rows));
}

if (import.meta.main) await main(Math.max(1, Number(Deno.args[0] ?? 5)));
