import { basename } from "node:path";
import { readHead } from "../../bytes/file_source.ts";
import { UnrecError } from "../../errors.ts";

/** A list of sums that is longer was not made for the parts of an archive. */
const MOST_BYTES = 2 ** 20;

/** Sums of files: base name to md5 or sha256, in hexadecimal digits. */
export type Checksums = ReadonlyMap<string, string>;

/** The published md5 sums of the parts that Glint360K is downloaded in (README of recognition/partial_fc, InsightFace). */
export const PUBLISHED: Checksums = new Map([
  ["glint360k_00", "cf7433cbb915ac422230ba33176f4625"],
  ["glint360k_01", "589a5ea3ab59f283d2b5dd3242bc027a"],
  ["glint360k_02", "8d54fdd5b1e4cd55e1b9a714d76d1075"],
  ["glint360k_03", "cd7f008579dbed9c5af4d1275915d95e"],
  ["glint360k_04", "64666b324911b47334cc824f5f836d4c"],
  ["glint360k_05", "a318e4d32493dd5be6b94dd48f9943ac"],
  ["glint360k_06", "c3ae1dcbecea360d2ec2a43a7b6f1d94"],
]);

/**
 * Reads a file of sums as `md5sum` and `sha256sum` write them.
 *
 * @param path The file.
 * @throws {UnrecError} If it cannot be read, or it is larger than any such list, or a line is no sum and name.
 */
export function readChecksums(path: string): Checksums {
  const bytes = readHead(path, MOST_BYTES + 1);
  if (bytes.length > MOST_BYTES) {
    throw new UnrecError(
      `Cannot read the checksums ${path}: it has more than ${MOST_BYTES} bytes, so it is no such list`,
    );
  }
  const text = new TextDecoder().decode(bytes);
  const sums = new Map<string, string>();
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === "") return;
    const match = /^([0-9a-f]{32}|[0-9a-f]{64}) [ *](.+)$/i.exec(line);
    if (match === null) {
      throw new UnrecError(
        `Cannot read the checksums ${path}: line ${i + 1} is not what md5sum or sha256sum write: ` +
          JSON.stringify(line.slice(0, 80)),
      );
    }
    sums.set(basename(match[2]), match[1].toLowerCase());
  });
  return sums;
}
