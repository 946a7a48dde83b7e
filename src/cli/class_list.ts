import type { Share } from "../dataset/share.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { putTextAnew } from "../sink/put_anew.ts";
import type { Source } from "../source/source.ts";
import { isOwnList } from "./own_list.ts";
import { printable } from "./printable.ts";

/** The first line, by which a list is known to be one of this program. */
const HEADER = "label\tname\n";

/**
 * Lists what labels stand for, where they are the numbers of names: a line for each, label and name. Where they are
 * not, a list that an earlier run wrote is removed: it would tell of other labels.
 *
 * @param sources What was read, in order.
 * @param labelShifts What was added to the labels of each.
 * @param path The file.
 * @param share The share that writes it, if it is not all of a run: each writes the same, at any time.
 * @returns Whether it is written: it is not where all labels are numbers by themselves.
 * @throws {UnrecError} If it cannot be written; nothing of it is left then.
 */
export function writeClassList(
  sources: readonly Source[],
  labelShifts: readonly number[],
  path: string,
  share: Share | undefined,
): boolean {
  const lines = sources.flatMap(({ classes = [] }, i) =>
    classes.map((name, label) => `${label + labelShifts[i]}\t${printable(name)}\n`)
  );
  if (lines.length === 0) {
    removeClassList(path);
    return false;
  }
  putTextAnew(path, HEADER + lines.join(""), share === undefined ? undefined : `${share.index}-of-${share.count}`);
  return true;
}

function removeClassList(path: string): void {
  if (!isOwnList(path, HEADER)) return;
  try {
    Deno.removeSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot remove ${path}, which names other labels: ${systemReason(error)}`);
  }
}
