/**
 * The plan of a share out of 64 of a set of the size of Glint360K: 17,507,700 index lines, 416,042 identity records.
 *
 *     deno task measure bench/shares.ts [ROUNDS]
 *
 * `train.rec` has 137 GB and is sparse: only record 0 and the identity records are there. All lies in /dev/shm where there
 * is one, 0.4 GB. Times are those of whole processes.
 */
import { RUN } from "../tests/run_unrec.ts";
import { IMAGES, INDEX_LINES } from "./glint360k.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";
import { writeSparseDataset } from "./sparse_dataset.ts";

/** What was wanted. */
const MOST_SECONDS = 2;
const MOST_BYTES = 350e6;

const SHARES = 64;
const FORMATS = ["folder", "webdataset", "parquet", "rec --layout=flat", "webdataset --shuffle"];

async function main(rounds: number): Promise<void> {
  using scratch = new Scratch();
  const dataset = `${scratch.path}/large`;
  writeSparseDataset(dataset);
  const include = `--include=${dataset}`;
  const rows: string[][] = [];
  for (const format of FORMATS) {
    const where = [`--output=${scratch.path}/out`, "--dry-run", "--quiet"];
    const ways = [0, SHARES - 1].map((share) => ["decode", `--shard=${share}/${SHARES}`, ...where]);
    // The plan knows no other options of a format.
    const plans = format.includes(" ") ? [] : [["plan", `--shards=${SHARES}`, "--json"]];
    for (const args of [...ways, ...plans]) {
      const command = [Deno.execPath(), ...RUN, ...args, include, ...`--format=${format}`.split(" ")];
      const runs = Array.from({ length: rounds }, () => runProcess(command));
      if (args[0] === "plan") requireAll(runs[0].stdout);
      const peak = await peakMemory(command);
      const wall = runs.map(({ wall }) => wall);
      rows.push([
        `${args[0]} ${args[1]} --format=${format}`,
        Math.min(...wall).toFixed(2),
        median(wall).toFixed(2),
        (peak / 1e6).toFixed(0),
        median(wall) <= MOST_SECONDS && peak <= MOST_BYTES ? "reached" : "missed",
      ]);
    }
  }
  console.log(
    `\n${INDEX_LINES.toLocaleString("en")} index lines; wanted: ${MOST_SECONDS} s and ${MOST_BYTES / 1e6} MB\n`,
  );
  console.log(markdownTable(["unrec", "least s", "median s", "peak MB", ""], rows));
}

/** Makes sure that the planned shares have all images. */
function requireAll(plan: string): void {
  const images = plan.trim().split("\n").reduce((sum, line) => sum + JSON.parse(line).images, 0);
  if (images !== IMAGES) throw new Error(`the shares have ${images} images, and there are ${IMAGES}`);
}

if (import.meta.main) await main(Math.max(1, Number(Deno.args[0] ?? 5)));
