/** A small file system in memory, unmounted at the end of the block: `using disk = mountSmall(path, "size=1m");`. */
export interface SmallDisk extends Disposable {
  /** Mounts it again with other options, say more room. */
  remount(options: string): void;
}

/**
 * Mounts a file system in memory.
 *
 * @param path Where; an empty folder, made if need be.
 * @param options Of tmpfs: `size=256k`, `nr_inodes=100`.
 * @returns The file system; or nothing, with the reason printed, where mounting is not allowed.
 */
export function mountSmall(path: string, options: string): SmallDisk | undefined {
  Deno.mkdirSync(path, { recursive: true });
  const refusal = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path);
  if (refusal !== undefined) return void console.log(`Not tested: a file system cannot be mounted here (${refusal})`);
  return {
    remount(options) {
      const refusal = run("mount", "-o", `remount,${options}`, path);
      if (refusal !== undefined) throw new Error(refusal);
    },
    [Symbol.dispose]: () => void run("umount", path),
  };
}

/** Runs a program; returns why it failed. */
function run(program: string, ...args: string[]): string | undefined {
  try {
    const { success, stderr } = new Deno.Command(program, { args }).outputSync();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return String(error);
  }
}
