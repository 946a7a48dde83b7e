/** A directory for the files of a benchmark, in memory where the system offers that. */

/** A directory that is removed with all it holds when it is disposed of, or when a signal ends the program. */
export class Scratch implements Disposable {
  /** The directory. */
  readonly path: string;
  readonly #onSignal = (): void => {
    this.remove();
    Deno.exit(130);
  };

  /**
   * Makes the directory.
   *
   * @param inMemory Whether on /dev/shm, if there is one, so that no disk is measured; else where temporary files go.
   * @param folder Where to make it, whatever else is said.
   */
  constructor(inMemory = true, folder?: string) {
    const dir = folder ?? (inMemory && hasMemoryFiles() ? "/dev/shm" : undefined);
    this.path = Deno.makeTempDirSync({ dir, prefix: "unrec_bench_" });
    Deno.addSignalListener("SIGINT", this.#onSignal);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", this.#onSignal);
  }

  /** Removes a part of it, or all. A program that still writes there while it is being ended makes that a few tries. */
  remove(part = this.path): void {
    for (let tries = 10;; tries--) {
      try {
        return Deno.removeSync(part, { recursive: true });
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return;
        if (tries === 0) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#onSignal);
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGTERM", this.#onSignal);
    this.remove();
  }
}

/** Whether there is a file system in memory. */
export function hasMemoryFiles(): boolean {
  try {
    return Deno.statSync("/dev/shm").isDirectory;
  } catch {
    return false;
  }
}
