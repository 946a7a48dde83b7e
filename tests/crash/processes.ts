import { JOURNAL } from "../tree.ts";
import { type Finished, runUnrec, startUnrec } from "../run_unrec.ts";

/** Gives numbers from 0 to 1. */
export type Random = () => number;

/** How a process that was watched ended. */
export interface Ended extends Finished {
  /** The signal that ended it, if one did. */
  signal: Deno.Signal | null;
}

/** Runs the command line to its end. */
export async function finish(args: string[]): Promise<Finished> {
  return await runUnrec(...args, "--quiet");
}

/**
 * Runs the command line, and does something as soon as its output is so far.
 *
 * @param args Its arguments.
 * @param isReached Whether it is so far.
 * @param act What is done then, once.
 */
export async function watch(
  args: string[],
  isReached: () => boolean,
  act: (child: Deno.ChildProcess) => void,
): Promise<Ended> {
  const child = startUnrec(args);
  let running = true;
  const status = child.status.finally(() => running = false);
  const said = Promise.all([child.stdout, child.stderr].map((stream) => new Response(stream).text()));
  while (running) {
    // Many looks at a time, for the loop of events comes back but once in a millisecond.
    for (let look = 0; look < 50 && running; look++) {
      if (!isReached()) continue;
      try {
        act(child);
      } catch {
        // It has ended by itself.
      }
      running = false;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  const [stdout, stderr] = await said;
  return { ...await status, stdout, stderr };
}

/**
 * How far an output is, as a number that grows while it is written: bytes of its journals and entries of the folder, and
 * those of folders of pieces in it.
 *
 * @param output The folder; -1 if it is not there.
 */
export function progressOf(output: string): number {
  try {
    let progress = 0;
    for (const { name, isDirectory } of Deno.readDirSync(output)) {
      progress += 64 + (name.startsWith(JOURNAL) ? Deno.lstatSync(`${output}/${name}`).size : 0);
      if (isDirectory && name.endsWith(".parts")) progress += progressOf(`${output}/${name}`);
    }
    return progress;
  } catch {
    return -1;
  }
}
