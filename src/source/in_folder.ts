/** What lies in a folder: names in the order of their numbers, and the record files among them. */
import { join } from "node:path";
import { remediesFor } from "../dataset/wrong_file.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { DatasetPlace } from "./dataset_source.ts";
import { kindOfFile } from "./file_facts.ts";

/** The name of a record file that is a dataset by itself, whatever lies beside it. */
const WHOLE = "train.rec";

/** Told of what is not read, or may be missing, in a sentence. */
export type Notice = (message: string) => void;

/**
 * The datasets whose record files lie in a folder: `train.rec`, or else all `.rec` files, which may be the chunks of one
 * set, in the order of their numbers.
 *
 * @param folder The folder.
 * @param names Names of what is in it.
 * @param notice Told of record files that are not read, and of numbers that are missing.
 * @throws {UnrecError} If there is the index of a record file, and not the record file.
 */
export function recordsIn(folder: string, names: readonly string[], notice: Notice): DatasetPlace[] {
  const files = names.filter((name) => isRecordName(name) && isFile(join(folder, name))).sort(byNumber);
  if (files.includes(WHOLE)) {
    const others = files.filter((name) => name !== WHOLE);
    if (others.length > 0) {
      notice(`${join(folder, WHOLE)} is read, and not ${someOf(others)} beside it, which can be given by name`);
    }
    return [new DatasetPlace(join(folder, WHOLE), folder)];
  }
  const orphan = names.find((name) => name.endsWith(".idx") && !names.includes(recordsOf(name)));
  if (orphan !== undefined && (orphan === "train.idx" || files.length > 0)) {
    const records = recordsOf(orphan);
    const cannot = `Cannot open the dataset ${folder}: it has ${orphan}, but no ${records}`;
    throw insteadOf(records, folder, names, cannot) ??
      new UnrecError(`${cannot}, which holds the images`, { kind: "download-again", path: join(folder, records) });
  }
  tellOfGaps(files.map((name) => join(folder, name)), notice);
  return files.map((name) => new DatasetPlace(join(folder, name), folder));
}

/**
 * Says which numbers are missing among record files that have numbers in their names.
 *
 * @param paths Paths of record files, in the order of their numbers.
 * @param notice Told of each gap.
 */
export function tellOfGaps(paths: readonly string[], notice: Notice): void {
  const numbered = paths.map((path) => /^(.*?)(\d+)\.rec$/.exec(path));
  for (let i = 1; i < numbered.length; i++) {
    const [before, after] = [numbered[i - 1], numbered[i]];
    if (before === null || after === null || before[1] !== after[1]) continue;
    const missing = Number(after[2]) - Number(before[2]) - 1;
    if (missing < 1) continue;
    const files = missing === 1 ? "a file is" : `${missing} files are`;
    notice(`By their numbers, ${files} missing between ${before[0]} and ${after[0]}`);
  }
}

/**
 * Names some of many names.
 *
 * @param names At least one.
 * @returns `a.rec`, or `a.rec and 3 others`.
 */
export function someOf(names: readonly string[]): string {
  const more = names.length - 1;
  return more === 0 ? names[0] : `${names[0]} and ${more} ${more === 1 ? "other" : "others"}`;
}

/**
 * Names what there is instead of a record file: one that is compressed, or not downloaded to its end.
 *
 * @param records The name of the record file.
 * @param folder Where it should be.
 * @param names Names of what is there.
 * @param cannot What is not possible, and that the record file is missing.
 * @returns undefined if there is nothing of that kind.
 */
export function insteadOf(
  records: string,
  folder: string,
  names: readonly string[],
  cannot: string,
): UnrecError | undefined {
  const other = names.filter((name) => name.startsWith(`${records}.`)).sort(byNumber)[0];
  if (other === undefined) return undefined;
  const path = join(folder, other);
  const kind = kindOfFile(path);
  const is = kind === undefined ? "" : `, which is ${kind.what}`;
  return new UnrecError(`${cannot}, only ${other}${is}`, ...kind === undefined ? [] : remediesFor(kind, path));
}

/** Whether a file of that name is one of records. macOS has hidden files that only belong to others: `._train.rec`. */
function isRecordName(name: string): boolean {
  return name.endsWith(".rec") && !name.startsWith(".");
}

/** The name of the record file that an index belongs to. */
function recordsOf(index: string): string {
  return index.replace(/\.idx$/, ".rec");
}

/**
 * Compares names by the numbers in them: 2 before 10.
 *
 * @param a A name, or a path.
 * @param b Another.
 * @returns Below 0 if the first comes first.
 */
export function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true }) || (a < b ? -1 : 1);
}

/**
 * Names of what is in a folder.
 *
 * @param folder The folder.
 * @throws {UnrecError} If nobody may look into it.
 */
export function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    throw new UnrecError(`Cannot list the files of ${folder}: ${systemReason(error)}`);
  }
}

/**
 * Whether there is a folder of that path, or a link to one.
 *
 * @param path The path.
 */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory ?? false;
}

/**
 * Whether there is a regular file of that path, or a link to one.
 *
 * @param path The path.
 */
export function isFile(path: string): boolean {
  return statOf(path)?.isFile ?? false;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    // There is none, or it is a link that leads in a circle, or in a folder that nobody may look into.
    return undefined;
  }
}
