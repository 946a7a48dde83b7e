import { RefusedError, UnrecError } from "../errors.ts";
import type { SinkStore } from "../sink/sink.ts";
import type { FoundSource, Source } from "../source/source.ts";
import { hasLost, type JournalOptions, surveyOutput } from "./output_state.ts";
import { DecodeError, type DecodeOptions } from "./options.ts";
import { Run } from "./run.ts";
import { planOf } from "./run_plan.ts";
import { storeOfShare } from "./shares.ts";
import { type DecodeReport, Tally } from "./tally.ts";

/**
 * Writes all images of sources, numbered on over all of them in the order given and, in each, in the order of its layout.
 *
 * @example
 * ```ts
 * import { decode, folderTree, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * const report = await decode([dataset], folderTree("images"));
 * console.log(report.images, "images of", report.labels, "people"); // 82 images of 24 people
 * ```
 *
 * @param sources What to decode.
 * @param store Where it goes: {@linkcode folderTree}, or {@linkcode eachImage} for a function of your own.
 * @param options How.
 * @returns What was written.
 * @throws {DecodeError} At the first record that cannot be read or image that cannot be written; and after the last
 * image of an archive, if they did not come in reading order.
 * @throws {RefusedError} If nothing was begun because of what is there already.
 */
export async function decode(
  sources: readonly Source[],
  store: SinkStore,
  options: DecodeOptions = {},
): Promise<DecodeReport> {
  const run = new Run(sources, storeOfShare(store, options.share), options);
  try {
    return await run.decode();
  } catch (error) {
    throw error instanceof UnrecError && !(error instanceof RefusedError)
      ? new DecodeError(error, run.tally.report())
      : error;
  }
}

/**
 * Looks whether an earlier run has done all there is to do, and lost nothing. Nothing is opened but its journal.
 *
 * @param sources What is to be decoded.
 * @param whole Where it goes.
 * @param options How.
 * @returns What was written; undefined if there is something to do.
 * @throws {RefusedError} If what is there must not be mixed with this run's.
 */
export function completedRun(
  sources: readonly FoundSource[],
  whole: SinkStore,
  { relabel = false, onError = "stop", ...options }: Pick<DecodeOptions, "relabel" | "onError" | keyof JournalOptions>,
): DecodeReport | undefined {
  const store = storeOfShare(whole, options.share);
  store.requirePlace?.();
  const { complete, finished, plan } = surveyOutput(store, planOf(store, sources, relabel), options, onError);
  if (!complete || finished.some(hasLost) || plan === undefined || plan.sources.some(({ guessed }) => guessed)) {
    return undefined;
  }
  const tally = new Tally(sources);
  store.tidy?.(options.share === undefined ? undefined : finished.flatMap(({ receipts }) => receipts));
  const parts = finished.flatMap(({ parts }) => parts);
  for (const part of parts) tally.addResumed(part);
  let shift = 0;
  plan.sources.forEach(({ datasets, labelSpan }, i) => {
    const streams = parts.filter(({ source }) => source === i).flatMap(({ stream }) => stream ?? []);
    tally.datasets.push(...datasets, ...streams.flatMap(({ datasets }) => datasets));
    tally.labelShifts.push(shift);
    if (relabel) shift += labelSpan ?? streams[0]?.labelSpan ?? 0;
  });
  return tally.report({ alreadyComplete: true });
}
