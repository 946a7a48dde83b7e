/**
 * Datasets at URLs: decoding 200,000 images (1.2 GB) from nginx on this machine beside decoding the file, in turns; and
 * how many requests and bytes it takes to look into a set of the size of Glint360K.
 *
 *     deno task measure bench/url.ts [ROUNDS]
 *
 * All files lie in memory (/dev/shm; about 3 GB of it). Times are those of whole processes.
 */
import { spreadPlaces } from "../src/dataset/spread.ts";
import { SAMPLE_IMAGES } from "../src/info/dataset_info.ts";
import { RUN } from "../tests/run_unrec.ts";
import { startNginx } from "../tests/http/nginx.ts";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { IMAGES as IMAGES_OF_GLINT360K } from "./glint360k.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { Scratch } from "./scratch.ts";
import { writeSparseDataset } from "./sparse_dataset.ts";

const IMAGES = 200_000;
const IDENTITIES = 5_000;

/** An image in the middle that the sparse set has. */
const KEY = 1 + spreadPlaces(IMAGES_OF_GLINT360K, SAMPLE_IMAGES)[SAMPLE_IMAGES >> 1];

/** What is looked into without reading all of it. */
const LOOKS = [["get", `${KEY}`], ["info"], ["decode", "--dry-run"], ["decode", "--dry-run", "--keys=1-300"]];

async function main(rounds: number): Promise<void> {
  using scratch = new Scratch();
  await using server = await startNginx(scratch.path);
  await measureDecoding(scratch, server.url, rounds);
  await countRequests(scratch, server.url);
}

async function measureDecoding(scratch: Scratch, url: string, rounds: number): Promise<void> {
  const dataset = `${scratch.path}/faces`;
  const output = `${scratch.path}/tree`;
  writeDataset(dataset, faces({ identities: IDENTITIES, images: IMAGES, bytes: [4000, 8000], record0: "first" }));
  const megabytes = Deno.statSync(`${dataset}/train.rec`).size / 1e6;
  const contestants = [1, 2].flatMap((jobs) =>
    [["the file", dataset], ["nginx on this machine", `${url}/faces`]].map(([name, include]) => ({
      name: `${name}, ${jobs} ${jobs === 1 ? "job" : "jobs"}`,
      args: [`--include=${include}`, `--output=${output}`, `--jobs=${jobs}`, "--quiet"],
      wall: [] as number[],
    }))
  );
  for (let round = 0; round < rounds; round++) {
    for (const { name, args, wall } of contestants) {
      scratch.remove(output);
      wall.push((await run(args)).seconds);
      console.error(`round ${round + 1}: ${name} ${wall.at(-1)!.toFixed(2)} s`);
    }
  }
  const rows = contestants.map(({ name, wall }) => [
    name,
    Math.min(...wall).toFixed(2),
    median(wall).toFixed(2),
    (megabytes / median(wall)).toFixed(0),
  ]);
  console.log(markdownTable(["read from", "least s", "median s", "MB/s"], rows));
  scratch.remove(output);
  scratch.remove(dataset);
}

async function countRequests(scratch: Scratch, url: string): Promise<void> {
  writeSparseDataset(`${scratch.path}/glint360k`, true);
  const rows: string[][] = [];
  for (const look of LOOKS) {
    const { stderr, seconds } = await run([...look, `--include=${url}/glint360k`, ...output(look, scratch)]);
    const said = /Over the network: ([\d,]+) requests?, ([\d,]+) bytes/.exec(stderr);
    if (said === null) throw new Error(stderr);
    rows.push([look.join(" "), said[1], said[2], seconds.toFixed(2)]);
  }
  console.log(markdownTable(["command", "requests", "bytes", "s"], rows));
}

function output([command]: string[], scratch: Scratch): string[] {
  return command === "get" ? [`--output=${scratch.path}/image`] : [];
}

/** Runs the command line as a process, while the server's requests are answered. */
async function run(args: string[]): Promise<{ stderr: string; seconds: number }> {
  const begin = performance.now();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: [...RUN, ...args] }).output();
  const text = new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`unrec ${args.join(" ")} ended with ${code}: ${text}`);
  return { stderr: text, seconds: (performance.now() - begin) / 1000 };
}

if (import.meta.main) await main(Math.max(1, Number(Deno.args[0] ?? 5)));
