import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { RecordView } from "../../src/recordio/record_view.ts";
import { encodeRecord } from "../write_dataset.ts";

/**
 * A view of a record that is alone in a scanner's memory.
 *
 * @param label Its label, or its label vector.
 * @param number Its place in reading order; its key is the same.
 * @param image The image.
 */
export function viewOf(label: number | number[], number: number, image = new Uint8Array()): RecordView {
  const bytes = encodeRecord({ key: number, label, image });
  const scanner = tsEngine.createRecordScanner(bytes.length);
  scanner.chunk.set(bytes);
  scanner.scan(0, bytes.length);
  return new RecordView().at(scanner, 0, 0, number, number);
}
