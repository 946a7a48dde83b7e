import { locateRecords } from "../dataset/locate_dataset.ts";
import { verify } from "../verify/verify.ts";
import type { VerifyArguments } from "./options.ts";
import { complain, print } from "./output.ts";
import { ProgressDisplay } from "./progress.ts";
import { StopSignals } from "./stop_signals.ts";
import { verifyComplaints, verifyJson, verifyText } from "./verify_summary.ts";

/**
 * Verifies datasets, and the tree that was decoded from them.
 *
 * @param args What the command line asks for.
 * @returns The exit code: 0 only if all is well.
 * @throws {UnrecError} If something cannot be read at all.
 */
export async function verifyCommand(args: VerifyArguments): Promise<number> {
  const { include, output, engine, chunkBytes, jobs, deep, relabel, checksums, quiet, json } = args;
  const begin = performance.now();
  using stop = new StopSignals("Stopping; what is not read yet stays unverified");
  const total = include.reduce((sum, path) => sum + Deno.statSync(locateRecords(path).records).size, 0);
  using display = quiet ? undefined : new ProgressDisplay(undefined, total);
  const report = await verify(include, {
    ...{ engine, chunkBytes, jobs, deep, relabel, checksums, tree: output, signal: stop.signal },
    onProgress: ({ images, bytes }) => display?.add({ images, bytes, read: bytes }),
  });
  display?.[Symbol.dispose]();
  if (report === undefined) return stop.exitCode;
  const complaints = verifyComplaints(report, output);
  complaints.forEach(complain);
  const seconds = (performance.now() - begin) / 1000;
  const printed = print(json ? verifyJson(report, output, seconds) : verifyText(report, output, seconds));
  return complaints.length > 0 ? 1 : printed;
}
