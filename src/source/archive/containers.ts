import type { FileKind } from "../../dataset/file_kind.ts";
import { type Remedy, UnrecError } from "../../errors.ts";
import { kindOfFile } from "../file_facts.ts";
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
 * @param kind What it is, as its first bytes tell.
 * @returns undefined if it is no archive.
 */
export function containerOf(kind: FileKind | undefined): Container | undefined {
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
  return containerOf(kindOfFile(path));
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
    return { kind: "store-in-file", ...name === "zip" ? { why: "its table of contents is at its end" } : {} };
  }
  if (parts.length > 1) return { kind: "join-parts", parts, to: `joined.${name}` };
  return { kind: "unpack-with-7z", path };
}
