/** Both engines give the same tables and the same errors, whatever bytes they are given. */
import { assert, assertEquals } from "@std/assert";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { type Engine, INDEX_SCAN, SCAN } from "../../src/recordio/types.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { joined, mutate, sampleIndex, sampleRecords } from "../fuzz/samples.ts";
import { indexScan, recordScan } from "../fuzz/scans.ts";
import { DATA, exists } from "../tree.ts";
import { encodeRecord, faces, seededRandom } from "../write_dataset.ts";

const ENGINES: Engine[] = [wasmEngine, tsEngine];
/** The sample datasets. */
const SAMPLES = Array.from(Deno.readDirSync(DATA), ({ name }) => name).filter((name) =>
  exists(`${DATA}/${name}/train.rec`)
);
const MAGIC_BYTES = [0x0a, 0x23, 0xd7, 0xce];

Deno.test("record scan: the sample datasets", () => {
  for (const name of SAMPLES) {
    const bytes = Deno.readFileSync(`${DATA}/${name}/train.rec`);
    const [wasm, ts] = ENGINES.map((engine) => recordScan(engine.createRecordScanner(bytes.length), bytes, 0));
    assertEquals(wasm, ts, name);
    assertEquals([ts.status, ts.next], [SCAN.DONE, bytes.length]);
  }
});

Deno.test("record scan: 20,000 mutations of random records", () => {
  const random = seededRandom(20_000);
  // The neighbours in linear memory hold a pattern that no scan may touch.
  const before = wasmEngine.createRecordScanner(256);
  const wasm = wasmEngine.createRecordScanner(4096);
  const after = wasmEngine.createRecordScanner(256);
  const ts = tsEngine.createRecordScanner(4096);
  before.chunk.fill(0x5a);
  after.chunk.fill(0x5a);
  const seen = new Map<number, number>();
  let sample = sampleRecords(random);
  for (let i = 0; i < 20_000; i++) {
    if (i % 20 === 0) sample = sampleRecords(random);
    const bytes = mutate(sample, random);
    const from = random() < 0.8 ? 0 : Math.floor(random() * (bytes.length + 1));
    const expected = recordScan(ts, bytes, from);
    assertEquals(recordScan(wasm, bytes, from), expected, `mutation ${i}`);
    seen.set(expected.status, (seen.get(expected.status) ?? 0) + 1);
  }
  assert([...before.chunk, ...after.chunk].every((byte) => byte === 0x5a), "a scan wrote outside its region");
  // Mutations are worth something only if they reach every ending; two need more bytes than these, and have own tests.
  const endings = Object.values(SCAN).filter((status) => status !== SCAN.TABLE_FULL && status !== SCAN.RECORD_TOO_LONG);
  assertEquals(endings.filter((status) => (seen.get(status) ?? 0) < 20), []);
});

Deno.test("record scan: a full table is taken up where it ended", () => {
  const bytes = joined(Array(40_000).fill(encodeRecord({ key: 1, label: 2, image: new Uint8Array(5) })));
  for (const engine of ENGINES) {
    const scanner = engine.createRecordScanner(bytes.length);
    const first = recordScan(scanner, bytes, 0);
    const second = recordScan(scanner, bytes, first.next);
    assertEquals([first.status, second.status], [SCAN.TABLE_FULL, SCAN.DONE]);
    assertEquals(first.count + second.count, 40_000);
    scanner.close();
  }
});

Deno.test("record scan: a record of 2^29 bytes in parts is refused, one byte less is read", () => {
  // Two parts and the magic word between them. The scanner needs their headers and their length, not their bytes.
  for (const [last, status] of [[2 ** 28 - 4, SCAN.RECORD_TOO_LONG], [2 ** 28 - 5, SCAN.DONE]]) {
    const results = ENGINES.map((engine) => {
      const scanner = engine.createRecordScanner(2 ** 29 + 100);
      const { chunk } = scanner;
      const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      view.setUint32(0, 0xced7230a, true);
      view.setUint32(4, (1 << 29 | 2 ** 28) >>> 0, true);
      view.setUint32(2 ** 28 + 8, 0xced7230a, true);
      view.setUint32(2 ** 28 + 12, (3 << 29 | last) >>> 0, true);
      const result = [scanner.scan(0, 2 ** 28 + 16 + ((last + 3) & ~3)), scanner.count, scanner.next];
      scanner.close();
      return result;
    });
    assertEquals(results[0][0], status);
    assertEquals(results[0], results[1]);
  }
});

Deno.test("findMagic: at every place of a buffer, and only where it is aligned", () => {
  for (const engine of ENGINES) {
    const scanner = engine.createRecordScanner(300);
    for (let at = 0; at <= 296; at++) {
      scanner.chunk.fill(0x0a);
      scanner.chunk.set(MAGIC_BYTES, at);
      assertEquals(scanner.findMagic(0, 300), at % 4 === 0 ? at : 300);
      assertEquals(scanner.findMagic(at + 1, 300), 300);
      assertEquals(scanner.findMagic(0, at + 3), at + 3);
    }
    scanner.close();
  }
});

Deno.test("index scan: the sample datasets", () => {
  for (const name of SAMPLES) {
    const text = Deno.readFileSync(`${DATA}/${name}/train.idx`);
    const [wasm, ts] = ENGINES.map((engine) => indexScan(engine.createIndexScanner(), text));
    assertEquals(wasm, ts, name);
    const lines = new TextDecoder().decode(text).trimEnd().split("\n").map((line) => line.split("\t").map(Number));
    assertEquals(Array.from(ts[0].keys, (key, i) => [key, ts[0].offsets[i]]), lines);
  }
});

Deno.test("index scan: 20,000 mutations of random lines", () => {
  const random = seededRandom(30_000);
  const [wasm, ts] = ENGINES.map((engine) => engine.createIndexScanner(4096));
  const seen = new Map<number, number>();
  for (let i = 0; i < 20_000; i++) {
    const text = sampleIndex(random);
    const bytes = new TextEncoder().encode(text);
    const expected = indexScan(ts, bytes);
    assertEquals(indexScan(wasm, bytes), expected, JSON.stringify(text));
    const { status } = expected[expected.length - 1];
    seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  const endings = Object.values(INDEX_SCAN).filter((status) => status !== INDEX_SCAN.TABLE_FULL);
  assertEquals(endings.filter((status) => (seen.get(status) ?? 0) < 20), []);
});

Deno.test("index scan: numbers of every length, and the greatest ones", () => {
  const keys = [0, 7, 10, 99999999, 100000000, 123456789, 4294967295];
  const offsets = [0, 8, 12345678, 123456789, 9999999999, 138547865432, Number.MAX_SAFE_INTEGER];
  const text = new TextEncoder().encode(keys.flatMap((k) => offsets.map((o) => `${k}\t${o}\n`)).join(""));
  for (const engine of ENGINES) {
    const [scan] = indexScan(engine.createIndexScanner(4096), text);
    assertEquals([...scan.keys], keys.flatMap((key) => offsets.map(() => key)));
    assertEquals([...scan.offsets], keys.flatMap(() => offsets));
  }
});

Deno.test("index scan: full columns are taken up where they ended", () => {
  const lines = Array.from({ length: 100_000 }, (_, key) => `${key}\t${key * 8}\n`).join("");
  for (const engine of ENGINES) {
    const scans = indexScan(engine.createIndexScanner(2 ** 21), new TextEncoder().encode(lines));
    assertEquals(scans.map(({ status }) => status), [INDEX_SCAN.TABLE_FULL, INDEX_SCAN.DONE]);
    assertEquals(scans.flatMap(({ keys }) => [...keys]), Array.from({ length: 100_000 }, (_, key) => key));
  }
});

Deno.test("record scan: a random dataset of 2,000 images", () => {
  const bytes = joined(
    Array.from(faces({ identities: 30, images: 2000, bytes: [0, 300], record0: "last" }), encodeRecord),
  );
  const [wasm, ts] = ENGINES.map((engine) => recordScan(engine.createRecordScanner(bytes.length), bytes, 0));
  assertEquals(wasm, ts);
  assertEquals(ts.count, 2000 + 30 + 1);
});
