import { whyNotRun } from "./needs.ts";
import { temporaryFolder } from "./temporary_folder.ts";

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
 * @returns The file system.
 * @throws {Error} Where that is not allowed, see {@linkcode WHY_NO_SMALL_DISK}.
 */
export function mountSmall(path: string, options: string): SmallDisk {
  Deno.mkdirSync(path, { recursive: true });
  run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path);
  return {
    remount: (options) => run("mount", "-o", `remount,${options}`, path),
    [Symbol.dispose]: () => run("umount", path),
  };
}

/** Why {@linkcode mountSmall} cannot be used here; undefined if it can. */
export const WHY_NO_SMALL_DISK: string | undefined = whyNoSmallDisk();

function whyNoSmallDisk(): string | undefined {
  using folder = temporaryFolder();
  try {
    mountSmall(`${folder.path}/disk`, "size=64k")[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return `a file system cannot be mounted: ${error}`;
  }
}

/**
 * Mounts a file system of a kind that is made for it in a file.
 *
 * @param path Where; an empty folder, made if need be. The file lies beside it.
 * @param kind Of which there is a program: `ext3` for `mkfs.ext3`.
 * @param options What that program is given besides.
 * @returns The file system.
 * @throws {Error} Where that cannot be done.
 */
export function mountImage(path: string, kind: string, ...options: string[]): Disposable {
  Deno.mkdirSync(path, { recursive: true });
  const image = `${path}.image`;
  Deno.writeFileSync(image, new Uint8Array());
  Deno.truncateSync(image, 2 ** 29);
  run(`mkfs.${kind}`, "-q", ...options, image);
  run("mount", "-o", "loop", image, path);
  return { [Symbol.dispose]: () => run("umount", path) };
}

/** Runs a program, which must end well. */
function run(program: string, ...args: string[]): void {
  const refusal = whyNotRun(program, ...args);
  if (refusal !== undefined) throw new Error(refusal);
}
