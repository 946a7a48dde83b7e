/**
 * Index scan: the text of a `train.idx` of 17,507,700 lines (that of Glint360K) to columns of keys and offsets.
 *
 * Measured is what `readIndex` does with the text, in its chunks of 1 MiB: copy it into the scanner's chunk, scan, move
 * the beginning of a line to the front. The text lies in memory, so no file is read. One run is the whole index.
 *
 *     deno bench -A bench/index_scan_bench.ts
 */
import { tsEngine } from "../src/recordio/ts_engine.ts";
import { INDEX_SCAN, type IndexScanner, type IndexScanStatus } from "../src/recordio/types.ts";
import { wasmEngine } from "../src/wasm/wasm_engine.ts";
import { INDEX_LINES, recordOffsets } from "./glint360k.ts";
import { IndexText } from "./index_text.ts";
import { once } from "./once.ts";

const group = `index scan, ${INDEX_LINES.toLocaleString("en")} lines`;
const indexText = once(makeText);

for (const [name, engine] of [["ts", tsEngine], ["wasm", wasmEngine]] as const) {
  Deno.bench({ name, group, baseline: name === "ts", n: 8, warmup: 2 }, (b) => {
    const text = indexText();
    const scanner = engine.createIndexScanner();
    b.start();
    const lines = scanAll(text, scanner);
    b.end();
    scanner.close();
    if (lines !== INDEX_LINES) throw new Error(`${name} found ${lines} lines`);
  });
}

function makeText(): Uint8Array<ArrayBuffer> {
  const offsets = recordOffsets();
  const text = new IndexText(INDEX_LINES);
  for (let key = 0; key < INDEX_LINES; key++) text.append(key, offsets[key]);
  return text.bytes;
}

function scanAll(text: Uint8Array<ArrayBuffer>, scanner: IndexScanner): number {
  let lines = 0;
  let filled = 0;
  for (let at = 0; at < text.length;) {
    const read = Math.min(scanner.chunk.length - filled, text.length - at);
    scanner.chunk.set(text.subarray(at, at + read), filled);
    at += read;
    filled += read;
    let from = 0;
    let status: IndexScanStatus;
    do {
      status = scanner.scan(from, filled);
      lines += scanner.count;
      from = scanner.next;
    } while (status === INDEX_SCAN.TABLE_FULL);
    if (status !== INDEX_SCAN.DONE) throw new Error(`the scan ended with ${status} in line ${lines + 1}`);
    scanner.chunk.copyWithin(0, from, filled);
    filled -= from;
  }
  return lines;
}
