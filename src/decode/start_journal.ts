import type { Archive } from "../archive/archive.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { checkSpace } from "./check_space.ts";
import type { DecodeOptions } from "./decode.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { Journal, type JournalOptions } from "./journal.ts";

/**
 * Opens the journal of an output folder, and looks whether there is room for what is left to do.
 *
 * @param sources What is decoded.
 * @param output The folder; it must exist.
 * @param journalOptions Those of the journal.
 * @param options Those of the decoding.
 * @returns The journal, ready for finished tasks.
 * @throws {RefusedError} If it is another run's, if another process is at it, or if there is no room.
 * @throws {UnrecError} If it cannot be read or written.
 */
export function startJournal(
  sources: readonly (Dataset | Archive)[],
  output: string,
  journalOptions: JournalOptions,
  options: DecodeOptions,
): Journal {
  const { relabel = false, jobs = navigator.hardwareConcurrency, onResume, onWarning } = options;
  const journal = new Journal(output, fingerprintOf(sources, options), journalOptions);
  try {
    if (journal.forgets) {
      journal.forget();
      if (!journal.alone) {
        onWarning?.(
          `what an earlier run wrote to ${output} stays where this one does not write over it: that run had been told ` +
            "to write among other files",
        );
      }
    }
    // Where files are overwritten their own room serves again, and how much that is nobody knows.
    if (options.checkSpace && journal.alone) checkSpace(sources, output, journal, { jobs, relabel });
    journal.begin();
  } catch (error) {
    journal[Symbol.dispose]();
    throw error;
  }
  if (journal.resumed.images > 0) onResume?.(journal.resumed);
  return journal;
}
