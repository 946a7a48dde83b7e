import { existsSync } from "node:fs";
import { cutTasks, type ReadTask } from "../dataset/cut_tasks.ts";
import { explainRecord, openRecordFile } from "../dataset/dataset.ts";
import type { DatasetIndex } from "../dataset/dataset_index.ts";
import { type Layout, readLayout } from "../dataset/layout.ts";
import type { DatasetFiles } from "../dataset/locate_dataset.ts";
import { readHeaders } from "../dataset/read_headers.ts";
import { readIndex } from "../dataset/read_index.ts";
import { rebuildCommand } from "../dataset/rebuild_command.ts";
import { UnrecError } from "../errors.ts";
import { RecordError } from "../recordio/problem.ts";
import type { Engine } from "../recordio/types.ts";
import { addFinding, type Findings, type Instance, MOST_INSTANCES } from "./findings.ts";

/** What index and layout say of a dataset, as far as they can be read. */
export interface Survey {
  /** Size of the record file in bytes. */
  bytes: number;
  /** The index. */
  index: DatasetIndex | undefined;
  /** The layout. */
  layout: Layout | undefined;
  /** Why one of them cannot be read. */
  problem: string | undefined;
}

/**
 * Reads index and layout, if that can be done.
 *
 * @param place The files.
 * @param engine Makes the scanners.
 * @param chunkBytes How many bytes are read at once.
 * @param findings Takes what is wrong with them though they can be read.
 * @throws {UnrecError} If the record file cannot be opened.
 */
export function surveyDataset(place: DatasetFiles, engine: Engine, chunkBytes: number, findings: Findings): Survey {
  const source = openRecordFile(place.records);
  using _ = source.file;
  const survey: Survey = { bytes: source.bytes, index: undefined, layout: undefined, problem: undefined };
  const indexScanner = engine.createIndexScanner();
  const scanner = engine.createRecordScanner(chunkBytes);
  try {
    const index = survey.index = readIndex(place.index, indexScanner);
    const { duplicates, firstDuplicates } = index;
    addFinding(findings, "duplicate-key", firstDuplicates.map((key) => ({ key })), duplicates);
    survey.layout = readLayout(
      source.path,
      index,
      (rows, visit, onError) => readHeaders(source, index, scanner, rows, visit, onError),
    );
    checkLayout(index, survey.layout, findings);
  } catch (error) {
    if (error instanceof RecordError) {
      survey.problem = explainRecord(error, source.path, source.bytes, survey.index!).message;
    } else if (error instanceof UnrecError) {
      survey.problem = existsSync(place.index)
        ? error.message
        : `There is no ${place.index}; download it, or rebuild it with ${rebuildCommand(place.index)}`;
    } else {
      throw error;
    }
  } finally {
    indexScanner.close();
    scanner.close();
  }
  return survey;
}

function checkLayout(index: DatasetIndex, layout: Layout, findings: Findings): void {
  addFinding(findings, "repeated-image", repeatedImages(index, layout), layout.repeatedImages);
  addFinding(findings, "backward-range", [], layout.backwardRanges);
  addFinding(findings, "unnamed-record", [], layout.unnamedRecords);
}

/** The first few images that stand in the reading order twice. */
function repeatedImages(index: DatasetIndex, { order, repeatedImages }: Layout): Instance[] {
  const found: Instance[] = [];
  if (repeatedImages === 0) return found;
  let end = 0;
  for (const run of order.sorted()) {
    const start = order.starts[run];
    const stop = start + order.lengthOf(run);
    for (let row = start; row < Math.min(stop, end); row++) {
      found.push({ key: index.keys.at(row), byte: index.offsets[row] });
      if (found.length === MOST_INSTANCES) return found;
    }
    end = Math.max(end, stop);
  }
  return found;
}

/**
 * The images of a dataset in the order of the file, cut as decoding does.
 *
 * @param survey The dataset.
 * @param taskBytes About how many bytes a task is.
 * @param firstOrdinal The ordinal of the first image in reading order.
 * @returns undefined if the layout is not known.
 */
export function imagesOf(survey: Survey, taskBytes: number, firstOrdinal: number): Generator<ReadTask> | undefined {
  const { index, layout, bytes } = survey;
  if (index === undefined || layout === undefined) return undefined;
  return cutTasks(index, layout.order, { fileBytes: bytes, taskBytes, maxGap: taskBytes, firstOrdinal });
}
