import { basename, join } from "node:path";
import { isTaken } from "../is_taken.ts";
import { systemReason, UnrecError } from "../errors.ts";
import type { EntryHandler, TarEntry } from "./tar_entries.ts";

/** Base names of what is of use to those who train on a dataset. */
const KEPT = /^(train\.rec|train\.idx|property|[^/]+\.bin)$/;

/** Ending of a file that is not whole yet. */
const PARTLY = ".part";

/** Stores files of an archive while it is read, under their base names and in one directory. */
export class KeptFiles implements Disposable {
  readonly #directory: string;
  #open: { file: Deno.FsFile; path: string } | undefined;

  /**
   * @param directory Where; made if need be.
   * @throws {UnrecError} If it cannot be made.
   */
  constructor(directory: string) {
    this.#directory = directory;
    this.#try(directory, () => Deno.mkdirSync(directory, { recursive: true }));
  }

  /**
   * Stores a file, if it is of the kind that is kept. It gets its name when it is whole.
   *
   * @param entry The file in the archive.
   * @throws {UnrecError} If there is one of that name already.
   */
  handlerFor(entry: TarEntry): EntryHandler | undefined {
    const name = basename(entry.path);
    if (!KEPT.test(name)) return undefined;
    const path = join(this.#directory, name);
    if (isTaken(path)) {
      throw new UnrecError(`Cannot keep ${path}: it exists already; give --keep-rec another directory`);
    }
    const file = this.#try(path, () => Deno.openSync(path + PARTLY, { create: true, write: true, truncate: true }));
    this.#open = { file, path };
    return {
      push: (bytes) =>
        this.#try(path, () => {
          for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
        }),
      end: () => {
        this.#open = undefined;
        file.close();
        this.#try(path, () => Deno.renameSync(path + PARTLY, path));
      },
    };
  }

  /** Removes what is not whole. */
  [Symbol.dispose](): void {
    if (this.#open === undefined) return;
    this.#open.file.close();
    Deno.removeSync(this.#open.path + PARTLY);
  }

  #try<T>(path: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UnrecError(`Cannot keep ${path}: ${systemReason(error)}`);
    }
  }
}
