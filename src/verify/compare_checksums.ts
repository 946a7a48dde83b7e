import { createHash } from "node:crypto";
import type { DatasetFiles } from "../dataset/locate_dataset.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { GLINT360K, recognisedBy } from "./published_checksums.ts";
import type { Checksums } from "./verify_report.ts";

/**
 * Makes the md5 sum of an index and compares both sums with the published ones, if the dataset is one of those.
 *
 * @param place The files.
 * @param records md5 of the record file.
 * @param indexLines Lines of the index, if it can be read.
 * @throws {UnrecError} If the index cannot be read though it is there.
 */
export function compareChecksums(place: DatasetFiles, records: string, indexLines: number | undefined): Checksums {
  const index = md5Of(place.index);
  const known = recognisedBy({ property: place.property, indexLines, records, index }, GLINT360K);
  const differing = [];
  if (known !== undefined) {
    if (records !== GLINT360K.records) differing.push(place.records);
    if (index !== GLINT360K.index) differing.push(place.index);
  }
  return { records, index, recognisedBy: known, differing };
}

function md5Of(path: string): string | undefined {
  const hash = createHash("md5");
  const buffer = new Uint8Array(2 ** 20);
  try {
    using file = Deno.openSync(path);
    for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
  }
  return hash.digest("hex");
}
