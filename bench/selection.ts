/**
 * Decodes 1,000 people out of a set of the size of Glint360K: 17,507,700 index lines, 416,042 identity records.
 *
 *     deno task measure bench/selection.ts [ROUNDS]
 *
 * `train.rec` has 137 GB and is sparse: of the images there are the first bytes of those that are looked at, a page of
 * memory each. All lies in /dev/shm where there is one, 3 GB. Times are those of whole processes.
 */
import { openDataset } from "../src/source/dataset_source.ts";
import { RUN } from "../tests/run_unrec.ts";
import { INDEX_LINES } from "./glint360k.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";
import { addImages, writeSparseDataset } from "./sparse_dataset.ts";

/** People who are drawn. */
const PEOPLE = 1000;

async function main(rounds: number): Promise<void> {
  using scratch = new Scratch();
  const dataset = `${scratch.path}/large`;
  const output = `${scratch.path}/tree`;
  writeSparseDataset(dataset, true);
  const images = await addDrawn(dataset);
  const ways: [string, string[]][] = [
    ["--dry-run, all", ["--dry-run"]],
    [`--dry-run --sample=${PEOPLE}`, ["--dry-run", `--sample=${PEOPLE}`]],
    [`--sample=${PEOPLE} --jobs=1`, [`--output=${output}`, `--sample=${PEOPLE}`, "--jobs=1"]],
    [`--sample=${PEOPLE} --jobs=2`, [`--output=${output}`, `--sample=${PEOPLE}`, "--jobs=2"]],
  ];
  const rows: string[][] = [];
  for (const [name, options] of ways) {
    const command = [Deno.execPath(), ...RUN, `--include=${dataset}`, ...options, "--quiet", "--json"];
    const wall: number[] = [];
    const user: number[] = [];
    const system: number[] = [];
    let written = 0;
    for (let round = 0; round < rounds; round++) {
      scratch.remove(output);
      const run = runProcess(command);
      written = JSON.parse(run.stdout).images;
      if (options.length > 1 && written !== images) throw new Error(`${written} images, and ${images} were drawn`);
      wall.push(run.wall);
      user.push(run.user);
      system.push(run.system);
    }
    scratch.remove(output);
    const peak = await peakMemory(command);
    const times = [Math.min(...wall), median(wall), median(user), median(system)].map((seconds) => seconds.toFixed(2));
    rows.push([name, written.toLocaleString("en"), ...times, (peak / 1e6).toFixed(0)]);
  }
  console.log(`\n${INDEX_LINES.toLocaleString("en")} index lines\n`);
  console.log(markdownTable(["", "images", "least s", "median s", "user s", "kernel s", "peak MB"], rows));
}

/** Puts the images of the people who will be drawn into the dataset. Returns how many. */
async function addDrawn(path: string): Promise<number> {
  using dataset = await openDataset(path, { select: { sample: PEOPLE } });
  const { order } = dataset.layout;
  addImages(path, Array.from({ length: order.length }, (_, place) => dataset.index.keys.at(order.at(place))));
  return order.length;
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 3));
