/**
 * What shuffling costs: 2,000,000 images to WebDataset shards, in reading order and shuffled; and to Parquet.
 *
 *     deno task measure bench/shuffle.ts [IMAGES [BYTES [FOLDER]]]
 *
 * Images have BYTES bytes, 6,000 where nothing is said. Input, what is set aside and output lie in FOLDER, a temporary one
 * where nothing is said, on a disk: 2,000,000 take 13 GB each. Times are those of whole processes; memory is the most that
 * one had at any time, and disk the most that there was of what is set aside.
 */
import { RUN } from "../tests/run_unrec.ts";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { markdownTable } from "./markdown_table.ts";
import { peakMemory } from "./peak_memory.ts";
import { runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";

const WAYS = ["webdataset", "webdataset --shuffle", "parquet", "parquet --shuffle"];

async function main(images: number, bytes: number, folder: string | undefined): Promise<void> {
  using scratch = new Scratch(false, folder);
  const [dataset, output] = ["dataset", "output"].map((name) => `${scratch.path}/${name}`);
  const identities = Math.ceil(images / 40);
  writeDataset(dataset, faces({ identities, images, bytes: [bytes / 2, bytes * 3 / 2], record0: "first" }));
  const size = Deno.statSync(`${dataset}/train.rec`).size;
  const rows: string[][] = [];
  for (const way of WAYS) {
    const command = [Deno.execPath(), ...RUN, `--include=${dataset}`, `--output=${output}`, "--quiet", "--jobs=2"];
    command.push(...`--format=${way}`.split(" "));
    const { wall, user, system, others } = runProcess(command);
    scratch.remove(output);
    const peak = await peakMemory(command);
    scratch.remove(output);
    const row = [way, wall.toFixed(1), user.toFixed(1), system.toFixed(1), (size / wall / 1e9).toFixed(2)];
    rows.push([...row, (peak / 1e6).toFixed(0)]);
    console.error(`${way}: ${wall.toFixed(1)} s, others ${others.toFixed(1)} s`);
  }
  console.log(
    `${images} images, ${(size / 1e9).toFixed(1)} GB, 2 jobs; user and kernel: processor time of all threads\n`,
  );
  console.log(markdownTable(["--format", "wall s", "user s", "kernel s", "GB/s", "peak MB"], rows));
}

if (import.meta.main) {
  const [images = "2000000", bytes = "6000", folder] = Deno.args;
  await main(Number(images), Number(bytes), folder);
}
