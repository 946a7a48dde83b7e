import { assert, assertMatch } from "@std/assert";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { type Ended, progressOf, type Random, watch } from "./processes.ts";

/** Where a run writes. */
export interface Place extends Disposable {
  /** The folder. */
  path: string;
  /** Makes it as roomy as a run needs that is left alone. */
  relieve(): void;
  /** Makes it so small that a run ends early; only where the file system is the attack's own. */
  narrow?(kilobytes: number): void;
}

/** A run under attack. */
export interface Attacked {
  /** Its arguments. */
  args: string[];
  /** Its output folder. */
  output: string;
  /** Where that is. */
  place: Place;
  random: Random;
}

/** A way to end runs early. */
interface Attack {
  /** Makes the place it writes to. */
  place(folder: string): Place;
  /** Attacks a run once; returns how many processes ended early, 0 if it came through. */
  attack(run: Attacked): Promise<number>;
}

/** Every attack, by name. A new one is a line here. */
export const ATTACKS: Record<string, Attack> = {
  "kill": { place: anyFolder, attack: kill },
  "signal": { place: anyFolder, attack: signal },
  "two at once": { place: anyFolder, attack: twoAtOnce },
  "full disk": { place: smallDisk, attack: fullDisk },
};

/** Room for all that a run writes that is left alone. */
const DISK_KILOBYTES = 192 * 1024;

function anyFolder(path: string): Place {
  return { path, relieve() {}, [Symbol.dispose]() {} };
}

/** A file system of its own where that is allowed; else a folder, and nothing is ended there. */
function smallDisk(folder: string): Place {
  const path = `${folder}/disk`;
  if (WHY_NO_SMALL_DISK !== undefined) return anyFolder(folder);
  const disk = mountSmall(path, `size=${DISK_KILOBYTES}k`);
  let mounted = true;
  return {
    path,
    relieve: () => disk.remount(`size=${DISK_KILOBYTES}k`),
    narrow: (kilobytes) => disk.remount(`size=${kilobytes}k`),
    [Symbol.dispose]() {
      if (mounted) disk[Symbol.dispose]();
      mounted = false;
    },
  };
}

/** Ends a run when its output is a random way farther than it was. */
async function endLater({ args, output, random }: Attacked, signal: Deno.Signal): Promise<Ended> {
  const until = progressOf(output) + Math.floor(random() * 1500);
  return await watch(args, () => progressOf(output) > until, (child) => child.kill(signal));
}

async function kill(run: Attacked): Promise<number> {
  const { code, signal, stderr } = await endLater(run, "SIGKILL");
  assert(signal === "SIGKILL" || code === 0, stderr);
  return signal === "SIGKILL" ? 1 : 0;
}

const SIGNALS: [Deno.Signal, number][] = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]];

async function signal(run: Attacked): Promise<number> {
  const [name, expected] = SIGNALS[Math.floor(run.random() * SIGNALS.length)];
  const { code, signal, stderr } = await endLater(run, name);
  // One that came before the program listens for it ends the process as it ends any.
  assert(code === 0 || code === expected || signal === name, `exit ${code}, signal ${signal}: ${stderr}`);
  if (code === 0) return 0;
  if (signal === null) assertMatch(stderr, /^unrec: Interrupted: /m);
  return 1;
}

/** Two runs of the same command: one is refused, or finds all done; the other one is killed. */
async function twoAtOnce(run: Attacked): Promise<number> {
  const [one, other] = await Promise.all([endLater(run, "SIGKILL"), endLater(run, "SIGKILL")]);
  let ended = 0;
  for (const { code, signal, stderr } of [one, other]) {
    if (signal === "SIGKILL") ended++;
    else if (code !== 0) {
      assertMatch(stderr, /another unrec|another run/i);
      ended++;
    }
  }
  return ended;
}

async function fullDisk({ args, place, random }: Attacked): Promise<number> {
  if (place.narrow === undefined) return 0;
  let kilobytes = 200 + Math.floor(random() * 12_000);
  try {
    place.narrow(kilobytes);
  } catch {
    // It holds more already.
    kilobytes = DISK_KILOBYTES;
    place.relieve();
  }
  const { code, stderr } = await watch([...args, "--no-space-check"], () => false, () => {});
  if (code === 0) return 0;
  assertMatch(stderr, /disk is full/);
  return 1;
}
