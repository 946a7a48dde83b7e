import type { Archive } from "../archive/archive.ts";
import { Dataset } from "../dataset/dataset.ts";
import { differenceOf, fingerprintOf } from "../decode/fingerprint.ts";
import { readJournal } from "../decode/journal.ts";
import { entriesOf, labelOf } from "../decode/output_folder.ts";
import { UnrecError } from "../errors.ts";
import { compareTree } from "./compare_tree.ts";
import { counted } from "./numbers.ts";
import type { DecodeArguments } from "./options.ts";

/** What is known of a tree that is finished already. */
export interface FinishedTree {
  /** The folder. */
  output: string;
  /** How many images are in it. */
  images: number;
  /** How many folders. */
  labels: number;
  /** The option that has it written again. */
  again: string;
}

/**
 * Looks whether an earlier run has done all there is to do. What an unfinished run left is for its journal to say; other
 * files are a reason not to begin.
 *
 * @param sources What is to be decoded.
 * @param output The output folder, which need not exist.
 * @param args What the command line asks for.
 * @returns What is there, if that is all; undefined if there is something to do.
 * @throws {UnrecError} If there are files that must not be mixed with others.
 */
export function findFinished(
  sources: readonly (Dataset | Archive)[],
  output: string,
  { relabel, onError, restart, overwrite }: DecodeArguments,
): FinishedTree | undefined {
  const journal = readJournal(output);
  const entries = entriesOf(output);
  if (journal !== undefined) {
    const { complete, header } = journal;
    const plan = fingerprintOf(sources, { relabel, onError });
    if (restart || !complete || differenceOf(header.plan, plan) !== undefined) return undefined;
    const folders = entries.filter((entry) => labelOf(entry) !== undefined).length;
    if (folders >= complete.labels) return { ...complete, output, again: "--restart" };
    throw new UnrecError(
      `Cannot go on in ${output}: its journal says that all is written, in ${
        counted(complete.labels, "folder")
      }, and ` +
        `there are ${folders}; give --restart to write all again`,
    );
  }
  if (overwrite || entries.length === 0) return undefined;
  const datasets = sources.filter((source) => source instanceof Dataset);
  const compared = datasets.length < sources.length
    ? "what the archive holds is not known before it is read"
    : compareTree(datasets, output, entries, relabel);
  if (typeof compared !== "string") return { ...compared, output, again: "--overwrite" };
  const others = entries.length > 1
    ? ` and ${counted(entries.length - 1, "other entry").replace("entrys", "entries")}`
    : "";
  throw new UnrecError(
    `Cannot write to ${output}: it holds ${entries[0].name}${others}, no journal of a run to go on with, and not the ` +
      `finished tree (${compared}); give another --output, or --overwrite to write among them and over the same names`,
  );
}

/** Says so to people. */
export function finishedText({ images, labels, output, again }: FinishedTree): string {
  return `Already complete: ${counted(images, "image")} in ${counted(labels, "folder")} of ${output}; ` +
    `${again} writes them again`;
}

/** Says so to programs. */
export function finishedJson({ images, labels, output }: FinishedTree): string {
  return JSON.stringify({ alreadyComplete: true, labels, images, output });
}
