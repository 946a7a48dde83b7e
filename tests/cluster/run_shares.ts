import { assertEquals } from "@std/assert";
import { type Finished, runUnrec } from "../run_unrec.ts";

/** Runs a command that has to succeed. */
export async function succeed(...args: string[]): Promise<Finished> {
  const finished = await runUnrec(...args, "--quiet");
  assertEquals(finished.code, 0, `${args.join(" ")}: ${finished.stderr}`);
  return finished;
}

/** Finishes shares. */
export async function finish(output: string): Promise<Finished> {
  return await runUnrec("finish", `--output=${output}`);
}
