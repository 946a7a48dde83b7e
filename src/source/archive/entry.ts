/** What an archive holds, whatever packed it. */

/** A file in an archive. */
export interface ArchiveEntry {
  /** Its path in the archive, as it stands there: data, not to be written to. */
  path: string;
  /** Its size in bytes, as the archive claims. */
  bytes: number;
}

/** What is done with a file of an archive. */
export interface EntryHandler {
  /** Takes bytes of the file; they are overwritten after the call. */
  push(bytes: Uint8Array): void;
  /** Called at the end of the file. */
  end(): void;
}

/**
 * What is wrong with the path of an entry.
 *
 * @param path A path in an archive, with `/` between its names.
 * @returns What it is, as part of a sentence, if it leads out of the folder that the archive would be unpacked in.
 */
export function leadsOut(path: string): string | undefined {
  const out = path.startsWith("/") || /^[a-z]:/i.test(path) || path.split("/").includes("..");
  return out ? "a path out of the archive" : undefined;
}
