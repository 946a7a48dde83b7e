import { join } from "node:path";
import { RefusedError, systemReason, UnrecError } from "../errors.ts";
import { inodeOf, lockFile } from "./lock_file.ts";

/** It lies among the journals while shares are put together. */
const NAME = ".unrec-journal-finish";

/** Keeps two processes from putting the same shares together at the same time. The system ends it with the process. */
export class FinishLock implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  /**
   * @param folder The folder of the journals.
   * @throws {RefusedError} If another process is at it.
   * @throws {UnrecError} If no file can be made there.
   */
  constructor(folder: string) {
    const path = this.#path = join(folder, NAME);
    try {
      this.#file = Deno.openSync(path, { write: true, create: true });
    } catch (error) {
      throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
    }
    if (lockFile(this.#file) && inodeOf(path) === this.#file.statSync().ino) return;
    this.#file.close();
    throw new RefusedError(`Cannot finish ${folder}: another unrec is at it`, {
      kind: "text",
      text: "wait for its end",
    });
  }

  /** Lets others at it. */
  [Symbol.dispose](): void {
    try {
      // Before it is closed: who opened it meanwhile does not get the lock, or sees that the file is another one.
      Deno.removeSync(this.#path);
    } catch {
      // It does no harm where it is.
    }
    this.#file.close();
  }
}
