/**
 * Runs the fuzz targets on and on, until one fails or for a number of cases.
 *
 *     deno task fuzz [CASES [SEED]]
 *
 * A failure names its target, its case and the seed: the same command with that seed meets it again.
 */
import { memory } from "../../src/wasm/decoder.wasm";
import { temporaryFolder } from "../temporary_folder.ts";
import { seededRandom } from "../write_dataset.ts";
import { outputTarget } from "./output_target.ts";
import { datasetTarget, type FuzzTarget, indexTarget, pickleTarget, recordTarget } from "./targets.ts";
import { checksumsTarget, journalTarget } from "./text_targets.ts";

/** The targets, and how many cases of a hundred each has: a whole run takes a hundred times as long as a scan. */
const TARGETS: Record<string, [cases: number, make: (folder: string) => FuzzTarget | Promise<FuzzTarget>]> = {
  records: [38, recordTarget],
  index: [38, indexTarget],
  pickle: [6, pickleTarget],
  journal: [8, journalTarget],
  checksums: [4, checksumsTarget],
  dataset: [4, datasetTarget],
  output: [2, outputTarget],
};
const CASES_A_ROUND = Object.values(TARGETS).reduce((sum, [cases]) => sum + cases, 0);
/** No case needs more linear memory: chunks are small, and so are the files that headers are believed in. */
const MOST_LINEAR_MEMORY = 2 ** 26;

/** How many cases of each target were run. */
export type FuzzCounts = Record<string, number>;

/**
 * Runs fuzz targets.
 *
 * @param cases How many cases, of all targets together; rounded up.
 * @param seed Where the random numbers begin.
 * @param onRound Told the counts after each hundred cases.
 * @returns The counts.
 * @throws {Error} At the first case that fails, with what is needed to meet it again.
 */
export async function fuzz(cases: number, seed: number, onRound?: (counts: FuzzCounts) => void): Promise<FuzzCounts> {
  // In memory where there is such a folder, so that no disk decides how long it takes.
  using folder = temporaryFolder("/dev/shm");
  const targets: Record<string, FuzzTarget> = {};
  const counts: FuzzCounts = {};
  for (const [name, [, make]] of Object.entries(TARGETS)) {
    Deno.mkdirSync(`${folder.path}/${name}`);
    targets[name] = await make(`${folder.path}/${name}`);
    counts[name] = 0;
  }
  for (let round = 0; round * CASES_A_ROUND < cases; round++) {
    for (const [name, [times]] of Object.entries(TARGETS)) {
      for (let i = 0; i < times; i++) {
        const number = counts[name]++;
        try {
          // Each case has numbers of its own, so that it can be run without those before it.
          await targets[name](seededRandom(seed * 1e6 + number));
        } catch (error) {
          throw new Error(`Target ${name}, case ${number}, seed ${seed}: ${(error as Error).message}`, {
            cause: error,
          });
        }
      }
    }
    if (memory.buffer.byteLength > MOST_LINEAR_MEMORY) {
      throw new Error(`Linear memory has ${memory.buffer.byteLength} bytes after round ${round}, seed ${seed}`);
    }
    onRound?.(counts);
  }
  return counts;
}

if (import.meta.main) {
  const [cases = Infinity, seed = Math.floor(Math.random() * 1e6)] = Deno.args.map(Number);
  console.log(`Seed ${seed}`);
  let shown = performance.now();
  console.log(
    await fuzz(cases, seed, (counts) => {
      if (performance.now() - shown < 10_000) return;
      shown = performance.now();
      console.log(JSON.stringify(counts));
    }),
  );
}
