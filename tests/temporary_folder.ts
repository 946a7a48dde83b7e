import { statfsSync } from "node:fs";

/** A folder that is removed at the end of the block: `using folder = temporaryFolder();`. */
export interface TemporaryFolder extends Disposable {
  /** Its absolute path. */
  path: string;
}

/** Bytes: much more than all tests have at once. */
const MUCH = 2 ** 31;

/** Where folders are made unless a directory is preferred: a disk takes long to make and remove thousands of files. */
const MEMORY = roomInMemory();

/**
 * Makes a temporary folder.
 *
 * @param preferred A directory for it, if there is such a one.
 */
export function temporaryFolder(preferred: string | undefined = MEMORY): TemporaryFolder {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ dir: directory(preferred), prefix: "unrec_test_" }));
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** A file system in memory, if it has much room and lets programs be started, which that of a container may not. */
function roomInMemory(): string | undefined {
  const path = "/dev/shm";
  try {
    const [, options] = /^\S+ \/dev\/shm tmpfs (\S+)/m.exec(Deno.readTextFileSync("/proc/mounts"))!;
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize >= MUCH && !options.split(",").includes("noexec") ? path : undefined;
  } catch {
    return undefined;
  }
}

function directory(path: string | undefined): string | undefined {
  try {
    return path !== undefined && Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined;
  }
}
