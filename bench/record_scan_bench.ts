/**
 * Record scan: walking the frames of 200 MB, unpacking header and label vector of each record into the table.
 *
 * The bytes are written into the scanner's chunk before every run, outside the time taken, as a read from the file
 * would: else those few that a scan touches would still lie in the nearest cache. One run is all of them, so 200 MB
 * divided by its time is the rate. `lengths only` is the floor: a loop that does nothing but go from frame to frame by
 * the length in each, one cache line a record, where the next one cannot be fetched before the last one is there.
 *
 *     deno bench -A bench/record_scan_bench.ts
 */
import { FRAME_HEADER_BYTES, IR_HEADER_BYTES, MAX_RECORD_BYTES } from "../src/recordio/constants.ts";
import { tsEngine } from "../src/recordio/ts_engine.ts";
import type { RecordScanner } from "../src/recordio/types.ts";
import { wasmEngine } from "../src/wasm/wasm_engine.ts";
import { fillWithRecord } from "./fill_with_record.ts";
import { once } from "./once.ts";
import { scanAll } from "./scan_all.ts";

const BYTES = 200e6;
const tsScanner = once(() => tsEngine.createRecordScanner(BYTES));
const wasmScanner = once(() => wasmEngine.createRecordScanner(BYTES));

for (const frame of [64, 6144]) {
  const payload = payloadOf(frame - 8);
  for (
    const [name, scannerOf, scan] of [
      ["ts", tsScanner, scanAll],
      ["wasm", wasmScanner, scanAll],
      ["lengths only", tsScanner, countFrames],
    ] as const
  ) {
    const group = `record scan, 200 MB in records of ${frame} bytes`;
    Deno.bench({ name, group, baseline: name === "ts", n: 40, warmup: 5 }, (b) => {
      const scanner = scannerOf();
      const { records, bytes } = fillWithRecord(scanner.chunk, payload);
      b.start();
      const found = scan(scanner, bytes);
      b.end();
      if (found !== records) throw new Error(`${name} found ${found} of ${records} records`);
    });
  }
}

/** As in Glint360K: two labels after a header whose own label means nothing. */
function payloadOf(bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes).fill(0x55);
  const view = new DataView(payload.buffer);
  view.setUint32(0, 2, true);
  view.setFloat32(IR_HEADER_BYTES, 360_231, true);
  return payload;
}

function countFrames({ chunk }: RecordScanner, bytes: number): number {
  const words = new Uint32Array(chunk.buffer, chunk.byteOffset, bytes / 4);
  let records = 0;
  // Written out: a call of an imported function is not inlined, and would cost more than all else here.
  for (let at = 0; at < words.length; records++) {
    at += (FRAME_HEADER_BYTES + (words[at + 1] & MAX_RECORD_BYTES) + 3) >>> 2;
  }
  return records;
}
