/** What scans say, in a form in which the two engines can be compared. */
import { INDEX_SCAN, type IndexScanner, type RecordScanner, ROW, ROW_WORDS, SCAN } from "../../src/recordio/types.ts";

/** All that a record scan says, the images it found, and the bytes it left for the next scan. */
export function recordScan(scanner: RecordScanner, bytes: Uint8Array, from: number) {
  scanner.chunk.set(bytes);
  const status = scanner.scan(from, bytes.length);
  const { count, next, needed, position, value } = scanner;
  // A record whose header makes no sense may have been joined already.
  const rest = status === SCAN.HEADER_TOO_SHORT || status === SCAN.LABELS_TOO_LONG ? bytes.length : next;
  const table = scanner.table.slice(0, count * ROW_WORDS);
  const images = [];
  for (let row = 0; row < table.length; row += ROW_WORDS) {
    // From the header's end on: before it and after the image joining may leave anything.
    const { IMAGE, LENGTH } = ROW;
    images.push(scanner.chunk.slice(table[row + IMAGE], table[row + IMAGE] + table[row + LENGTH]));
  }
  return {
    status,
    count,
    next,
    table,
    images,
    needed: status === SCAN.INCOMPLETE ? needed : 0,
    position: status === SCAN.BAD_MAGIC || status === SCAN.UNFINISHED_RECORD ? position : 0,
    value: status > SCAN.INCOMPLETE ? value : 0,
    magic: scanner.findMagic(rest, bytes.length),
    untouched: scanner.chunk.slice(rest, bytes.length),
  };
}

/** All that an index scan says, scan after scan to the end of the text. */
export function indexScan(scanner: IndexScanner, text: Uint8Array) {
  scanner.chunk.set(text);
  const scans = [];
  let status: number = INDEX_SCAN.TABLE_FULL;
  for (let from = 0; status === INDEX_SCAN.TABLE_FULL;) {
    status = scanner.scan(from, text.length);
    const { count, next, consecutive, rising } = scanner;
    scans.push({
      status,
      count,
      next,
      consecutive,
      rising,
      keys: scanner.keys.slice(0, count),
      offsets: scanner.offsets.slice(0, count),
    });
    from = next;
  }
  return scans;
}
