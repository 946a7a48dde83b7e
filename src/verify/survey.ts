import { FileSource } from "../bytes/file_source.ts";
import { readAll } from "../bytes/reading.ts";
import { Cursor } from "../dataset/cursor.ts";
import { explainRecord, readHeaders } from "../dataset/survey.ts";
import type { DatasetIndex } from "../dataset/dataset_index.ts";
import type { LabelList } from "../dataset/label_list.ts";
import { type Layout, readLayout } from "../dataset/layout.ts";
import { readIndex } from "../dataset/read_index.ts";
import { readLabelList } from "../dataset/read_label_list.ts";
import { UnrecError } from "../errors.ts";
import { RecordError } from "../recordio/problem.ts";
import type { Engine } from "../recordio/types.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { addFinding, type Findings, type Instance, MOST_INSTANCES } from "./findings.ts";

/** What index and layout say of a dataset, as far as they can be read. */
export interface Survey {
  /** Size of the record file in bytes. */
  bytes: number;
  /** The index. */
  index: DatasetIndex | undefined;
  /** The layout. */
  layout: Layout | undefined;
  /** The labels of a list, if they are taken from one. */
  labels: LabelList | undefined;
  /** Why one of them cannot be read. */
  problem: UnrecError | undefined;
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
export async function surveyDataset(
  place: DatasetPlace,
  engine: Engine,
  chunkBytes: number,
  findings: Findings,
): Promise<Survey> {
  using records = await place.openRecords();
  const survey: Survey = {
    bytes: records.size,
    index: undefined,
    layout: undefined,
    labels: undefined,
    problem: undefined,
  };
  const indexScanner = engine.createIndexScanner();
  const scanner = engine.createRecordScanner(chunkBytes);
  try {
    using file = place.files.openIndex("all");
    if (file === undefined) {
      throw new UnrecError(
        `There is no ${place.index}`,
        { kind: "download-again", path: place.index },
        { kind: "rebuild-index", path: place.path },
      );
    }
    const index = survey.index = await readAll(readIndex(place.index, file.size, indexScanner), file);
    const { duplicates, firstDuplicates } = index;
    addFinding(findings, "duplicate-key", firstDuplicates.map((key) => ({ key })), duplicates);
    const cursor = new Cursor(records, scanner);
    const layout = survey.layout = await readAll(
      readLayout(place.path, index, (rows, visit, onError) => readHeaders(cursor, index, rows, visit, onError)),
      records,
    );
    addFinding(findings, "repeated-image", repeatedImages(index, layout), layout.repeatedImages);
    addFinding(findings, "backward-range", [], layout.backwardRanges);
    addFinding(findings, "unnamed-record", [], layout.unnamedRecords);
    if (place.labelsFrom !== undefined) {
      using list = new FileSource(place.labelsFrom);
      survey.labels = await readAll(readLabelList(list.name, index, layout), list);
    }
  } catch (error) {
    if (error instanceof RecordError) {
      survey.problem = explainRecord(error.problem, place.path, records.size, survey.index!);
    } else if (error instanceof UnrecError) {
      survey.problem = error;
    } else {
      throw error;
    }
  } finally {
    indexScanner.close();
    scanner.close();
  }
  return survey;
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
