/**
 * Straight from the download: a tar.gz of 200,000 images in seven parts (1.2 GB) to the folder tree, against what is done
 * without it, `cat parts | tar xz` and then the decoding of what that wrote; and the memory of it beside that for a tenth
 * of the images.
 *
 *     deno task measure bench/archive.ts [ROUNDS]
 *
 * All files lie in memory (/dev/shm; about 5 GB of it). Times are those of whole processes. The programs take turns.
 */
import { fileURLToPath } from "node:url";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { RUN } from "../tests/run_unrec.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";

const IMAGES = 200_000;
const IDENTITIES = 5_000;
const PARTS = 7;
const MOST_OF_TWO_STEPS = 0.6;

async function main(rounds: number): Promise<void> {
  using scratch = new Scratch();
  const output = `${scratch.path}/tree`;
  const unpacked = `${scratch.path}/unpacked`;
  const parts = makeParts(scratch, "large", IMAGES, IDENTITIES);
  const tenth = makeParts(scratch, "small", IMAGES / 10, IDENTITIES / 10);
  const unrec = (include: string, jobs: number) =>
    `"${Deno.execPath()}" ${
      RUN.map((arg) => `"${arg}"`).join(" ")
    } --include=${include} --output=${output} --jobs=${jobs} --quiet`;
  const unpack = `mkdir ${unpacked} && cat ${parts}* | tar xz -C ${unpacked}`;
  const contestants = [
    { name: "cat | tar xz, then unrec, 2 jobs", command: `${unpack} && ${unrec(`${unpacked}/large`, 2)}` },
    { name: "unrec from the parts, 2 jobs", command: unrec(`${parts}00`, 2) },
    { name: "unrec from the parts, 2 jobs, --no-checksum", command: `${unrec(`${parts}00`, 2)} --no-checksum` },
    { name: "unrec from the parts, 1 job", command: unrec(`${parts}00`, 1) },
    { name: "cat | tar xz alone", command: unpack },
    { name: "cat | gzip -dc, thrown away", command: `cat ${parts}* | gzip -dc >/dev/null` },
    { name: "node:zlib in Deno, thrown away", command: `"${Deno.execPath()}" run -A "${inflateAlone()}" ${parts}` },
  ].map((contestant) => ({ ...contestant, wall: [] as number[], user: [] as number[], system: [] as number[] }));

  for (let round = 0; round < rounds; round++) {
    for (const { name, command, wall, user, system } of contestants) {
      scratch.remove(output);
      scratch.remove(unpacked);
      const run = runProcess(["sh", "-c", command]);
      wall.push(run.wall);
      user.push(run.user);
      system.push(run.system);
      console.error(`round ${round + 1}: ${name} ${run.wall.toFixed(2)} s`);
    }
  }
  const [twoSteps, oneStep] = contestants.map(({ wall }) => median(wall));
  const rows = contestants.map(({ name, wall, user, system }) => [
    name,
    Math.min(...wall).toFixed(2),
    ...[wall, user, system].map((times) => median(times).toFixed(2)),
    (median(wall) / twoSteps).toFixed(2),
  ]);
  console.log(markdownTable(["program", "least s", "median s", "user s", "kernel s", "of two steps"], rows));
  const ratio = oneStep / twoSteps;
  console.log(
    `\none step / two steps ${ratio.toFixed(2)}, at most ${MOST_OF_TWO_STEPS.toFixed(2)} wanted: ` +
      `${ratio <= MOST_OF_TWO_STEPS ? "reached" : "missed"}\n`,
  );

  const memory = [];
  for (const [name, include] of [[`${IMAGES / 10} images`, `${tenth}00`], [`${IMAGES} images`, `${parts}00`]]) {
    for (const jobs of [1, 2]) {
      scratch.remove(output);
      const peak = await peakMemory(["sh", "-c", unrec(include, jobs)]);
      memory.push([`${name}, ${jobs} ${jobs === 1 ? "job" : "jobs"}`, (peak / 1e6).toFixed(0)]);
    }
  }
  console.log(markdownTable(["archive", "peak MB"], memory));
}

/** Makes a dataset and packs it into parts; returns their path up to the number. */
function makeParts(scratch: Scratch, name: string, images: number, identities: number): string {
  const dataset = `${scratch.path}/${name}`;
  writeDataset(dataset, faces({ identities, images, bytes: [4000, 8000], record0: "first" }));
  const bytes = Math.ceil(Deno.statSync(`${dataset}/train.rec`).size / PARTS * 1.01);
  const stem = `${scratch.path}/${name}_part_`;
  runProcess(["sh", "-c", `tar cz -C ${scratch.path} ${name} | split -b ${bytes} -d - ${stem}`]);
  scratch.remove(dataset);
  return stem;
}

function inflateAlone(): string {
  return fileURLToPath(new URL("inflate_alone.ts", import.meta.url));
}

if (import.meta.main) await main(Math.max(1, Number(Deno.args[0] ?? 5)));
