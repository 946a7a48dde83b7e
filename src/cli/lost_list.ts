import { join } from "node:path";
import type { DatasetLoss } from "../dataset/loss.ts";
import { systemReason, UnrecError } from "../errors.ts";
import type { Share } from "../dataset/share.ts";
import { putAnew } from "../sink/put_anew.ts";
import { writeAll } from "../sink/steps.ts";
import { isOwnList } from "./own_list.ts";
import { printable } from "./printable.ts";

/** The first line, by which a list is known to be one of this program. */
const HEADER = "file\tkey\tidentity\tnumber\tbyte\n";

const LINES_A_WRITE = 4096;

/**
 * Where the list of lost images of an output is.
 *
 * @param output The folder.
 * @param share The share that has lost them, if it is not all of a run: each has a list of its own.
 */
function lostListPath(output: string, share?: Share): string {
  return join(output, share === undefined ? "lost.tsv" : `lost-${share.index}-of-${share.count}.tsv`);
}

/**
 * Lists every lost image in `lost.tsv`: record file, key, identity record, number, byte; a line each.
 *
 * @param losses What could not be read.
 * @param output The folder that the file is written to.
 * @param share The share that has lost them, if it is not all of a run.
 * @returns The file's path.
 * @throws {UnrecError} If it cannot be written; nothing of it is left then.
 */
export function writeLostList(losses: readonly DatasetLoss[], output: string, share?: Share): string {
  const path = lostListPath(output, share);
  try {
    using _ = putAnew(path, (file) => linesOf(losses).forEach((lines) => writeAll(file, lines)));
  } catch (error) {
    throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
  }
  return path;
}

/**
 * Whether an output has a list of lost images: one that this program has written.
 *
 * @param output The folder.
 * @param share The share, if it is not all of a run.
 */
export function hasLostList(output: string, share?: Share): boolean {
  return isOwnList(lostListPath(output, share), HEADER);
}

/**
 * Removes the list of lost images from an output that has lost nothing any more.
 *
 * @param output The folder.
 * @param share The share, if it is not all of a run.
 * @throws {UnrecError} If it cannot be removed.
 */
export function removeLostList(output: string, share?: Share): void {
  if (!hasLostList(output, share)) return;
  const path = lostListPath(output, share);
  try {
    Deno.removeSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot remove ${path}, which lists what is not lost any more: ${systemReason(error)}`);
  }
}

/**
 * Makes one list of those of all shares, and removes these.
 *
 * @param output The folder.
 * @param shares How many shares there are.
 * @returns The list's path; undefined if no share has one.
 * @throws {UnrecError} If it cannot be written; the lists of the shares stay then.
 */
export function joinLostLists(output: string, shares: number): string | undefined {
  const own = Array.from({ length: shares }, (_, index) => ({ index, count: shares }))
    .filter((share) => hasLostList(output, share));
  if (own.length === 0) return hasLostList(output) ? lostListPath(output) : undefined;
  const path = lostListPath(output);
  try {
    using _ = putAnew(path, (file) => {
      writeAll(file, new TextEncoder().encode(HEADER));
      for (const share of own) writeAll(file, Deno.readFileSync(lostListPath(output, share)).subarray(HEADER.length));
    });
    for (const share of own) Deno.removeSync(lostListPath(output, share));
  } catch (error) {
    throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
  }
  return path;
}

/** The list, in pieces of some thousand lines. */
function* linesOf(losses: readonly DatasetLoss[]): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let lines = [HEADER];
  for (const loss of losses) {
    const name = printable(loss.path);
    for (const { key, identity, number, offset } of loss.lostImages()) {
      lines.push(`${name}\t${key}\t${identity ?? ""}\t${number}\t${offset ?? ""}\n`);
      if (lines.length < LINES_A_WRITE) continue;
      yield encoder.encode(lines.join(""));
      lines = [];
    }
  }
  yield encoder.encode(lines.join(""));
}
