import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cursor } from "../../src/dataset/cursor.ts";
import type { ReadTask } from "../../src/dataset/plan.ts";
import { readTask } from "../../src/dataset/read_task.ts";
import { decode } from "../../src/decode/decode.ts";
import { UnrecError } from "../../src/errors.ts";
import { RecordError } from "../../src/recordio/problem.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { MemorySource, readNow } from "../bytes/sources.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { encodeRecord } from "../write_dataset.ts";

/** A record of 64 bytes. */
const SIZE = 64;
const record = (key: number) => encodeRecord({ key, label: key, image: new Uint8Array(32).fill(key) });

/** Twelve records, and where each begins. */
function twelve(change: (bytes: Uint8Array<ArrayBuffer>) => void = () => {}): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Array.from({ length: 12 }, (_, key) => [...record(key)]).flat());
  change(bytes);
  return bytes;
}

const damage = (...records: number[]) => (bytes: Uint8Array) => records.forEach((i) => bytes[i * SIZE] ^= 1);

/** Reads records of a file as one task and as one each, with both engines and chunks of all sizes: all find the same. */
function read(bytes: Uint8Array, offsets: number[], { skip = true, name = "" } = {}) {
  const all = [];
  for (const engine of [wasmEngine, tsEngine]) {
    for (const chunkBytes of [64, 100, 300, 2 ** 16]) {
      for (const apart of [false, true]) {
        const scanner = engine.createRecordScanner(chunkBytes);
        const source = new MemorySource(bytes, "train.rec");
        const found = { records: [] as number[][], lost: [] as [number, string][], passed: [] as number[] };
        const start = offsets[0];
        const tasks: ReadTask[] = apart
          ? offsets.map((offset, i) => taskOf(offset, [0], i))
          : [taskOf(start, offsets.map((offset) => offset - start), 0)];
        for (const task of tasks) {
          readNow(
            readTask(new Cursor(source, scanner), task, {
              record: ({ number, key, offset, label }) => found.records.push([number, key!, offset, label]),
              ...skip ? { lost: ({ kind }, number) => found.lost.push([number, kind]) } : {},
              passed: (offset) => found.passed.push(offset),
            }),
            source,
          );
        }
        scanner.close();
        // A task of its own ends after each record, so it is told of the wanted one that follows too.
        if (apart) found.passed = found.passed.filter((offset) => !offsets.includes(offset));
        all.push(found);
      }
    }
  }
  for (const other of all) assertEquals(other, all[0], name);
  return all[0];
}

function taskOf(start: number, offsets: number[], number: number): ReadTask {
  const end = start + offsets.at(-1)! + SIZE;
  return { start, end, offsets: Uint32Array.from(offsets), numbers: { first: number + 100 }, keys: { first: number } };
}

const at = (...records: number[]) => records.map((i) => i * SIZE);

Deno.test("readTask: the wanted records, with number, key and place", () => {
  const { records, lost } = read(twelve(), at(2, 3, 7));
  assertEquals(records, [[100, 0, 128, 2], [101, 1, 192, 3], [102, 2, 448, 7]]);
  assertEquals(lost, []);
});

Deno.test("readTask: a record that is wanted twice is given twice", () => {
  const all: number[] = [];
  const source = new MemorySource(twelve());
  const task = taskOf(64, [0, 0, 64, 64, 64], 0);
  readNow(
    readTask(new Cursor(source, tsEngine.createRecordScanner(100)), task, { record: ({ label }) => all.push(label) }),
    source,
  );
  assertEquals(all, [1, 1, 2, 2, 2]);
});

for (
  const [name, bytes, wanted, passed] of [
    ["all records, one after the other: the end of the file", twelve(), at(...Array(12).keys()), at(12)],
    ["records before others", twelve(), at(0, 1, 2), at(3)],
    ["one record of no key between others", twelve(), at(0, 1, 3, 4), at(2, 5)],
    ["several, of which the first is told", twelve(), at(0, 1, 7, 8), at(2, 9)],
    ["before the first wanted one nothing is told", twelve(), at(5, 6), at(7)],
    ["bytes of no record between others", twelve(damage(2)), at(0, 1, 3), at(2, 4)],
    ["a damaged record that is wanted is none", twelve(damage(2)), at(0, 1, 2, 3), at(4)],
    ["a wanted place within a record", twelve(), [...at(0, 1), 2 * SIZE + 4, ...at(4)], at(2, 5)],
    ["a wanted place past the end of the file", twelve(), [...at(0, 10), 5000], at(1, 11)],
    ["a record that leads past the next wanted one", long(), at(0, 1, 2, 3, 4), [3.5 * SIZE, 5 * SIZE]],
  ] as [string, Uint8Array, number[], number[]][]
) {
  Deno.test(`readTask, passed: ${name}, whatever is read at once`, () => {
    assertEquals(read(bytes, wanted, { name }).passed, passed);
  });
}

/** Records of which one announces that it is half a record longer than the index has it. */
function long(): Uint8Array<ArrayBuffer> {
  return twelve((bytes) => new DataView(bytes.buffer).setUint32(2 * SIZE + 4, SIZE + SIZE / 2 - 8, true));
}

Deno.test("readTask: what a record that nobody wants takes is not asked for at the next wanted one", () => {
  const short = encodeRecord({ key: 9, label: 9, image: new Uint8Array() });
  const bytes = Uint8Array.from([...twelve(), ...short]);
  // Far after a wanted one, and the last of the file: fewer bytes are left than the record took that was passed over.
  assertEquals(read(bytes, [0, 12 * SIZE]).records, [[100, 0, 0, 0], [101, 1, 12 * SIZE, 9]]);
});

Deno.test("readTask: a wanted place within a record that was joined is read as it is in the file", () => {
  const image = new Uint8Array(40);
  image.set([0x0a, 0x23, 0xd7, 0xce], 16);
  const parts = encodeRecord({ key: 1, label: 1, image });
  // More labels than there is room for: that is seen when its parts are joined, and then they have moved.
  new DataView(parts.buffer).setUint32(8, 99, true);
  const second = 8 + 40;
  assertEquals(read(Uint8Array.from([...parts, ...record(2)]), [0, second, parts.length]).lost, [
    [100, "labels-too-long"],
    [101, "unexpected-part"],
  ]);
});

Deno.test("readTask: the first record that cannot be read ends it, or all such are told", () => {
  const bytes = twelve(damage(3, 4, 9));
  assertEquals(read(bytes, at(...Array(12).keys())).lost, [[103, "bad-magic"], [104, "bad-magic"], [109, "bad-magic"]]);
  const { problem } = assertThrows(() => read(bytes, at(2, 3, 4), { skip: false }), RecordError);
  assertEquals([problem.kind, problem.offset], ["bad-magic", 3 * SIZE]);
  const cut = bytes.slice(0, 11 * SIZE + 4);
  assertEquals(read(cut, [...at(10, 11), 12 * SIZE]).lost, [[101, "truncated"], [102, "outside"]]);
});

/** Writes records, and an index that names some of them; what is not a number goes into the file as it is. */
function write(path: string, pieces: (number | Uint8Array)[], unnamed: number[] = []): void {
  let offset = 0;
  let index = "";
  const bytes: number[] = [];
  for (const piece of pieces) {
    if (typeof piece === "number" && !unnamed.includes(piece)) index += `${piece}\t${offset}\n`;
    const frames = typeof piece === "number" ? record(piece) : piece;
    bytes.push(...frames);
    offset += frames.length;
  }
  Deno.writeFileSync(`${path}/train.rec`, Uint8Array.from(bytes));
  Deno.writeTextFileSync(`${path}/train.idx`, index);
}

for (const jobs of [1, 2]) {
  Deno.test(`decode: records of no key and bytes of no record between others are a loss, with ${jobs} jobs`, async () => {
    using folder = temporaryFolder();
    const pieces = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    for (
      const [what, written, unnamed, place] of [
        ["a record", pieces, [4], 3 * SIZE],
        ["two records, in two places", pieces, [4, 8], 3 * SIZE],
        ["noise", pieces.toSpliced(5, 0, new Uint8Array(12) as never), [], 5 * SIZE],
      ] as [string, (number | Uint8Array)[], number[], number][]
    ) {
      write(folder.path, written, unnamed);
      for (const onError of ["stop", "skip"] as const) {
        const output = `${folder.path}/images`;
        const how = { onError, jobs, chunkBytes: 64 };
        for (const run of ["first", "again"]) {
          // Between others they are met when the images are read; the index decides, as it does for MXNet.
          using dataset = await openDataset(folder.path, how);
          const { images, lost } = await decode([dataset], folderTree(output), how);
          assertEquals([images, lost.length], [10 - unnamed.length, 1], `${what}, ${onError}, ${run}`);
          assertEquals([lost[0].images, lost[0].places, lost[0].unindexed?.first], [0, [], place]);
          assertEquals(lost[0].unindexed!.places, Math.max(1, unnamed.length));
        }
        Deno.removeSync(output, { recursive: true });
      }
    }
  });
}

Deno.test("openDataset: what comes before the first record of the index and after its last one is refused", async () => {
  using folder = temporaryFolder();
  const tail = new Uint8Array(9);
  for (
    const [pieces, unnamed, first, remedy] of [
      [[1, 2, 3, 4], [4], 3 * SIZE, "rebuild-index"],
      [[1, 2, 3, 4], [3, 4], 2 * SIZE, "rebuild-index"],
      [[1, 2, 3, 4], [1], 0, "rebuild-index"],
      [[1, 2, 3, tail], [], 3 * SIZE, "compare-sums"],
      [[tail, 1, 2, 3], [], 0, "compare-sums"],
    ] as [(number | Uint8Array)[], number[], number, string][]
  ) {
    write(folder.path, pieces, unnamed);
    for (const chunkBytes of [64, 2 ** 20]) {
      const error = await assertRejects(() => openDataset(folder.path, { chunkBytes }), UnrecError);
      assert(/^Cannot trust (the index of )?/.test(error.message), error.message);
      assert(new RegExp(`(first byte without a key|the first one) is ${first}$`).test(error.message), error.message);
      assertEquals(error.remedies[0].kind, remedy);
      using dataset = await openDataset(folder.path, { chunkBytes, onError: "skip" });
      const { images, lost } = await decode([dataset], folderTree(`${folder.path}/images`), { onError: "skip" });
      assertEquals([images, lost[0].unindexed?.first], [pieces.length - Math.max(1, unnamed.length), first]);
      Deno.removeSync(`${folder.path}/images`, { recursive: true });
    }
  }
  // In an index that is in disorder the last record is not that of the last line.
  write(folder.path, [1, 2, 3, 4]);
  const lines = Deno.readTextFileSync(`${folder.path}/train.idx`).split(/(?<=\n)/);
  const use = (...order: number[]) =>
    Deno.writeTextFileSync(`${folder.path}/train.idx`, order.map((i) => lines[i]).join(""));
  use(3, 0, 2, 1);
  (await openDataset(folder.path))[Symbol.dispose]();
  use(2, 0, 1);
  await assertRejects(() => openDataset(folder.path), UnrecError, `the first byte without a key is ${3 * SIZE}`);
});

Deno.test("readTask: what lies in gaps is not read, whatever is damaged there, and the same records are found", () => {
  const bytes = twelve(damage(4, 5));
  for (const engine of [wasmEngine, tsEngine]) {
    for (const chunkBytes of [64, 100, 300, 2 ** 16]) {
      const scanner = engine.createRecordScanner(chunkBytes);
      const source = new MemorySource(bytes, "train.rec");
      const found: number[] = [];
      const passed: number[] = [];
      const gaps = { starts: Uint32Array.of(2 * SIZE, 6 * SIZE), next: Uint32Array.of(2, 3) };
      const task = { ...taskOf(SIZE, [0, SIZE, 5 * SIZE, 9 * SIZE], 0), gaps };
      readNow(
        readTask(new Cursor(source, scanner), task, {
          record: ({ label }) => found.push(label),
          passed: (offset) => passed.push(offset),
        }),
        source,
      );
      scanner.close();
      assertEquals(found, [1, 2, 6, 10]);
      assertEquals(passed, at(3, 7, 11));
      const touched = new Set<number>();
      for (const [offset, wanted] of source.reads) {
        for (let byte = offset; byte < offset + wanted; byte++) touched.add(Math.floor(byte / SIZE));
      }
      assertEquals([...touched].sort((a, b) => a - b), [1, 2, 6, 10]);
    }
  }
});
