import { basename, dirname, join } from "node:path";
import { grownLength, isWhole } from "./growing_file.ts";
import type { Piece } from "./pieces.ts";
import { putTextAnew } from "./put_anew.ts";
import { syncFile, syncFolder } from "./sync_file.ts";

/** It lies beside the journals of the shares. */
const JOURNAL = ".unrec-journal-joined";

/** What is noted of pieces that were joined: as long as the whole is there, it counts in place of them. */
export class JoinedPieces {
  readonly #folder: string;
  readonly #files: readonly string[];
  readonly #fsync: boolean;
  /** Sizes of the pieces that are in the whole, by name: null if the whole is not there, undefined if nobody has looked. */
  #found: Map<string, number> | null | undefined;

  /**
   * @param folder The folder of the pieces.
   * @param files The files that the whole can have, as paths from there; the first one it always has.
   * @param fsync Whether what is noted is made durable.
   */
  constructor(folder: string, files: readonly string[], fsync: boolean) {
    this.#folder = folder;
    this.#files = files;
    this.#fsync = fsync;
  }

  /** Whether the whole is there, with the size that it had when it was joined. */
  get isWhole(): boolean {
    return this.#pieces !== null;
  }

  /**
   * Whether a piece is in the whole, and that is there.
   *
   * @param piece The piece.
   */
  has({ path, bytes }: Piece): boolean {
    return this.#pieces?.get(path) === bytes;
  }

  /** Forgets what was found, so that it is looked at again. */
  lookAgain(): void {
    this.#found = undefined;
  }

  /**
   * Notes which pieces are in the whole. Its files are written, and may still have the names of such that are not whole.
   *
   * @param pieces The pieces.
   * @throws {UnrecError} If that cannot be written.
   */
  write(pieces: readonly Piece[]): void {
    const files = this.#files.map((path) => [path, grownLength(...this.#placeOf(path))]).filter(([, bytes]) =>
      bytes !== 0
    );
    const said = { files, pieces: pieces.map(({ path, bytes }) => [path, bytes]) };
    const path = join(this.#folder, JOURNAL);
    putTextAnew(path, `${JSON.stringify(said)}\n`);
    // Before the pieces go.
    if (this.#fsync) {
      syncFile(path);
      syncFolder(this.#folder);
    }
    this.lookAgain();
  }

  get #pieces(): Map<string, number> | null {
    return this.#found === undefined ? this.#found = this.#read() : this.#found;
  }

  #read(): Map<string, number> | null {
    let said: { files?: unknown; pieces?: unknown } | null;
    try {
      said = JSON.parse(Deno.readTextFileSync(join(this.#folder, JOURNAL)));
    } catch {
      return null;
    }
    // Anybody can write it: only files that the whole has are looked at.
    const { files, pieces } = said ?? {};
    if (!isPairs(files) || !isPairs(pieces) || files[0]?.[0] !== this.#files[0]) return null;
    return files.every(([path, bytes]) => this.#isThere(path, bytes)) ? new Map(pieces) : null;
  }

  #isThere(path: string, bytes: number): boolean {
    const place = this.#placeOf(path);
    return this.#files.includes(path) && isWhole(...place) && grownLength(...place) === bytes;
  }

  #placeOf(path: string): [folder: string, name: string] {
    return [join(this.#folder, dirname(path)), basename(path)];
  }
}

/** Whether a value is a list of pairs of a name and a size. */
function isPairs(value: unknown): value is [string, number][] {
  return Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && typeof pair[0] === "string" && Number.isSafeInteger(pair[1]));
}
