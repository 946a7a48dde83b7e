import deno from "../../deno.json" with { type: "json" };
import { finishShares, type Whole, type WhyMissing } from "../decode/finish.ts";
import { wordFailure } from "./failure.ts";
import type { FinishGiven } from "./finish.ts";
import { joinLostLists } from "./lost_list.ts";
import { byteSize, counted, grouped } from "./numbers.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs `unrec finish`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things.
 * @returns The exit code: 0 only if all shares are there and nothing is lost.
 * @throws {UnrecError} If there are no shares, or they are not of one whole.
 */
export async function runFinish({ output, noSpaceCheck, json }: FinishGiven, terminal: Terminal): Promise<number> {
  try {
    const whole = await joinShares(output!, !noSpaceCheck, terminal);
    whole.odd.forEach((warning) => terminal.say(`Warning: ${warning}`));
    const complaints = complaintsOf(whole, output!);
    if (whole.missing.length === 0) {
      const list = joinLostLists(output!, whole.shares);
      if (list !== undefined) terminal.say(`The lost images are listed in ${list}`);
    }
    complaints.forEach((complaint) => terminal.say(complaint));
    const printed = json
      ? terminal.printJson(finishJson(whole, output!, complaints))
      : terminal.print(finishText(whole, output!));
    return complaints.length > 0 ? 1 : printed;
  } catch (error) {
    if (json) terminal.printJson(finishJson(undefined, output!, [wordFailure(error, terminal.commandLine)]));
    throw error;
  }
}

async function joinShares(output: string, checkSpace: boolean, terminal: Terminal): Promise<Whole> {
  let display: ReturnType<Terminal["progress"]> | undefined;
  try {
    return await finishShares(output, {
      version: deno.version,
      checkSpace,
      onWritten(bytes) {
        display ??= terminal.progress({ noun: "joined piece" });
        display.add({ count: 1, bytes });
      },
    });
  } finally {
    display?.[Symbol.dispose]();
  }
}

/** What each reason is in words. */
const WHY: Record<WhyMissing, string> = {
  "not-begun": "not begun",
  "not-ended": "not at its end",
  "files-gone": "without files that it wrote",
  "not-listed": "without its part of the list",
};

/** Shares that are named one by one with the reason. */
const MOST_REASONS = 8;

/** What is wrong with the whole; nothing if it is well. */
function complaintsOf({ shares, missing, lostImages }: Whole, output: string): string[] {
  const complaints: string[] = [];
  if (missing.length > 0) {
    const reasons = missing.slice(0, MOST_REASONS).map(({ index, why }) => `share ${index} is ${WHY[why]}`);
    const more = missing.length - MOST_REASONS;
    complaints.push(
      `Cannot finish ${output}: ${missing.length} of ${counted(shares, "share")} ${
        missing.length === 1 ? "is" : "are"
      } missing: ${reasons.join(", ")}${more > 0 ? ` and ${more} more` : ""}; run ${
        missing.length === 1 ? "it" : "them"
      } again with --shard=I/${shares}, in Slurm with: sbatch --array=${
        rangesOf(missing.map(({ index }) => index))
      } unrec.sbatch`,
    );
  }
  if (lostImages > 0) complaints.push(`${output}: ${counted(lostImages, "image")} could not be read`);
  return complaints;
}

/** Numbers as sbatch(1) takes them: `0-5,17`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const before = ranges.at(-1);
    if (before !== undefined && before[1] + 1 === number) before[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join(",");
}

function finishText(
  { shares, missing, images, labels, bytes, lostImages, beside, success }: Whole,
  output: string,
): string {
  return table([
    ["shares", missing.length === 0 ? grouped(shares) : `${grouped(shares - missing.length)} of ${grouped(shares)}`],
    ["labels", grouped(labels)],
    ["images", grouped(images)],
    ...lostImages === 0 ? [] : [["lost images", grouped(lostImages)] as const],
    ["bytes", `${grouped(bytes)} (${byteSize(bytes)})`],
    ["written to", output],
    ...missing.length === 0 ? beside.map((list) => ["listed in", list] as const) : [],
    ...missing.length === 0 ? [["all is there", `${success} says so`] as const] : [],
  ], 18);
}

/** It has the same keys whatever came of it; what is not known is null. */
function finishJson(whole: Whole | undefined, output: string, complaints: readonly string[]): string {
  return JSON.stringify({
    ok: complaints.length === 0,
    complaints,
    shares: whole?.shares ?? null,
    missing: whole?.missing ?? null,
    labels: whole?.labels ?? null,
    images: whole?.images ?? null,
    lostImages: whole?.lostImages ?? null,
    bytes: whole?.bytes ?? null,
    lists: whole?.beside ?? null,
    output,
  });
}
