import { join } from "node:path";
import type { DatasetLoss } from "../dataset/loss.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { putAnew, writeAll } from "../sink/put_anew.ts";
import { printable } from "./printable.ts";

/** The first line, by which a list is known to be one of this program. */
const HEADER = "file\tkey\tidentity\tnumber\tbyte\n";

const LINES_A_WRITE = 4096;

/** Where the list of lost images of an output is. */
function lostListPath(output: string): string {
  return join(output, "lost.tsv");
}

/**
 * Lists every lost image in `lost.tsv`: record file, key, identity record, number, byte; a line each.
 *
 * @param losses What could not be read.
 * @param output The folder that the file is written to.
 * @returns The file's path.
 * @throws {UnrecError} If it cannot be written; nothing of it is left then.
 */
export function writeLostList(losses: readonly DatasetLoss[], output: string): string {
  const path = lostListPath(output);
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
 */
export function hasLostList(output: string): boolean {
  const path = lostListPath(output);
  try {
    if (!Deno.lstatSync(path).isFile) return false;
    using file = Deno.openSync(path);
    const begin = new Uint8Array(HEADER.length);
    return file.readSync(begin) === begin.length && new TextDecoder().decode(begin) === HEADER;
  } catch {
    return false;
  }
}

/**
 * Removes the list of lost images from an output that has lost nothing any more.
 *
 * @param output The folder.
 * @throws {UnrecError} If it cannot be removed.
 */
export function removeLostList(output: string): void {
  if (!hasLostList(output)) return;
  const path = lostListPath(output);
  try {
    Deno.removeSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot remove ${path}, which lists what is not lost any more: ${systemReason(error)}`);
  }
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
