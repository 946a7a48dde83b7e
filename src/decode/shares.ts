import type { Share } from "../dataset/share.ts";
import type { SinkStore } from "../sink/sink.ts";
import type { Source } from "../source/source.ts";
import { codeOf, RefusedError, systemReason, UnrecError } from "../errors.ts";

/** The name of the journal of a whole run. Those of shares begin so. */
const JOURNAL = ".unrec-journal";

/**
 * The name of a journal in its folder.
 *
 * @param share The share that it is of; undefined for a run that does all.
 */
export function journalName(share?: Share): string {
  return share === undefined ? JOURNAL : `${JOURNAL}-${share.index}-of-${share.count}`;
}

/**
 * Where a run writes to: a share of what goes to one file writes pieces of it.
 *
 * @param store Where all of the work goes.
 * @param share The share that the run writes; undefined if it writes all.
 */
export function storeOfShare<Store extends Pick<SinkStore, "inPieces">>(
  store: Store,
  share: Share | undefined,
): Store | SinkStore {
  return share === undefined ? store : store.inPieces?.() ?? store;
}

/**
 * Makes sure that work can be done in shares.
 *
 * @param sources What is read.
 * @param inSequence Whether all that is written goes through one sink, in order, and there are no pieces of it.
 * @param output Where it goes, for the message.
 * @throws {UnrecError} If it cannot.
 */
export function requireSharable(sources: readonly Source[], inSequence: boolean, output: string | undefined): void {
  const stream = sources.find(({ order }) => order === undefined);
  if (stream !== undefined) {
    const { path } = stream.found;
    throw new UnrecError(
      `Cannot share out ${path}: it is an archive, which has to be read from its beginning`,
      { kind: "unpack", path },
    );
  }
  if (inSequence) {
    throw new UnrecError(
      `Cannot share out what is written to ${output ?? "one stream or function"}: it takes all, in order`,
      { kind: "other-output" },
    );
  }
}

/**
 * Finds the shares of which an output has journals.
 *
 * @param output The folder.
 * @returns The shares, by their number; none if there is no folder.
 * @throws {UnrecError} If it cannot be read.
 */
export function sharesIn(output: string): Share[] {
  const shares: Share[] = [];
  try {
    for (const { name } of Deno.readDirSync(output)) {
      const [, index, count] = /^\.unrec-journal-(\d{1,9})-of-(\d{1,9})$/.exec(name)?.map(Number) ?? [];
      if (name === journalName({ index, count })) shares.push({ index, count });
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return [];
    throw new UnrecError(`Cannot read the output folder ${output}: ${systemReason(error)}`);
  }
  return shares.sort((a, b) => a.count - b.count || a.index - b.index);
}

/**
 * Makes sure that nothing in an output was written in other shares than a run writes.
 *
 * @param output The folder.
 * @param share The share that the run writes; undefined if it writes all.
 * @param isWhole Whether there is the journal of a run that writes all.
 * @returns The shares of which there are journals.
 * @throws {RefusedError} If something was.
 */
export function requireSameShares(output: string, share: Share | undefined, isWhole: boolean): Share[] {
  const shares = sharesIn(output);
  const other = shares.find(({ count }) => count !== share?.count);
  if (other !== undefined) {
    const now = share === undefined ? "this run is to write all" : `this one is of ${share.count}`;
    throw new RefusedError(
      `Cannot write to ${output}: it was begun in ${other.count} shares, and ${now}`,
      { kind: "other-output" },
      { kind: "text", text: `go on with shares of ${other.count}, or remove ${output} and begin anew` },
    );
  }
  if (share !== undefined && isWhole) {
    throw new RefusedError(
      `Cannot write to ${output}: it was begun by a run that writes all, and this one is a share of ${share.count}`,
      { kind: "other-output" },
    );
  }
  return shares;
}
