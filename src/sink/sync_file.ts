import { systemReason, UnrecError } from "../errors.ts";

/**
 * Waits until what was written to a file is on the disk.
 *
 * @param path The file.
 * @throws {UnrecError} If the system cannot do it.
 */
export function syncFile(path: string): void {
  sync(path, { write: true });
}

/**
 * Waits until the names in a folder are on the disk. Windows has no such thing.
 *
 * @param path The folder.
 * @throws {UnrecError} If the system cannot do it.
 */
export function syncFolder(path: string): void {
  if (Deno.build.os !== "windows") sync(path, { read: true });
}

function sync(path: string, options: Deno.OpenOptions): void {
  try {
    using file = Deno.openSync(path, options);
    file.syncSync();
  } catch (error) {
    throw new UnrecError(`Cannot make ${path} durable: ${systemReason(error)}`);
  }
}
