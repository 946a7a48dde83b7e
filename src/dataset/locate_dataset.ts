import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemReason, UnrecError } from "../errors.ts";
import { rebuildCommand } from "./rebuild_command.ts";

/** The files of a dataset. */
export interface DatasetFiles {
  /** The records, `train.rec`. */
  records: string;
  /** The index, `train.idx`. */
  index: string;
  /** First line of the `property` file: classes, height, width. */
  property: string | undefined;
}

/**
 * Finds the files of a dataset.
 *
 * @param path A directory with `train.rec` and `train.idx`, or a `.rec` file whose `.idx` lies beside it.
 * @returns Where they are.
 * @throws {UnrecError} If one of them is missing, with what is there instead.
 */
export function locateDataset(path: string): DatasetFiles {
  const place = locateRecords(path);
  if (!existsSync(place.index)) {
    throw new UnrecError(
      `Cannot open the dataset ${path}: there is no ${place.index}; download it, or rebuild it with ` +
        rebuildCommand(place.index),
    );
  }
  return place;
}

/**
 * Finds the record file of a dataset, and where its index belongs.
 *
 * @param path A directory with `train.rec`, or a `.rec` file.
 * @returns Where they are. The index need not be there.
 * @throws {UnrecError} If there is no record file, with what is there instead.
 */
export function locateRecords(path: string): DatasetFiles {
  let stat: Deno.FileInfo;
  try {
    stat = Deno.statSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot open the dataset ${path}: ${systemReason(error)}`);
  }
  if (!stat.isDirectory) {
    if (!path.endsWith(".rec")) {
      throw new UnrecError(
        `Cannot open the dataset ${path}: it is neither a directory nor a .rec file; give the directory of train.rec`,
      );
    }
    const index = `${path.slice(0, -".rec".length)}.idx`;
    return { records: path, index, property: readProperty(join(path, "..", "property")) };
  }

  const records = join(path, "train.rec");
  const index = join(path, "train.idx");
  if (!existsSync(records)) {
    throw new UnrecError(`Cannot open the dataset ${path}: ${noRecords(path, existsSync(index))}`);
  }
  return { records, index, property: readProperty(join(path, "property")) };
}

function noRecords(directory: string, hasIndex: boolean): string {
  let names: string[];
  try {
    names = Array.from(Deno.readDirSync(directory), (entry) => entry.name);
  } catch (error) {
    return `its files cannot be listed: ${systemReason(error)}`;
  }
  if (names.length === 0) return "the directory is empty; it should hold train.rec and train.idx";
  if (hasIndex) return "it has train.idx, but no train.rec, and the images are there; download it";
  const other = names.filter((name) => name.endsWith(".rec")).sort()[0];
  if (other !== undefined) return `it has no train.rec; to read its ${other}, give --include=${join(directory, other)}`;
  const below = names.sort().find((name) => existsSync(join(directory, name, "train.rec")));
  if (below !== undefined) return `it has no train.rec, but its folder ${below} has: give that one`;
  return "it has neither train.rec nor train.idx; give the directory that the archive was unpacked to";
}

function readProperty(path: string): string | undefined {
  try {
    return firstLine(Deno.readTextFileSync(path));
  } catch {
    // It only says what the records say too, and many sets come without it.
    return undefined;
  }
}

/** The first line of a text, or undefined if that is empty. */
export function firstLine(text: string): string | undefined {
  return text.split(/\r?\n/, 1)[0].trim() || undefined;
}
