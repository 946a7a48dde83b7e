/**
 * Multi-part records: joining their parts in place, and the search for the next magic word.
 *
 * Joining is measured as a scan of 200 MB of such records. It changes the bytes, so they are written anew before every
 * run, outside the time taken. The search runs over bytes without any magic word: 1 MB, which stays in the processor's
 * cache, and 200 MB, which does not. One run is all of the bytes.
 *
 *     deno bench -A bench/multipart_bench.ts
 */
import { MAGIC } from "../src/recordio/constants.ts";
import { tsEngine } from "../src/recordio/ts_engine.ts";
import type { RecordScanner } from "../src/recordio/types.ts";
import { wasmEngine } from "../src/wasm/wasm_engine.ts";
import { seededRandom } from "../tests/write_dataset.ts";
import { fillWithRecord } from "./fill_with_record.ts";
import { once } from "./once.ts";
import { scanAll } from "./scan_all.ts";

const BYTES = 200e6;

const engines = [
  ["ts", once(() => tsEngine.createRecordScanner(BYTES))],
  ["wasm", once(() => wasmEngine.createRecordScanner(BYTES))],
] as const;

for (const [parts, partBytes] of [[40, 16], [40, 64], [2, 4096]]) {
  const group = `joining, 200 MB in records of ${parts} parts of ${partBytes} bytes`;
  const payload = payloadOf(parts, partBytes);
  for (const [name, scannerOf] of engines) {
    Deno.bench({ name, group, baseline: name === "ts", n: 15, warmup: 3 }, (b) => {
      const scanner = scannerOf();
      const { records, bytes } = fillWithRecord(scanner.chunk, payload);
      b.start();
      const found = scanAll(scanner, bytes);
      b.end();
      if (found !== records) throw new Error(`${name} found ${found} of ${records} records`);
    });
  }
}

/** A record that is cut into equal parts. */
function payloadOf(parts: number, partBytes: number): Uint8Array {
  const payload = new Uint8Array(parts * (partBytes + 4) - 4).fill(0x55);
  const view = new DataView(payload.buffer);
  // A scalar label. Of the header, only its unused last field may hold a magic word: parts have 16 bytes at least.
  view.setUint32(0, 0, true);
  for (let part = 1; part < parts; part++) view.setUint32(part * (partBytes + 4) - 4, MAGIC, true);
  return payload;
}

/** Scanners whose chunk holds noise by now. */
const noisy = new WeakSet<RecordScanner>();

function fillWithNoise(scanner: RecordScanner): void {
  if (noisy.has(scanner)) return;
  const random = seededRandom(1);
  const noise = Uint32Array.from({ length: 2 ** 18 }, () => {
    const word = Math.floor(random() * 2 ** 32);
    return word === MAGIC ? 0 : word;
  });
  const bytes = new Uint8Array(noise.buffer);
  const { chunk } = scanner;
  for (let at = 0; at < chunk.length; at += bytes.length) chunk.set(bytes.subarray(0, chunk.length - at), at);
  noisy.add(scanner);
}

for (const [bytes, n] of [[1e6, 500], [BYTES, 20]]) {
  const group = `next magic word, ${bytes / 1e6} MB without one`;
  for (const [name, scannerOf] of engines) {
    Deno.bench({ name, group, baseline: name === "ts", n, warmup: Math.ceil(n / 5) }, (b) => {
      const scanner = scannerOf();
      fillWithNoise(scanner);
      b.start();
      const found = scanner.findMagic(0, bytes);
      b.end();
      if (found !== bytes) throw new Error(`${name} found a magic word at ${found}`);
    });
  }
}
