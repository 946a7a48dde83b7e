/** A file of a source, by which it is known again. Plain data. */
export interface FileFacts {
  /** What it is to the source: "records", "index", "part 2". */
  name: string;
  /** Its size in bytes; null if that cannot be known. */
  size: number | null;
  /** When it was changed last, as an ISO date; null if that cannot be known. */
  time: string | null;
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
 * The first line of a text.
 *
 * @param text The text.
 * @returns undefined if the line is empty.
 */
export function firstLine(text: string): string | undefined {
  return text.split(/\r?\n/, 1)[0].trim() || undefined;
}
