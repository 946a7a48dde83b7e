/** A process that is killed, over and over, at seeded lengths of its journal: what it leaves is gone on with. */
import { assert, assertEquals } from "@std/assert";
import { runUnrec, startUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf } from "../tree.ts";
import { faces, seededRandom, writeDataset } from "../write_dataset.ts";

/** At least so many processes are killed. */
const KILLS = 50;

/** Kills a process as soon as its journal has so many bytes; -1 as soon as it is there. Returns whether it was killed. */
async function killAt(args: string[], journal: string, bytes: number): Promise<boolean> {
  const child = startUnrec(args);
  let running = true;
  const status = child.status.finally(() => running = false);
  const output = Promise.all([child.stdout, child.stderr].map((stream) => new Response(stream).text()));
  while (running) {
    // Many looks at a time, for the loop of events comes back but once in a millisecond.
    for (let look = 0; look < 100 && running; look++) {
      if (sizeOf(journal) <= bytes) continue;
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      running = false;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  const [, said] = await output;
  const { code, signal } = await status;
  assert(signal === "SIGKILL" || code === 0, said);
  return signal === "SIGKILL";
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return -1;
  }
}

Deno.test(`a process killed ${KILLS} times at seeded points loses nothing`, async () => {
  // In memory where there is such a folder, so that no disk decides how long it takes.
  using folder = temporaryFolder("/dev/shm");
  for (const [name, firstLabel] of [["a", 3], ["b", 0]] as const) {
    const bytes: [number, number] = [100, 900];
    const options = { identities: 40, images: 1500, bytes, record0: "first" as const, firstLabel, seed: firstLabel };
    writeDataset(`${folder.path}/${name}`, faces(options));
  }
  const random = seededRandom(77);
  let kills = 0;
  for (let run = 0; kills < KILLS; run++) {
    assert(run < KILLS, `only ${kills} processes could be killed`);
    const output = `${folder.path}/images${run}`;
    const journal = `${output}/.unrec-journal`;
    const args = [
      ...[`--include=${folder.path}/a,${folder.path}/b`, `--output=${output}`],
      ...["--quiet", ...(run % 2 === 0 ? ["--relabel"] : [])],
    ];
    // Each process has other options of those that do not change what is written; small tasks are the first one's choice.
    let ways = ["--chunk-size=1K", `--jobs=${1 + run % 3}`];
    for (let bytes = -1;; bytes = Math.max(bytes, sizeOf(journal)) + Math.floor(random() * 8000)) {
      if (!await killAt([...args, ...ways], journal, bytes)) break;
      kills++;
      const [chunk, engine] = [["256", "1K", "8M"], ["wasm", "ts"]].map((of) => of[Math.floor(random() * of.length)]);
      ways = [`--chunk-size=${chunk}`, `--jobs=${1 + Math.floor(random() * 4)}`, `--engine=${engine}`];
      if (random() < 0.2) ways.push("--on-error=skip");
    }
    const { code, stdout, stderr } = await runUnrec(...args);
    assertEquals([code, stdout.split(":")[0], stderr], [0, "Already complete", ""]);
    // The tree of a run that was left alone, by the same options.
    const whole = `${folder.path}/whole${run % 2}`;
    if (run < 2) {
      const alone = await runUnrec(...args.map((arg) => arg.replace(output, whole)), "--chunk-size=1K");
      assertEquals(alone.code, 0);
    }
    assertEquals(treeOf(output), treeOf(whole));
    Deno.removeSync(output, { recursive: true });
  }
  console.log(`${kills} processes killed`);
});
