import { statfsSync, type StatsFs } from "node:fs";
import type { Archive } from "../archive/archive.ts";
import { Dataset } from "../dataset/dataset.ts";
import { lastAtMost } from "../dataset/last_at_most.ts";
import { RefusedError } from "../errors.ts";
import { FRAME_HEADER_BYTES, IR_HEADER_BYTES } from "../recordio/constants.ts";
import type { Journal } from "./journal.ts";
import { entriesOf } from "./output_folder.ts";

/** What writing takes. */
export interface SpaceNeeded {
  /** Bytes, every file rounded up to the file system's blocks. */
  bytes: number;
  /** Files. */
  files: number;
  /** Folders, those that are there already included. */
  folders: number;
}

/** What {@linkcode spaceNeeded} takes into account. */
export interface SpaceOptions {
  /** Bytes of the file system's blocks. */
  blockBytes: number;
  /** Whether each dataset has folders of its own. */
  relabel: boolean;
  /** Knows what need not be written again. */
  journal: Journal;
  /** So many unfinished tasks are not counted: those that an earlier run had begun, whose files are there in part. */
  begunTasks: number;
}

/**
 * Makes sure that the file system of the output folder has room for what is left to write. What an archive holds is not
 * known before it is read, so it is not counted.
 *
 * @param sources What is decoded.
 * @param output The folder; it must exist.
 * @param journal Knows what need not be written again.
 * @param options How it is decoded.
 * @throws {RefusedError} If there are too few bytes, or too few inodes.
 */
export function checkSpace(
  sources: readonly (Dataset | Archive)[],
  output: string,
  journal: Journal,
  { jobs, relabel }: { jobs: number; relabel: boolean },
): void {
  let free: StatsFs;
  try {
    free = statfsSync(output);
  } catch {
    // A system that does not tell does not forbid it either.
    return;
  }
  // Tasks are handed out in order, one a job.
  const begunTasks = journal.resumed.images > 0 ? jobs : 0;
  const needed = spaceNeeded(sources, { blockBytes: free.bsize, relabel, journal, begunTasks });
  if (needed.files === 0) return;
  // Some blocks are kept for the superuser.
  const freeBytes = (Deno.build.os !== "windows" && Deno.uid() === 0 ? free.bfree : free.bavail) * free.bsize;
  const what = `Cannot write ${grouped(needed.files)} images to ${output}: they need about`;
  const next = "; make room, or give --no-space-check to begin all the same";
  if (needed.bytes > freeBytes) {
    throw new RefusedError(
      `${what} ${megabytes(needed.bytes, Math.ceil)}, and ${megabytes(freeBytes, Math.floor)} are free there${next}`,
    );
  }
  const inodes = needed.files + Math.max(0, needed.folders - entriesOf(output).length);
  // Some file systems make inodes as they are needed, and say 0.
  if (free.files > 0 && inodes > free.ffree) {
    throw new RefusedError(
      `${what} ${grouped(inodes)} inodes, one a file or folder, and ${grouped(free.ffree)} are free there${next}`,
    );
  }
}

/**
 * What is left to write takes, as far as the indexes tell.
 *
 * @param sources What is decoded.
 * @param options What to take into account.
 */
export function spaceNeeded(sources: readonly (Dataset | Archive)[], options: SpaceOptions): SpaceNeeded {
  const needed: SpaceNeeded = { bytes: 0, files: 0, folders: 0 };
  let begunTasks = options.begunTasks;
  sources.forEach((dataset, number) => {
    if (!(dataset instanceof Dataset)) return;
    const ends = recordEnds(dataset);
    for (const task of dataset.imageTasks()) {
      if (options.journal.has({ ...task, dataset: number }) || begunTasks-- > 0) continue;
      needed.files += task.offsets.length;
      needed.bytes += ends.imageBytes(task.start, task.offsets, options.blockBytes);
    }
    const folders = foldersOf(dataset);
    needed.folders = options.relabel ? needed.folders + folders : Math.max(needed.folders, folders);
  });
  return needed;
}

/** Knows where the records of a dataset end if its file has no gaps: where the next one begins. */
function recordEnds({ index, bytes }: Dataset) {
  const begins = index.rising ? index.offsets : index.offsets.slice().sort();
  return {
    imageBytes(start: number, offsets: Uint32Array, blockBytes: number): number {
      let row = lastAtMost(begins.length, start, (i) => begins[i]);
      let sum = 0;
      for (const offset of offsets) {
        while (row + 1 < begins.length && begins[row + 1] <= start + offset) row++;
        const end = row + 1 < begins.length ? Math.min(begins[row + 1], bytes) : bytes;
        const image = end - start - offset - FRAME_HEADER_BYTES - IR_HEADER_BYTES;
        sum += Math.max(0, Math.ceil(image / blockBytes)) * blockBytes;
      }
      return sum;
    },
  };
}

/** How many folders a dataset's images have at most; where that is not known, at least. */
function foldersOf({ layout, property }: Dataset): number {
  const classes = Number(/^\d+/.exec(property ?? "")?.[0] ?? Infinity);
  const most = Math.min(classes, layout.identityRecords || Infinity, layout.order.length);
  return Number.isFinite(classes) || layout.identityRecords > 0 ? most : 1;
}

/** To a tenth, rounded so that what is too little also looks like it. */
function megabytes(bytes: number, round: (tenths: number) => number): string {
  return `${(round(bytes / 1e5) / 10).toLocaleString("en-US", { minimumFractionDigits: 1 })} MB`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
