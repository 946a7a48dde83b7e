import { UnrecError } from "../errors.ts";
import { FileSource } from "../bytes/file_source.ts";
import { findDatasets } from "../source/find.ts";
import { verify } from "../verify/verify.ts";
import { wordError } from "./remedy.ts";
import { StopSignals } from "./stop_signals.ts";
import type { Terminal } from "./terminal.ts";
import type { VerifyGiven } from "./verify.ts";
import { verifyComplaints, verifyJson, verifyText } from "./verify_summary.ts";

/**
 * Runs `unrec verify`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things.
 * @returns The exit code: 0 only if all is well.
 * @throws {UnrecError} If something cannot be read at all.
 */
export async function runVerify(given: VerifyGiven, terminal: Terminal): Promise<number> {
  const { output, engine, chunkSize, jobs, deep, relabel, checksums, quiet, json } = given;
  const line = terminal.commandLine;
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  const none = { datasets: [], tree: undefined };
  try {
    const places = await findDatasets(given.include);
    using stop = new StopSignals(terminal, "Stopping; what is not read yet stays unverified");
    using display = quiet ? undefined : terminal.progress({ bytes: bytesOf(places.map(({ path }) => path)) });
    const report = await verify(places, {
      ...{ engine, chunkBytes: chunkSize, jobs, deep, relabel, checksums, tree: output, signal: stop.signal },
      onProgress: ({ images, bytes, read }) => display?.add({ count: images, bytes, read }),
    });
    display?.[Symbol.dispose]();
    if (report === undefined) {
      if (json) terminal.print(verifyJson(none, output, seconds(), [], "it was stopped by a signal"));
      return stop.exitCode;
    }
    const complaints = verifyComplaints(report, output, line);
    complaints.forEach((complaint) => terminal.say(complaint));
    const text = json
      ? verifyJson(report, output, seconds(), complaints)
      : verifyText(report, output, seconds(), complaints);
    const printed = terminal.print(text);
    return complaints.length > 0 ? 1 : printed;
  } catch (error) {
    if (json && error instanceof UnrecError) {
      terminal.print(verifyJson(none, output, seconds(), [], wordError(error, line)));
    }
    throw error;
  }
}

function bytesOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => {
    using file = new FileSource(path);
    return sum + file.size;
  }, 0);
}
