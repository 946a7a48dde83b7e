import { basename, join } from "node:path";
import { UnrecError } from "../errors.ts";
import { type Checksums, readChecksums } from "../source/archive/checksums.ts";
import type { FoundSource, SourceOptions } from "../source/source.ts";
import { overlapOf } from "./check_apart.ts";
import type { DecodeGiven } from "./decode.ts";
import { counted } from "./numbers.ts";
import { UsageError } from "./usage_error.ts";

/** How a source is opened, as far as it is an archive. */
export type ArchiveOptions = (place: FoundSource) => Pick<SourceOptions, "checksums" | "keep">;

/**
 * What the options about archives mean for each source.
 *
 * @param given What the command line gives.
 * @param found What is read.
 * @param warn Told, in a sentence, where an option does not do what somebody may have thought.
 * @throws {UsageError} If files of archives would be stored among the images.
 * @throws {UnrecError} If the file of checksums cannot be read.
 */
export function archiveOptions(
  { keepRec, checksums, noChecksum, output, dryRun }: DecodeGiven,
  found: readonly FoundSource[],
  warn: (message: string) => void,
): ArchiveOptions {
  if (keepRec !== undefined && output !== undefined && ["same", "inside"].includes(overlapOf(keepRec, output) ?? "")) {
    throw new UsageError(
      `--keep-rec=${keepRec} is --output=${output} or inside it; give what is kept a folder of its own, not among the images`,
    );
  }
  const archives = found.filter(isArchive);
  const other = found.find((place) => !isArchive(place));
  if (other !== undefined && keepRec !== undefined) {
    warn(`--keep-rec stores files of archives, and ${other.path} is none: its files are there already`);
  }
  if (other !== undefined && checksums !== undefined) {
    warn(`--checksums is about archives, and ${other.path} is none: its sums are compared by unrec verify --checksums`);
  }
  const sums = noChecksum ? false : checksums === undefined ? undefined : readChecksums(checksums);
  if (sums !== undefined && sums !== false) {
    requireSums(
      checksums!,
      sums,
      archives.flatMap(({ path, paths }) => paths.length > 0 ? paths : path),
      warn,
    );
  }
  const folders = keepRec === undefined || dryRun ? [] : foldersOf(keepRec, archives);
  return (place) => {
    const keep = folders[archives.indexOf(place)];
    return { ...sums === undefined ? {} : { checksums: sums }, ...keep === undefined ? {} : { keep } };
  };
}

/** Files in an archive that sums may be of: those of datasets. */
const IN_ARCHIVES = /\.(rec|idx|bin)$|^property$/;

/** Makes sure that a list has sums of what is read, and says of which parts it has none. */
function requireSums(
  list: string,
  sums: Checksums,
  parts: readonly string[],
  warn: (message: string) => void,
): void {
  const without = parts.filter((part) => !sums.has(basename(part)));
  const ofFiles = [...sums.keys()].some((name) => IN_ARCHIVES.test(name));
  if (parts.length === 0 || without.length === 0 || without.length === parts.length && ofFiles) return;
  const [first, ...others] = without;
  const which = `${first}${others.length === 0 ? "" : ` and ${counted(others.length, "other")}`}`;
  if (without.length < parts.length) return warn(`${list} has no sum of ${which}: it is not compared`);
  throw new UnrecError(
    `Cannot compare any sum of ${list}: it has none of ${which}${
      sums.size === 0 ? "" : `, but that of ${[...sums.keys()][0]}`
    }`,
    { kind: "no-checksum" },
  );
}

function isArchive({ kind }: FoundSource): boolean {
  return kind === "archive";
}

/** Where the files of each archive go: if there are several, to a folder each that is named after it. */
function foldersOf(folder: string, archives: readonly FoundSource[]): string[] {
  if (archives.length < 2) return archives.map(() => folder);
  const names = archives.map(({ paths: [first] }) => nameOf(first));
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return join(folder, before === 0 ? name : `${name}-${before + 1}`);
  });
}

/** An archive's name, without what tells how it is packed and which part it is. */
function nameOf(path: string | undefined): string {
  if (path === undefined) return "standard-input";
  return basename(path).replace(/[._-]*(\d+|aa+)$/, "").replace(/\.(zip|tgz|tar|tar\.\w+)$/i, "") || basename(path);
}
