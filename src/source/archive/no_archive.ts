import { readHead } from "../../bytes/file_source.ts";
import { type FileKind, fileKind, HEAD_BYTES } from "../../dataset/file_kind.ts";
import { inflateBeginning, remediesFor } from "../../dataset/wrong_file.ts";
import { type Remedy, UnrecError } from "../../errors.ts";
import { STANDARD_INPUT } from "./find_parts.ts";

/** The first bytes of what should be a tar archive, inflated if it was compressed: they tell what it is if it is none. */
export class Beginning {
  #bytes = new Uint8Array();

  /**
   * Takes note of bytes, as long as there are too few.
   *
   * @param bytes The next ones.
   */
  add(bytes: Uint8Array): void {
    const wanted = bytes.subarray(0, HEAD_BYTES - this.#bytes.length);
    if (wanted.length > 0) this.#bytes = Uint8Array.of(...this.#bytes, ...wanted);
  }

  /**
   * Says what it is in place of a tar archive.
   *
   * @param path Its name in messages.
   * @param parts Its files.
   * @returns undefined if that is not known, or it begins as an archive does.
   */
  explain(path: string, parts: readonly string[]): UnrecError | undefined {
    const kind = fileKind(this.#bytes);
    // A tar archive of nothing is zeros.
    if (kind === undefined || kind.name === "tar" || kind.name === "zeros") return undefined;
    const [first] = parts;
    // A file is taken for an archive if it begins as one, or is compressed with gzip.
    return first === STANDARD_INPUT
      ? new UnrecError(`Cannot read an archive: ${path} is ${kind.what}`, { kind: "text", text: inThePipe(kind) })
      : new UnrecError(`Cannot read an archive: what ${path} inflates to is ${kind.what}`, ...inflated(kind, parts));
  }
}

/**
 * Makes sure that gzip data may hold a tar archive, before anything else is done: from the beginning of their first part.
 *
 * @param path Their name in messages.
 * @param parts Their files.
 * @throws {UnrecError} If it is something else, with what to do about it.
 */
export async function expectTarInside(path: string, parts: readonly string[]): Promise<void> {
  const inside = await inflateBeginning(readHead(parts[0], HEAD_BYTES));
  // What cannot be inflated is damaged, and that is told with the byte when it is read.
  if (inside.length === 0) return;
  const beginning = new Beginning();
  beginning.add(inside);
  const error = beginning.explain(path, parts);
  if (error !== undefined) throw error;
}

/** What to do about something that comes through a pipe. */
function inThePipe({ name }: FileKind): string {
  return name === "records"
    ? "give a file that ends in .rec and has its .idx beside it, in place of what comes through a pipe"
    : "look at what is written into the pipe";
}

/** What to do about something that was compressed with gzip. */
function inflated(kind: FileKind, [path, ...others]: readonly string[]): Remedy[] {
  if (others.length > 0) return [];
  return kind.ending === undefined
    ? remediesFor(kind, path)
    : [{ kind: "inflate", path, inflater: "gzip", ending: ".gz" }];
}
