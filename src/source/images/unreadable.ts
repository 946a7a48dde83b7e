import { codeOf, systemReason, UnrecError } from "../../errors.ts";

/** What stands in a name for bytes that are no UTF-8. */
const REPLACED = "\ufffd";

/**
 * Says why an image, or a folder of them, that was named or listed cannot be read.
 *
 * @param cannot What cannot be done.
 * @param path The file or folder.
 * @param error What the system says.
 */
export function unreadable(cannot: string, path: string, error: unknown): UnrecError {
  if (codeOf(error) !== "ENOENT") return new UnrecError(`${cannot}: ${systemReason(error)}`);
  if (path.includes(REPLACED)) {
    return new UnrecError(`${cannot}: its name is not UTF-8, and files are found by such names alone`, {
      kind: "text",
      text: "rename it; convmv renames all below a folder",
    });
  }
  return isLink(path)
    ? new UnrecError(`${cannot}: it is a link to what is not there`, {
      kind: "text",
      text: "remove it, or put there what it leads to",
    })
    : new UnrecError(`${cannot}: ${systemReason(error)}`);
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
