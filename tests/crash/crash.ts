/**
 * Attacks runs of the command line on and on: kills, signals, full disks, several at once; and sees that the same
 * command then writes the very tree of a run that was left alone.
 *
 *     deno task crash [ENDED [SEED [TARGET]]]
 *
 * It goes on until so many processes were ended, for ever if no number is given; with TARGET only runs whose names contain
 * that are attacked, such as `shares`.
 *
 * A failure names its round, its attack and the seed: the same command with that seed does the same again, as far as a
 * system lets processes run alike.
 */
import { assertEquals } from "@std/assert";
import { type Finished, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf } from "../tree.ts";
import { seededRandom } from "../write_dataset.ts";
import { ATTACKS } from "./attacks.ts";
import { makeInputs, type Target } from "./inputs.ts";
import { finish, type Random } from "./processes.ts";

/** How many rounds of each attack were run, and how many processes were ended in them. */
export type CrashCounts = Record<string, { rounds: number; ended: number }>;

/** No run is attacked more often; then it is left alone. */
const MOST_ATTACKS = 40;

/**
 * Attacks runs.
 *
 * @param ended How many processes are to be ended, at least.
 * @param seed Where the random numbers begin.
 * @param onRound Told the counts after each round.
 * @param only What the names of the runs that are attacked contain.
 * @returns The counts.
 * @throws {Error} At the first run that does not recover, with what is needed to meet it again.
 */
export async function crash(
  ended: number,
  seed: number,
  onRound?: (counts: CrashCounts) => void,
  only = "",
): Promise<CrashCounts> {
  // In memory where there is such a folder, so that no disk decides how long it takes.
  using folder = temporaryFolder("/dev/shm");
  const targets = (await makeInputs(folder.path)).filter(({ name }) => name.includes(only));
  const names = Object.keys(ATTACKS);
  const counts: CrashCounts = Object.fromEntries(names.map((name) => [name, { rounds: 0, ended: 0 }]));
  let sum = 0;
  for (let round = 0; sum < ended; round++) {
    // Each round has numbers of its own, so that it can be run without those before it.
    const random = seededRandom(seed * 1e6 + round);
    const name = names[round % names.length];
    const target = targets[Math.floor(random() * targets.length)];
    try {
      const count = await attackRun(name, target, `${folder.path}/round`, random);
      counts[name].rounds++;
      counts[name].ended += count;
      sum += count;
    } catch (error) {
      const message = `Round ${round} (${name}, ${target.name}), seed ${seed}: ${(error as Error).message}`;
      throw new Error(message, { cause: error });
    }
    onRound?.(counts);
  }
  return counts;
}

/** One run: attacked until it is through, or often enough; then left alone. Returns how many processes were ended. */
async function attackRun(name: string, target: Target, folder: string, random: Random): Promise<number> {
  Deno.mkdirSync(folder);
  using place = ATTACKS[name].place(folder);
  const output = `${place.path}/images`;
  // The folder of a file is not made by those who write it.
  if (target.whole !== undefined) Deno.mkdirSync(output, { recursive: true });
  const shares = sharesOf(target);
  let count = 0;
  try {
    // Of shares each attack meets another one, and one that came through says nothing of the others.
    for (let attack = 0, unharmed = 0; attack < MOST_ATTACKS && unharmed < shares.length; attack++) {
      const share = shares[Math.floor(random() * shares.length)];
      const args = [...target.args(output), ...share, ...ways(random, target), "--quiet"];
      const ended = await ATTACKS[name].attack({ args, output, place, random });
      if (ended === 0) unharmed++;
      count += ended;
    }
    place.relieve();
    for (const share of shares) requireWell(await finish([...target.args(output), ...share]));
    if (target.shares !== undefined) {
      requireWell(await runUnrec("finish", `--output=${target.whole?.(output) ?? output}`));
    }
    assertEquals(treeOf(output), target.tree);
    assertEquals(target.kept === undefined ? undefined : treeOf(`${output}.kept`), target.kept);
    for (const share of shares) {
      const again = await finish([...target.args(output), ...share]);
      assertEquals([again.code, again.stdout.split(":")[0]], [0, "Already complete"], again.stderr);
    }
  } finally {
    place[Symbol.dispose]();
    Deno.removeSync(folder, { recursive: true });
  }
  return count;
}

/** The options of each run that it takes to write a target. */
function sharesOf({ shares }: Target): string[][] {
  return shares === undefined ? [[]] : Array.from({ length: shares }, (_, i) => [`--shard=${i}/${shares}`]);
}

function requireWell({ code, stderr }: Finished): void {
  assertEquals(code, 0, stderr);
}

/** Options that do not change what is written. */
function ways(random: Random, { isArchive }: Target): string[] {
  const one = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)];
  const skip = !isArchive && random() < 0.2 ? ["--on-error=skip"] : [];
  return [
    `--chunk-size=${one(["256", "1K", "64K"])}`,
    `--jobs=${1 + Math.floor(random() * 4)}`,
    `--engine=${one(["wasm", "ts"])}`,
    ...skip,
  ];
}

if (import.meta.main) {
  const [ended = Infinity, seed = Math.floor(Math.random() * 1e6)] = Deno.args.slice(0, 2).map(Number);
  console.log(`Seed ${seed}`);
  let shown = performance.now();
  const show = (counts: CrashCounts) => {
    if (performance.now() - shown < 10_000) return;
    shown = performance.now();
    console.log(JSON.stringify(counts));
  };
  console.log(JSON.stringify(await crash(ended, seed, show, Deno.args[2])));
}
