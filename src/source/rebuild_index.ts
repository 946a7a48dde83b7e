import { isUrl } from "../bytes/http_address.ts";
import { waitingStepsOf } from "../bytes/reading.ts";
import { Cursor } from "../dataset/cursor.ts";
import { IndexBuilder, type KeySource } from "../dataset/index_builder.ts";
import { type Damage, walkRecords } from "../dataset/walk.ts";
import { UnrecError } from "../errors.ts";
import { Pause } from "../pool/work.ts";
import { IndexWriter } from "../recordio/index_writer.ts";
import { describeProblem, RecordError } from "../recordio/problem.ts";
import { type EngineName, RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import { loadEngine } from "../wasm/load_engine.ts";
import type { DatasetPlace } from "./dataset_source.ts";
import { requireUnchanged } from "./file_facts.ts";
import { replaceFile, type Replacement } from "./replace_file.ts";

/** Options of {@linkcode rebuildIndex}. */
export interface RebuildOptions {
  /**
   * Which scanners read the file.
   *
   * @default {"wasm"}
   */
  engine?: EngineName;
  /**
   * How many bytes are read at once.
   *
   * @default {8388608}
   */
  chunkBytes?: number;
  /**
   * Whether damaged records are left out. Otherwise the first one is an error.
   *
   * @default {false}
   */
  skipDamage?: boolean;
  /** Stops the reading when it is aborted; nothing is written then. */
  signal?: AbortSignal;
  /** Told how many records were found in how many bytes, of how many in all. */
  onProgress?: (progress: { records: number; bytes: number; total: number }) => void;
}

/** What {@linkcode rebuildIndex} did. */
export interface RebuildReport extends Replacement {
  /** The record file. */
  path: string;
  /** Its size in bytes. */
  bytes: number;
  /** The index file. */
  index: string;
  /** Records, and so lines of the index. */
  records: number;
  /** Records stored in several parts. */
  multiPartRecords: number;
  /** Where the keys come from. */
  keys: KeySource;
  /** Whether no record names the identity records; only where damaged ones are left out. */
  lacksRecord0: boolean;
  /** How many stretches of the file are damaged and left out. */
  damages: number;
  /** Their bytes. */
  damagedBytes: number;
  /** The first few of them. */
  firstDamages: Damage[];
}

const MOST_DAMAGES = 5;

/**
 * Rebuilds the index of a dataset from its records. Keys are the ids in the records' headers (IRHeader.id) if no two are
 * the same and each is below 2^32. Where ids are of no use, a set with identity records tells the keys itself; another
 * gets the running numbers of the records, as MXNet's rec2idx gives them.
 *
 * @param place The dataset; its index need not be there.
 * @param options How.
 * @returns What was done; undefined if {@linkcode RebuildOptions.signal} ended it.
 * @throws {UnrecError} If the records cannot be read, or the index cannot be written; nothing is changed then.
 */
export async function rebuildIndex(
  place: DatasetPlace,
  options: RebuildOptions = {},
): Promise<RebuildReport | undefined> {
  const { engine = "wasm", chunkBytes = RECORD_CHUNK_BYTES, skipDamage = false, signal, onProgress } = options;
  const { path, index } = place;
  if (isUrl(path)) {
    throw new UnrecError(`Cannot index ${path}: nothing can be written there`, { kind: "download", url: path });
  }
  const [facts] = place.facts();
  using file = await place.openRecords();
  const scanner = (await loadEngine(engine)).createRecordScanner(chunkBytes);
  const builder = new IndexBuilder(MOST_DAMAGES);
  try {
    const cursor = new Cursor(file, scanner);
    const walk = walkRecords(cursor, 0, file.size, {
      records: (scanner, count, chunkOffset) => builder.records(scanner, count, chunkOffset),
      damaged: (damage) => builder.damaged(damage),
      met(problem) {
        if (!skipDamage) throw new RecordError(problem);
      },
    });
    const pause = new Pause();
    for await (const _ of waitingStepsOf(walk, file)) {
      if (!pause.isDue) continue;
      onProgress?.({ records: builder.rows, bytes: cursor.chunkOffset, total: file.size });
      await pause.take();
      if (signal?.aborted) return undefined;
    }
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new UnrecError(
      `Cannot index ${path}: at byte ${error.problem.offset} of ${file.size}, after ${builder.rows} whole records: ` +
        describeProblem(error.problem),
      { kind: "download-again", path },
      { kind: "rebuild-index", path, skip: true },
    );
  } finally {
    scanner.close();
  }
  if (builder.rows === 0) {
    throw new UnrecError(`Cannot index ${path}: there is no whole record in its ${file.size} bytes`);
  }
  requireKeys(builder, place, skipDamage);
  requireUnchanged(path, [facts], place.facts().slice(0, 1));
  const replacement = replaceFile(index, (take) => builder.write(new IndexWriter(take)));
  return {
    ...replacement,
    path,
    bytes: file.size,
    index,
    records: builder.rows,
    multiPartRecords: builder.multiPartRecords,
    keys: builder.keySource,
    lacksRecord0: builder.keyProblem === "no-record-0",
    damages: builder.damages,
    damagedBytes: builder.damagedBytes,
    firstDamages: builder.firstDamages,
  };
}

/** Makes sure that the index will not turn a set with identity records into one in which these are images. */
function requireKeys(
  { keyProblem, keySource }: IndexBuilder,
  { path, index }: DatasetPlace,
  skipDamage: boolean,
): void {
  if (keyProblem === "unknown") {
    const why = keySource === "ids-repeat" ? "repeat" : "go beyond 4294967295";
    throw new UnrecError(
      `Cannot index ${path}: the ids in the records' headers ${why}, and though its last records are identity records, ` +
        "they and record 0 do not fit the number of images, so nothing tells the keys",
      { kind: "download-again", path: index },
    );
  }
  if (keyProblem === "no-record-0" && !skipDamage) {
    throw new UnrecError(
      `Cannot index ${path}: its last records are identity records, and there is no record 0, which names them`,
      { kind: "download-again", path },
      { kind: "rebuild-index", path, skip: true },
    );
  }
}
