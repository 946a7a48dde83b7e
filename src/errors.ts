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
  /** See what is in a verification set. */
  | { kind: "see-pairs"; path: string }
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
  /** Replace the file that is there. */
  | { kind: "replace-file" }
  /** Write somewhere else. */
  | { kind: "other-output" }
  /** Free some space. */
  | { kind: "make-room" }
  /** Begin without looking at the free space. */
  | { kind: "no-space-check" }
  /** Unpack an archive and read its folder. */
  | { kind: "unpack"; path: string }
  /** Unpack a ZIP archive and read its folder. */
  | { kind: "unzip"; path: string }
  /** Join the files of a split ZIP archive, of which this is the last. */
  | { kind: "join-zip"; path: string }
  /** Store in a file what comes through a pipe, and read that; `why`, if it is not plain. */
  | { kind: "store-in-file"; why?: string }
  /** Join the parts of a file. */
  | { kind: "join-parts"; parts: readonly string[]; to: string }
  /** Read what comes out of commands, one piped into the other, from standard input. */
  | { kind: "pipe"; commands: readonly (readonly string[])[] }
  /** Read an archive whatever its sums are. */
  | { kind: "no-checksum" }
  /** Keep the files of an archive somewhere else. */
  | { kind: "other-keep-rec" }
  /** Keep the columns of a list of labels that tell key and label. */
  | { kind: "keep-columns"; path: string }
  /** Name files by another template, which spreads them over more folders. */
  | { kind: "other-names"; names: string }
  /** Write records in another layout. */
  | { kind: "other-layout"; layout: "identity" | "flat" }
  /** Write files, whose labels are names of folders. */
  | { kind: "other-format" }
  /** Give a list as one of labels, and not of images. */
  | { kind: "as-labels"; path: string }
  /** Read another path. */
  | { kind: "include"; path: string }
  /** Give a file the name that goes with what it holds, and read it under that. */
  | { kind: "rename"; path: string; to: string }
  /** Give two files each other's names. */
  | { kind: "swap-names"; paths: readonly [string, string] }
  /** Inflate a file in its place, with a program that takes `-d` and names with this ending. */
  | { kind: "inflate"; path: string; inflater: string; ending: string }
  /** Unpack an archive that unrec cannot read, and read its folder. */
  | { kind: "unpack-with-7z"; path: string }
  /** Fetch the file that a Git LFS pointer stands for. */
  | { kind: "fetch-with-lfs"; path: string }
  /** Download a file that cannot be read where it is. */
  | { kind: "download"; url: string }
  /** Give the server of a URL what opens it. */
  | { kind: "give-access"; url: string }
  /** Permit the program to use the network. */
  | { kind: "permit-net" }
  /** Have Deno fetch what a module imports. */
  | { kind: "fetch"; module: string }
  /** Use fewer threads. */
  | { kind: "fewer-jobs"; jobs: number }
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
  // Deno adds what it did to which path.
  return error instanceof Error ? error.message.split("\n")[0].replace(/( \(os error \d+\)): .*/, "$1") : String(error);
}

/**
 * The code of a system error.
 *
 * @param error What was thrown.
 * @returns Such as `ENOENT`; empty if it is something else.
 */
export function codeOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === "string") return code;
  // Deno gives no code for some: then there are only the words of the C library.
  return CODES[String(message).split(" (os error ")[0]] ?? "";
}

const CODES: Record<string, string> = {
  "Disk quota exceeded": "EDQUOT",
  "Disc quota exceeded": "EDQUOT",
  "Too many links": "EMLINK",
  "File too large": "EFBIG",
  "Stale file handle": "ESTALE",
  "Stale NFS file handle": "ESTALE",
};

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
  EMLINK: "the file system takes no more folders in that one",
  ENAMETOOLONG: "the path is too long",
  EIO: "the disk reports an input/output error",
  EMFILE: "too many files are open",
  EFBIG: "the file is too large for the file system",
  ELOOP: "too many symbolic links",
  ESTALE: "the file is gone from the network drive",
};
