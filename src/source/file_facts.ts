import { readHead } from "../bytes/file_source.ts";
import { type FileKind, fileKind, HEAD_BYTES } from "../dataset/file_kind.ts";
import { UnrecError } from "../errors.ts";

/** What a list is to its source that gives the labels in place of the images' headers. */
export const LABEL_LIST = "list of labels";

/** A file of a source, by which it is known again. Plain data. */
export interface FileFacts {
  /** What it is to the source: "records", "index", "part 2". */
  name: string;
  /** Its size in bytes; null if that cannot be known. */
  size: number | null;
  /** When it was changed last, as an ISO date; null if that cannot be known. */
  time: string | null;
  /** Of a file at a URL: the strong ETag, in place of the time. */
  etag?: string;
  /** Of images that are files: a sum of their names and sizes, by which it is noticed that one was renamed. */
  names?: string;
}

/**
 * Looks at a file.
 *
 * @param name What it is to its source.
 * @param path Where it is.
 * @returns What is known of it: nothing of a pipe, nor of a file that cannot be looked at, which nobody can read either.
 */
export function fileFacts(name: string, path: string): FileFacts {
  try {
    const { isFile, size, mtime } = Deno.statSync(path);
    if (isFile) return { name, size, time: mtime?.toISOString() ?? null };
  } catch {
    // Told when it is opened.
  }
  return { name, size: null, time: null };
}

/**
 * Tells what a file is.
 *
 * @param path The file.
 * @returns undefined if it is of no kind that is known, or cannot be read: why, is said when it is opened.
 */
export function kindOfFile(path: string): FileKind | undefined {
  try {
    return fileKind(readHead(path, HEAD_BYTES));
  } catch {
    return undefined;
  }
}

/**
 * The first line of a text.
 *
 * @param text The text.
 * @returns undefined if the line is empty.
 */
export function firstLine(text: string): string | undefined {
  return text.split(/\r?\n/, 1)[0].trim() || undefined;
}

/**
 * Makes sure that the files of a source are what they were when the reading began.
 *
 * @param path The source.
 * @param before What was known of its files then.
 * @param now What is known of them now, in the same order.
 * @throws {UnrecError} If one has another size or time: what was read of it may be of two files.
 */
export function requireUnchanged(path: string, before: readonly FileFacts[], now: readonly FileFacts[]): void {
  for (const [i, { name, size, time, etag, names }] of now.entries()) {
    const { [i]: then } = before;
    if (size === then.size && time === then.time && etag === then.etag && names === then.names) continue;
    const what = size === before[i].size
      ? `its ${name} changed`
      : `the size of its ${name} went from ${before[i].size ?? "unknown"} to ${size ?? "unknown"} bytes`;
    throw new UnrecError(
      `Cannot trust what was read of ${path}: ${what} meanwhile`,
      { kind: "text", text: "run the same command again when nothing writes there any more" },
    );
  }
}
