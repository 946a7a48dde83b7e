import { existsSync } from "@std/fs/exists";
import { basename, join } from "node:path";
import { systemReason, UnrecError } from "../../errors.ts";
import type { EntryHandler, TarEntry } from "./tar_reader.ts";

/** Base names of what is of use to those who train on a dataset. */
const KEPT = /^(train\.rec|train\.idx|property|[^/]+\.bin)$/;

/** Ending of a file that is not whole yet. */
const PARTLY = ".part";

/**
 * Stores files of an archive while it is read, under their base names and in one directory. They get their names when
 * all of the archive was read: before that it may have to be read again, and then nothing is to be in the way.
 */
export class KeptFiles implements Disposable {
  readonly #directory: string;
  #open: Deno.FsFile | undefined;
  /** Files that do not have their names yet. */
  readonly #paths = new Set<string>();

  /**
   * @param directory Where; made if need be.
   * @throws {UnrecError} If it cannot be made.
   */
  constructor(directory: string) {
    this.#directory = directory;
    this.#try(directory, () => Deno.mkdirSync(directory, { recursive: true }));
  }

  /**
   * Stores a file, if it is of the kind that is kept.
   *
   * @param entry The file in the archive.
   * @throws {UnrecError} If there is one of that name already.
   */
  handlerFor(entry: TarEntry): EntryHandler | undefined {
    const name = basename(entry.path);
    if (!KEPT.test(name)) return undefined;
    const path = join(this.#directory, name);
    if (this.#paths.has(path) || existsSync(path)) {
      throw new UnrecError(`Cannot keep ${path}: it exists already`, { kind: "other-keep-rec" });
    }
    const file = this.#try(path, () => Deno.openSync(path + PARTLY, { create: true, write: true, truncate: true }));
    this.#open = file;
    this.#paths.add(path);
    return {
      push: (bytes) =>
        this.#try(path, () => {
          for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
        }),
      end: () => {
        this.#open = undefined;
        file.close();
      },
    };
  }

  /**
   * Gives the files their names: all of the archive was read.
   *
   * @throws {UnrecError} If that cannot be done.
   */
  finish(): void {
    for (const path of this.#paths) {
      this.#try(path, () => Deno.renameSync(path + PARTLY, path));
      this.#paths.delete(path);
    }
  }

  /** Removes what has no name yet. */
  [Symbol.dispose](): void {
    this.#open?.close();
    for (const path of this.#paths) {
      try {
        Deno.removeSync(path + PARTLY);
      } catch {
        // What went wrong before is told, and a part that is left is overwritten.
      }
    }
  }

  #try<T>(path: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UnrecError(`Cannot keep ${path}: ${systemReason(error)}`);
    }
  }
}
