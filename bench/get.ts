/**
 * `unrec get` on a dataset of the size of Glint360K: from the start of the process to the first byte of the image.
 *
 *     deno task measure bench/get.ts
 *
 * The index has 17,507,700 lines, 360 MB; `train.rec` is sparse, and only the images that are asked for are really there.
 */
import { SAMPLE_IMAGES } from "../src/info/dataset_info.ts";
import { spreadPlaces } from "../src/dataset/spread.ts";
import { RUN } from "../tests/run_unrec.ts";
import { IMAGES } from "./glint360k.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { Scratch } from "./scratch.ts";
import { writeSparseDataset } from "./sparse_dataset.ts";

const RUNS = 15;
/** Seconds. */
const MOST = 0.08;
/** Some of the images that are there: the first one, the last one, and between. */
const PLACES = [...spreadPlaces(IMAGES, SAMPLE_IMAGES)];
const KEYS = [0, 1, 300, 720, PLACES.length - 1].map((i) => 1 + PLACES[i]);

async function main(): Promise<void> {
  using scratch = new Scratch();
  const folder = `${scratch.path}/set`;
  writeSparseDataset(folder, true);
  const rows: string[][] = [];
  for (const key of KEYS) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) times.push(await timeToByte("get", `${key}`, `--include=${folder}`));
    const ms = [Math.min(...times), median(times)].map((seconds) => (1000 * seconds).toFixed(0));
    rows.push([`key ${key.toLocaleString("en")}`, ...ms, median(times) <= MOST ? "reached" : "missed"]);
  }
  console.log(markdownTable(["unrec get", "least ms", "median ms", `${1000 * MOST} ms wanted`], rows));
}

/** Seconds from the start of a process to the first byte of what it prints. */
async function timeToByte(...args: string[]): Promise<number> {
  const begin = performance.now();
  const process = new Deno.Command(Deno.execPath(), { args: [...RUN, ...args], stdout: "piped", stdin: "null" })
    .spawn();
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  const seconds = (performance.now() - begin) / 1000;
  if (value === undefined) throw new Error("nothing came");
  while (!(await reader.read()).done);
  if ((await process.status).code !== 0) throw new Error(`${args.join(" ")} failed`);
  return seconds;
}

if (import.meta.main) await main();
