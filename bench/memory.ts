/**
 * Peak memory, and the time to load a large index.
 *
 *     deno task measure bench/memory.ts
 *
 * - A dataset of 200,000 images (1.2 GB) is decoded with 1 and with 2 jobs.
 * - A dataset of the size of Glint360K, 17,507,700 records, is opened with `--dry-run`. Its `train.rec` has 137 GB and
 *   is sparse: only record 0 and the identity records, which the layout is read from, are really there.
 * - The index of the latter is loaded into memory, and by the loop that loading it amounts to in Python.
 *
 * All files lie in /dev/shm where there is one; at most about 3 GB at once.
 */
import { FileSource } from "../src/bytes/file_source.ts";
import { readAll } from "../src/bytes/reading.ts";
import { readIndex } from "../src/dataset/read_index.ts";
import { wasmEngine } from "../src/wasm/wasm_engine.ts";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { RUN } from "../tests/run_unrec.ts";
import { INDEX_LINES } from "./glint360k.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { isRunnable, runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";
import { writeSparseDataset } from "./sparse_dataset.ts";

const MB = 1e6;
/** What unrec may take. */
const bound = (jobs: number, records: number) => 150 * MB + 40 * MB * jobs + 10 * records;
/** What it may take to open a dataset of the size of Glint360K. */
const INDEX_BOUND = 330 * MB;
const LEAST_SPEEDUP = 20;

async function main(): Promise<void> {
  using scratch = new Scratch();
  const rows: string[][] = [];

  const small = `${scratch.path}/small`;
  const output = `${scratch.path}/tree`;
  const images = 200_000;
  const identities = 5_000;
  writeDataset(small, faces({ identities, images, bytes: [4000, 8000], record0: "first" }));
  for (const jobs of [1, 2]) {
    const peak = await peakMemory(unrec(small, `--output=${output}`, `--jobs=${jobs}`));
    rows.push(memoryRow(`decode, --jobs=${jobs}`, 1 + images + identities, peak, bound(jobs, 1 + images + identities)));
    scratch.remove(output);
  }
  scratch.remove(small);

  const large = `${scratch.path}/large`;
  writeSparseDataset(large);
  const peak = await peakMemory(unrec(large, "--dry-run", "--jobs=1"));
  rows.push(memoryRow("--dry-run, --jobs=1", INDEX_LINES, peak, bound(1, INDEX_LINES)));
  rows.push(memoryRow("the same", INDEX_LINES, peak, INDEX_BOUND));
  console.log(`\n${markdownTable(["unrec", "records", "peak MB", "at most MB", ""], rows)}\n`);

  await compareIndexLoading(`${large}/train.idx`);
}

function unrec(dataset: string, ...options: string[]): string[] {
  return [Deno.execPath(), ...RUN, `--include=${dataset}`, "--quiet", ...options];
}

function memoryRow(name: string, records: number, peak: number, most: number): string[] {
  const verdict = peak <= most ? "reached" : "missed";
  return [name, records.toLocaleString("en"), (peak / MB).toFixed(0), (most / MB).toFixed(0), verdict];
}

const PYTHON_LOOP = `
import resource, sys, time
begin = time.perf_counter()
d = {}
with open(sys.argv[1]) as f:
    for line in f:
        k, v = line.split()
        d[int(k)] = int(v)
print(len(d), time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
`;

async function compareIndexLoading(path: string): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const begin = performance.now();
    const scanner = wasmEngine.createIndexScanner();
    using file = new FileSource(path);
    const { rows } = await readAll(readIndex(path, file.size, scanner), file);
    scanner.close();
    times.push((performance.now() - begin) / 1000);
    if (rows !== INDEX_LINES) throw new Error(`readIndex found ${rows} lines`);
  }
  const unrec = median(times);
  const runs = times.map((time) => time.toFixed(3)).join(", ");
  console.log(`Index of ${INDEX_LINES.toLocaleString("en")} lines: readIndex ${unrec.toFixed(3)} s (${runs})`);
  if (!isRunnable(["python3", "--version"])) {
    console.log("The Python loop is left out: there is no python3.");
    return;
  }
  const [lines, python, kilobytes] = runProcess(["python3", "-c", PYTHON_LOOP, path]).stdout.split(" ").map(Number);
  if (lines !== INDEX_LINES) throw new Error(`Python found ${lines} lines`);
  const speedup = python / unrec;
  console.log(
    `Python loop ${python.toFixed(2)} s and ${(kilobytes * 1024 / MB).toFixed(0)} MB at its peak: readIndex is ` +
      `${speedup.toFixed(0)} times as fast, at least ${LEAST_SPEEDUP} wanted: ` +
      (speedup >= LEAST_SPEEDUP ? "reached" : "missed"),
  );
}

if (import.meta.main) await main();
