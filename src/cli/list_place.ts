import { dirname } from "node:path";
import { readHead } from "../bytes/file_source.ts";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import { isListOf } from "../sink/image_list.ts";
import type { ListForm } from "../sink/list_forms.ts";
import { overlapOf } from "./check_apart.ts";

/** The first line of a list is shorter. */
const HEAD_BYTES = 8192;

/**
 * Makes sure that a list of what is written can be put in its place, and takes that of nothing else but an older list. It
 * is asked before anything is written, and again before the list is: the run itself may have put a file there.
 *
 * @param list The list.
 * @param form What stands in its lines.
 * @param output What the images are written to, which need not be there yet.
 * @throws {UnrecError} If it cannot be written there, or something else would be lost.
 */
export function requireListPlace(list: string, form: ListForm, output: string | undefined): void {
  const why = whatIsThere(list, form) ?? (output === undefined ? undefined : whyNoFolder(list, output));
  if (why !== undefined) {
    throw new UnrecError(`Cannot write the list ${list}: ${why}`, { kind: "text", text: "give another --list" });
  }
}

/** What would be lost; undefined if it is an older list, or nothing. */
function whatIsThere(list: string, form: ListForm): string | undefined {
  try {
    const { isFile, isDirectory, size } = Deno.statSync(list);
    if (isDirectory) return "it is a directory";
    if (!isFile) return "it is no regular file";
    if (size === 0 || isListOf(new TextDecoder().decode(readHead(list, HEAD_BYTES)), form)) return undefined;
    return `there is another file of that name, which is no list of the form ${form}`;
  } catch (error) {
    if (error instanceof UnrecError) throw error;
    return codeOf(error) === "ENOENT" ? undefined : systemReason(error);
  }
}

/** Why there is no folder for it; the output is made when it is written to. */
function whyNoFolder(list: string, output: string): string | undefined {
  const folder = dirname(list);
  if (overlapOf(folder, output) === "same") return undefined;
  try {
    return Deno.statSync(folder).isDirectory ? undefined : `${folder} is no folder`;
  } catch (error) {
    return `${folder}: ${systemReason(error)}`;
  }
}
