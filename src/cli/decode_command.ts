import { bytesOf } from "../dataset/cut_tasks.ts";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import { decode, DecodeError, type DecodeReport } from "../decode/decode.ts";
import { UnrecError } from "../errors.ts";
import { checkApart } from "./check_apart.ts";
import { counted, grouped } from "./numbers.ts";
import type { DecodeArguments } from "./options.ts";
import { complain, print } from "./output.ts";
import { ProgressDisplay } from "./progress.ts";
import { datasetWarnings, describeLayout, reportWarnings, type Summary, summaryJson, summaryText } from "./summary.ts";

/**
 * Decodes datasets, or says what would be decoded.
 *
 * @param args What the command line asks for.
 * @returns The exit code.
 * @throws {UsageError} If input and output overlap.
 * @throws {UnrecError} If something cannot be read or written.
 */
export async function decodeCommand(args: DecodeArguments): Promise<number> {
  const { include, output, engine, chunkBytes, quiet, json } = args;
  const begin = performance.now();
  if (output !== undefined) checkApart(include, output);
  using opened = new DisposableStack();
  const datasets: Dataset[] = [];
  for (const path of include) {
    const dataset = opened.use(await openDataset(path, { engine, chunkBytes }));
    datasets.push(dataset);
    if (!quiet) complain(describeLayout(dataset));
    datasetWarnings(dataset).forEach(complain);
  }

  const planned = datasets.reduce((sum, { layout }) => sum + layout.order.length, 0);
  let figures: Pick<Summary, "images" | "bytes" | "labels">;
  if (args.dryRun) {
    const bytes = datasets.reduce((sum, { index, layout, bytes }) => sum + bytesOf(index, layout.order, bytes), 0);
    figures = { images: planned, bytes, labels: undefined };
  } else {
    const result = await decodeStoppably(datasets, planned, output!, args);
    if (typeof result === "number") return result;
    reportWarnings(result).forEach(complain);
    figures = result;
  }
  const summary = { ...figures, datasets, output, seconds: (performance.now() - begin) / 1000 };
  return print(json ? summaryJson(summary) : summaryText(summary));
}

/** Exit codes of a program that a signal ends: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Decodes until a signal comes. Returns the report, or the exit code when there was a signal. */
async function decodeStoppably(
  datasets: readonly Dataset[],
  planned: number,
  output: string,
  { jobs, relabel, quiet }: DecodeArguments,
): Promise<DecodeReport | number> {
  const controller = new AbortController();
  const stopOn = (signal: keyof typeof SIGNALS) => {
    if (!controller.signal.aborted) complain("Stopping; the images begun are finished first");
    controller.abort(signal);
  };
  const onInterrupt = () => stopOn("SIGINT");
  const onTerminate = () => stopOn("SIGTERM");
  Deno.addSignalListener("SIGINT", onInterrupt);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onTerminate);
  try {
    using display = quiet ? undefined : new ProgressDisplay(planned);
    const report = await decode(datasets, output, {
      jobs,
      relabel,
      signal: controller.signal,
      onProgress: (written) => display?.add(written),
    });
    if (!report.interrupted) return report;
    display?.[Symbol.dispose]();
    complain(
      `Interrupted: ${grouped(report.images)} of ${counted(planned, "image")} are in ${output}, each whole; ` +
        "the same command writes all of them",
    );
    return SIGNALS[controller.signal.reason as keyof typeof SIGNALS];
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { images } = error.report;
    const before = images === 0 ? "nothing was written" : `${counted(images, "image")} in ${output}, each whole`;
    throw new UnrecError(`${error.message}. Written before: ${before}`);
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGTERM", onTerminate);
  }
}
