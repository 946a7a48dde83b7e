/** Meeting a run in its midst, on any machine: it is halted as soon as it has begun, and has long not ended by then. */
import { faces, type TestRecord, writeDataset } from "./write_dataset.ts";

/** Images of {@linkcode writeMany}: writing them takes a thousand times as long as it takes to halt a process. */
export const MANY = 40_000;

/** Writes a dataset of small images, 2,000 of each of 20 people, and returns its records. */
export function writeMany(folder: string): TestRecord[] {
  const records = [...faces({ identities: 20, images: MANY, bytes: [10, 40], record0: "first" })];
  writeDataset(folder, records);
  return records;
}

/**
 * Halts a process.
 *
 * @param pid Its number.
 * @param hasBegun Whether it has done what is waited for.
 */
export async function haltWhen(pid: number, hasBegun: () => boolean): Promise<void> {
  while (!hasBegun()) await new Promise((resolve) => setTimeout(resolve, 1));
  Deno.kill(pid, "SIGSTOP");
}

/** Lets a process that was halted go on. */
export function letGoOn(pid: number): void {
  Deno.kill(pid, "SIGCONT");
}
