import { FileSource } from "../../bytes/file_source.ts";
import { type FileKind, fileKind, HEAD_BYTES } from "../../dataset/file_kind.ts";
import { type Remedy, UnrecError } from "../../errors.ts";
import { STANDARD_INPUT } from "./find_parts.ts";

/** What datasets come packed in. */
export interface Container {
  /** What it is. */
  kind: FileKind;
  /** What reads it; undefined if another program has to unpack or inflate it. */
  reader: "tar" | "zip" | undefined;
}

/** What is read here, by the names that the kinds of files have. */
const READERS: Record<string, Container["reader"]> = { tar: "tar", gzip: "tar", zip: "zip" };

/**
 * Tells what an archive is packed with.
 *
 * @param head Its first bytes, {@linkcode HEAD_BYTES} or all that it has.
 * @returns undefined if it is no archive.
 */
export function containerOf(head: Uint8Array): Container | undefined {
  const kind = fileKind(head);
  if (kind === undefined) return undefined;
  const reader = READERS[kind.name];
  return reader !== undefined || kind.inflater !== undefined || kind.foreignArchive ? { kind, reader } : undefined;
}

/**
 * Tells what an archive is packed with.
 *
 * @param path The file, or its first part.
 * @returns undefined if it is no archive, or cannot be read: why, is said when it is opened.
 */
export function containerOfFile(path: string): Container | undefined {
  try {
    using file = new FileSource(path);
    const head = new Uint8Array(HEAD_BYTES);
    return containerOf(head.subarray(0, file.read(0, head)));
  } catch {
    return undefined;
  }
}

/**
 * The error for an archive that cannot be read here as it comes, with the commands that help.
 *
 * @param container What it is packed with.
 * @param name Its name in messages.
 * @param parts Its files.
 */
export function notReadHere({ kind }: Container, name: string, parts: readonly string[]): UnrecError {
  return new UnrecError(`Cannot read an archive: ${name} is ${kind.what}`, wayOf(kind, parts));
}

/**
 * The way to the files of an archive for what has to read them in another order than that in which they come.
 *
 * @param name Its name in messages.
 * @param parts Its files.
 */
export function unpackingOf(name: string, [first]: readonly string[]): Remedy {
  const container = first === STANDARD_INPUT ? undefined : containerOfFile(first);
  if (container?.reader === "zip") return { kind: "unzip", path: first };
  return container?.kind.foreignArchive ? { kind: "unpack-with-7z", path: first } : { kind: "unpack", path: name };
}

function wayOf({ name, inflater }: FileKind, parts: readonly string[]): Remedy {
  const [path] = parts;
  const fromPipe = path === STANDARD_INPUT;
  if (inflater !== undefined) {
    if (fromPipe) return { kind: "text", text: `inflate it on the way, with ${inflater} -dc in front of this command` };
    const inflate = [inflater, "-dc"];
    return { kind: "pipe", commands: parts.length === 1 ? [[...inflate, path]] : [["cat", ...parts], inflate] };
  }
  if (fromPipe) {
    const why = name === "zip" ? "its table of contents is at its end, so " : "";
    return { kind: "text", text: `${why}store it in a file and give that to --include` };
  }
  if (parts.length > 1) return { kind: "join-parts", parts, to: `joined.${name}` };
  return { kind: "unpack-with-7z", path };
}
