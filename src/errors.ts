/**
 * What could not be done, why, and what to do next, in one line for the person who asked for it. Everything this
 * project throws on bad input is one of these; anything else is a defect.
 */
export class UnrecError extends Error {
  /** The name of the class. */
  override name = "UnrecError";
}

/** Nothing was begun, for what is there already forbids it; the person who asked has to decide what to do. */
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
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string" && code in REASONS) return REASONS[code];
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
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
};
