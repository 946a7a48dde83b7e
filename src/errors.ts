/**
 * What can be done about an error: the kind, with what it is about. The command line words it as a command that can be
 * pasted; a program can act on it.
 */
export type Remedy =
  /** Rebuild the index of a `.rec` file; `skip`: of the records that are whole. */
  | { kind: "rebuild-index"; path: string; skip?: boolean }
  /** Look for all damage in a dataset. */
  | { kind: "verify"; path: string }
  /** Compare a tree with its datasets. */
  | { kind: "verify-tree"; include: readonly string[]; output: string }
  /** Download a file again. */
  | { kind: "download-again"; path: string }
  /** Compare md5 sums with the published ones. */
  | { kind: "compare-sums"; path?: string }
  /** Leave out what cannot be read, and write the rest. */
  | { kind: "skip-damage" }
  /** Begin anew. */
  | { kind: "restart" }
  /** Remove what the run before wrote, and begin anew. */
  | { kind: "restart-removes" }
  /** Write among the files that are there. */
  | { kind: "overwrite" }
  /** Write somewhere else. */
  | { kind: "other-output" }
  /** Free some space. */
  | { kind: "make-room" }
  /** Begin without looking at the free space. */
  | { kind: "no-space-check" }
  /** Unpack an archive and read its folder. */
  | { kind: "unpack"; path: string }
  /** Read an archive whatever its sums are. */
  | { kind: "no-checksum" }
  /** Keep the files of an archive somewhere else. */
  | { kind: "other-keep-rec" }
  /** Read another path. */
  | { kind: "include"; path: string }
  /** Do the same again when the cause is gone: it goes on where it ended. */
  | { kind: "run-again" }
  /** What has no kind of its own, in words. */
  | { kind: "text"; text: string };

/**
 * What could not be done, why, and what can be done about it. Everything this project throws on bad input is one of
 * these; anything else is a defect.
 */
export class UnrecError extends Error {
  /** The name of the class. */
  override name = "UnrecError";
  /** What can be done about it, the best first. */
  readonly remedies: readonly Remedy[];

  /**
   * Says what went wrong.
   *
   * @param message What could not be done, and why: a line without its last full stop.
   * @param remedies What can be done about it, the best first.
   */
  constructor(message: string, ...remedies: Remedy[]) {
    super(message);
    this.remedies = remedies;
  }
}

/** Nothing was begun, because of what is there already; the person who asked has to decide what to do. */
export class RefusedError extends UnrecError {
  /** The name of the class. */
  override name = "RefusedError";
}

/**
 * Says in a few words why the operating system refused something.
 *
 * @param error What was thrown.
 * @returns The reason, without the path: the caller names it.
 */
export function systemReason(error: unknown): string {
  const code = codeOf(error);
  if (code in REASONS) return REASONS[code];
  // Deno's own refusal. Below /dev, /proc and /sys it takes more than permission to read and write.
  if (error instanceof Error && error.name === "NotCapable") {
    return "this program was started without permission for it";
  }
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}

/**
 * The code of a system error.
 *
 * @param error What was thrown.
 * @returns Such as `ENOENT`; empty if it is something else.
 */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

const REASONS: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "the system does not permit it",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such file or directory",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "it is a directory",
  EEXIST: "it exists already",
  ENOSPC: "the disk is full (no space or no inodes left)",
  EDQUOT: "the disk quota is used up",
  ENAMETOOLONG: "the path is too long",
  EIO: "the disk reports an input/output error",
  EMFILE: "too many files are open",
  EFBIG: "the file is too large for the file system",
  ELOOP: "too many symbolic links",
  ESTALE: "the file is gone from the network drive",
};
