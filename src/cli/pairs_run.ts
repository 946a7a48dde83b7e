import { basename, join } from "node:path";
import { RefusedError, UnrecError } from "../errors.ts";
import { PairsFolder, type PairsWritten } from "../sink/pairs_folder.ts";
import { findVerificationSets, openUnlessAborted, SET_ENDING } from "../source/verification_files.ts";
import { checkApart } from "./check_apart.ts";
import { wordFailure } from "./failure.ts";
import { counted } from "./numbers.ts";
import type { PairsGiven } from "./pairs.ts";
import { pairsJson, type PairsStatus, type SetSummary, setText, setWarnings, summaryOf } from "./pairs_summary.ts";
import { StopSignals } from "./stop_signals.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs `unrec pairs`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things.
 * @returns The exit code.
 * @throws {UsageError} If input and output overlap, or two sets would go to one folder.
 * @throws {UnrecError} If something cannot be read or written; the sets before are.
 */
export async function runPairs(given: PairsGiven, terminal: Terminal): Promise<number> {
  const { include, output, json } = given;
  const sets: SetSummary[] = [];
  const print = (status: PairsStatus, error?: string) => terminal.printJson(pairsJson(sets, status, error, output));
  try {
    if (output !== undefined) checkApart(include, output);
    const paths = await findVerificationSets(include);
    if (output !== undefined) checkApart(paths, output);
    const folders = output === undefined ? [] : foldersOf(paths, output);
    using stop = new StopSignals(terminal, "Stopping");
    for (const [i, path] of paths.entries()) {
      const set = await openUnlessAborted(path, stop.signal);
      if (set !== undefined) {
        const summary = summaryOf(set, folders[i]);
        sets.push(summary);
        setWarnings(summary).forEach((line) => terminal.say(line));
        if (output !== undefined) {
          summary.written = await write(new PairsFolder(set, folders[i]), given, terminal, stop.signal);
        }
      }
      if (stop.signal.aborted) {
        if (output !== undefined) {
          const complete = sets.filter(({ written }) => written !== undefined).length;
          const how = `${complete} of ${counted(paths.length, "set")} complete in ${output}, each image there is whole`;
          terminal.say(`Interrupted: ${how}; to go on: ${terminal.commandLine.again()}`);
        }
        if (json) print("interrupted");
        return stop.exitCode;
      }
    }
  } catch (error) {
    if (json) print("failed", wordFailure(error, terminal.commandLine));
    throw error;
  }
  return json ? print("complete") : terminal.print(sets.map(setText).join("\n\n"));
}

/** The folder of each set, which has the name of its file. */
function foldersOf(paths: readonly string[], output: string): string[] {
  const taken = new Map<string, string>();
  return paths.map((path) => {
    const folder = join(output, nameOf(path));
    // Some file systems do not tell the case of letters.
    const other = taken.get(folder.toLowerCase());
    if (other !== undefined) {
      throw new UsageError(`${other} and ${path} would both be written to ${folder}; give each an --output of its own`);
    }
    taken.set(folder.toLowerCase(), path);
    return folder;
  });
}

/** The name of a set: that of its file, but never one that leads elsewhere. */
function nameOf(path: string): string {
  const file = basename(path);
  const name = basename(path, SET_ENDING);
  return /^\.*$/.test(name) ? file : name;
}

/** Writes a set. Returns undefined if that was ended by a signal. */
async function write(
  folder: PairsFolder,
  { overwrite, quiet }: PairsGiven,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<PairsWritten | undefined> {
  using display = quiet ? undefined : terminal.progress({ total: folder.images.size });
  let whole = 0;
  try {
    return await folder.write({
      overwrite,
      signal,
      onImage(bytes, wasThere) {
        whole++;
        const step = { count: 1, bytes };
        if (wasThere) display?.resume(step);
        else display?.add(step);
      },
    });
  } catch (error) {
    if (!(error instanceof UnrecError) || error instanceof RefusedError) throw error;
    const before = whole === 0 ? "nothing was written" : `${counted(whole, "image")} in ${folder.path}, each whole`;
    throw new UnrecError(`${error.message}. Written before: ${before}`, ...error.remedies, { kind: "run-again" });
  }
}
