import { basename, dirname, join, posix, resolve } from "node:path";
import { systemReason, UnrecError } from "../../errors.ts";
import { isSameFile, isTaken } from "../replace_file.ts";
import { type FileFacts, fileFacts } from "../file_facts.ts";
import type { ArchiveEntry, EntryHandler } from "./entry.ts";

/** Base names of what is of use to those who train on a dataset. */
const KEPT = /^(train\.rec|train\.idx|property|[^/]+\.bin)$/;

/** A file that is not whole yet. */
interface Part {
  /** Where it lies, under a name that says so. */
  path: string;
  /** Its path in the archive. */
  entry: string;
}

/**
 * Stores files of an archive while it is read: under their base names, or where several have the same, under their paths
 * in the archive. They get their names when all of the archive was read: before that it may have to be read again, and
 * then nothing is to be in the way. A file that is there already stays if it has the same bytes, as one that an earlier
 * run kept has; another one is never written over.
 */
export class KeptFiles implements Disposable {
  readonly #folder: string;
  #open: Deno.FsFile | undefined;
  readonly #parts: Part[] = [];

  /**
   * @param folder Where; made if need be.
   * @throws {UnrecError} If it cannot be made.
   */
  constructor(folder: string) {
    this.#folder = folder;
    attempt(folder, () => Deno.mkdirSync(folder, { recursive: true }));
  }

  /**
   * Whether a file is of the kind that is kept.
   *
   * @param name Its base name.
   */
  wants(name: string): boolean {
    return KEPT.test(name);
  }

  /**
   * Stores a file, if it is of the kind that is kept.
   *
   * @param entry The file in the archive.
   * @throws {UnrecError} If it cannot be stored, or the place is taken by another file.
   */
  handlerFor({ path: entry, bytes }: ArchiveEntry): EntryHandler | undefined {
    if (!this.wants(posix.basename(entry))) return undefined;
    this.#requireFree(entry, bytes);
    const path = join(this.#folder, `.unrec-${this.#parts.length + 1}.part`);
    // One that is left over is removed and not written to: it may be a link.
    attempt(path, () => removeIfThere(path));
    const file = attempt(path, () => Deno.openSync(path, { write: true, createNew: true }));
    this.#open = file;
    this.#parts.push({ path, entry });
    return {
      push: (bytes) =>
        attempt(path, () => {
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
   * @returns They, in the order they came.
   * @throws {UnrecError} If that cannot be done.
   */
  finish(): FileFacts[] {
    const names = this.#parts.map(({ entry }) => posix.basename(entry));
    const inFolders = new Set(names).size < names.length;
    const paths = this.#parts.map(({ entry }, i) => join(this.#folder, inFolders ? posix.normalize(entry) : names[i]));
    paths.forEach((path, i) => this.#name(this.#parts[i].path, path));
    this.#parts.length = 0;
    return paths.map((path) => fileFacts(resolve(path), path));
  }

  /** Removes what has no name yet. */
  [Symbol.dispose](): void {
    this.#open?.close();
    for (const { path } of this.#parts) {
      try {
        removeIfThere(path);
      } catch {
        // What went wrong before is told, and a part that is left is removed by the next run.
      }
    }
  }

  /** Says as early as possible that another file is in the place: the sizes tell, most times. */
  #requireFree(entry: string, bytes: number): void {
    // Whether it gets its base name alone is known only for the first one.
    if (this.#parts.length > 0) return;
    const path = join(this.#folder, posix.basename(entry));
    attempt(path, () => {
      if (!isTaken(path)) return;
      const { isFile, size } = Deno.lstatSync(path);
      if (!isFile || size !== bytes) throw takenBy(path);
    });
  }

  #name(part: string, path: string): void {
    attempt(path, () => {
      Deno.mkdirSync(dirname(path), { recursive: true });
      if (!isTaken(path)) return Deno.renameSync(part, path);
      if (!Deno.lstatSync(path).isFile || !isSameFile(part, path)) throw takenBy(path);
      Deno.removeSync(part);
    });
  }
}

function takenBy(path: string): UnrecError {
  return new UnrecError(`Cannot keep ${path}: there is a file of that name already, and it is another one`, {
    kind: "other-keep-rec",
  });
}

function removeIfThere(path: string): void {
  if (isTaken(path)) Deno.removeSync(path);
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof UnrecError) throw error;
    throw new UnrecError(`Cannot keep ${basename(path)} in ${dirname(path)}: ${systemReason(error)}`);
  }
}
