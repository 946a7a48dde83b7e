/** Single records by their keys: those that the open dataset gives, in few reads. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { readDataset } from "../../src/dataset/dataset.ts";
import { RecordLookup } from "../../src/dataset/record_lookup.ts";
import { UnrecError } from "../../src/errors.ts";
import { loadEngine } from "../../src/wasm/load_engine.ts";
import { MemorySource, SlowSource } from "../bytes/sources.ts";
import { DATA } from "../tree.ts";

const ENGINES = { wasm: await loadEngine("wasm"), ts: await loadEngine("ts") };
const SETS = ["glint_mini", "header_last", "multipart", "no_identity", "scalar_label", "shuffled"];

function bytesOf(name: string, file: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(`${DATA}/${name}/${file}`);
}

for (const [name, engine] of Object.entries(ENGINES)) {
  for (const set of SETS) {
    Deno.test(`RecordLookup, ${name}: every record of ${set} is that of the open dataset`, async () => {
      const [records, index] = [bytesOf(set, "train.rec"), bytesOf(set, "train.idx")];
      const files = () => ({ records: new MemorySource(records), index: new SlowSource(index, 1000) });
      using dataset = await readDataset(files(), { engine });
      using lookup = new RecordLookup(files(), engine);
      const { keys } = dataset.index;
      for (let row = 0; row < keys.length; row++) {
        const { number: _, ...expected } = (await dataset.get(keys.at(row)))!;
        assertEquals(await lookup.get(keys.at(row)), expected);
        assertEquals(await lookup.has(keys.at(row)), true);
      }
      assertEquals(await lookup.get(1_000_000), undefined);
      assertEquals(await lookup.has(1_000_000), false);
    });
  }

  Deno.test(`RecordLookup, ${name}: of a key that comes twice the last line counts, wherever the others are`, async () => {
    const records = bytesOf("glint_mini", "train.rec");
    const lines = new TextDecoder().decode(bytesOf("glint_mini", "train.idx")).trimEnd().split("\n");
    const offsetOf = (key: number) => lines.find((line) => line.startsWith(`${key}\t`))!.split("\t")[1];
    const shuffled = [`7\t${offsetOf(3)}`, ...lines.toReversed()];
    for (const texts of [[...lines, `7\t${offsetOf(3)}`], [...shuffled, `7\t${offsetOf(3)}`]]) {
      const index = new MemorySource(new TextEncoder().encode(texts.join("\n")));
      using lookup = new RecordLookup({ records: new MemorySource(records), index }, engine);
      assertEquals((await lookup.get(7))!.bytes, (await lookup.get(3))!.bytes);
    }
  });

  Deno.test(`RecordLookup, ${name}: a record that cannot be read is named by its key, and the others can be`, async () => {
    const records = bytesOf("glint_mini", "train.rec");
    const lines = new TextDecoder().decode(bytesOf("glint_mini", "train.idx")).trimEnd().split("\n");
    const offset = Number(lines.find((line) => line.startsWith("5\t"))!.split("\t")[1]);
    records[offset] ^= 1;
    const index = new MemorySource(bytesOf("glint_mini", "train.idx"));
    using lookup = new RecordLookup({ records: new MemorySource(records, "train.rec"), index }, engine);
    await assertRejects(() => lookup.get(5), UnrecError, `the record of key 5 at byte ${offset} of train.rec`);
    assertEquals((await lookup.get(4))!.key, 4);
    assertEquals((await lookup.get(6))!.key, 6);
  });
}

Deno.test("RecordLookup: one record takes a few small reads of a large index, and one of the records", async () => {
  const count = 1_000_000;
  const head = bytesOf("glint_mini", "train.rec");
  const index = new MemorySource(
    new TextEncoder().encode(Array.from({ length: count }, (_, key) => `${key}\t${key * 6000}\n`).join("")),
  );
  const first = Number(new TextDecoder().decode(bytesOf("glint_mini", "train.idx")).split("\n")[1].split("\t")[1]);
  const record = head.subarray(first);
  const reads: number[] = [];
  const records = {
    name: "train.rec",
    size: count * 6000,
    read(offset: number, into: Uint8Array<ArrayBuffer>) {
      reads.push(into.length);
      const found = record.subarray(offset - 654_321 * 6000, offset - 654_321 * 6000 + into.length);
      into.set(found);
      return into.length;
    },
    [Symbol.dispose]() {},
  };
  using lookup = new RecordLookup({ records, index }, ENGINES.wasm);
  assertEquals((await lookup.get(654_321))!.bytes.length, 3908);
  assert(index.reads.length <= 5, `${index.reads.length} reads`);
  assert(index.reads.every(([, wanted]) => wanted <= 2 ** 14));
  assertEquals(reads, [6000]);
});
