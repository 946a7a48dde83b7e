/** How often a lock is tried for, and milliseconds between. */
const TRIES = 10;
const BETWEEN = 20;

/**
 * Locks a file for this process; the system forgets it with the process, however that ends. A process that this one is
 * just starting holds the files that were open here for a moment more, so it is tried a few times.
 *
 * @param file The file, open for writing.
 * @returns Whether this process has it for itself. Some network file systems know no locks: there it has.
 */
export function lockFile(file: Deno.FsFile): boolean {
  try {
    for (let left = TRIES; left > 0; left--) {
      if (file.tryLockSync(true)) return true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BETWEEN);
    }
    return false;
  } catch {
    return true;
  }
}

/**
 * The inode of a file, by which it is seen that another one has taken its place.
 *
 * @param path The file.
 * @returns undefined if there is none; null where files have no inodes.
 */
export function inodeOf(path: string): number | null | undefined {
  try {
    return Deno.lstatSync(path).ino;
  } catch {
    return undefined;
  }
}
