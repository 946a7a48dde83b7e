import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FileSource } from "../../src/bytes/file_source.ts";
import { PAUSE, PushedReading, readAll, type Reading, stepsOf } from "../../src/bytes/reading.ts";
import { SequentialFile } from "../../src/bytes/sequential_file.ts";
import { Cursor } from "../../src/dataset/cursor.ts";
import { readIndex } from "../../src/dataset/read_index.ts";
import { readTask } from "../../src/dataset/read_task.ts";
import { readStream } from "../../src/dataset/stream.ts";
import { findNextRecord, walkRecords } from "../../src/dataset/walk.ts";
import { UnrecError } from "../../src/errors.ts";
import type { RecordView } from "../../src/recordio/record_view.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { ROW, ROW_WORDS } from "../../src/recordio/types.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { testUnless, WHY_NO_UNIX } from "../needs.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED } from "../tree.ts";
import { MemorySource, readNow, SlowSource } from "./sources.ts";

const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);

/** Reads from front to back in pieces of a size, and pauses after each; returns what it got. */
function* frontToBack(size: number): Reading<{ pieces: number[]; bytes: number[] }> {
  const pieces: number[] = [];
  const bytes: number[] = [];
  const buffer = new Uint8Array(size);
  for (;;) {
    const count = yield { offset: bytes.length, into: buffer };
    if (count === 0) return { pieces, bytes };
    pieces.push(count);
    bytes.push(...buffer.subarray(0, count));
    assertEquals(yield PAUSE, 0);
  }
}

Deno.test("stepsOf: a step after each request, and the source is not asked for nothing", () => {
  const source = new MemorySource(BYTES);
  const steps = stepsOf(frontToBack(300), source);
  let count = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) count++;
  assertEquals(step.value, { pieces: [300, 300, 300, 100], bytes: [...BYTES] });
  assertEquals(source.reads, [[0, 300], [300, 300], [600, 300], [900, 300], [1000, 300]]);
  assertEquals(count, 9);
});

Deno.test("readAll: a source that does not wait, one that waits and gives short reads, and a caller that waits", async () => {
  const expected = { pieces: [300, 300, 300, 100], bytes: [...BYTES] };
  assertEquals(await readAll(frontToBack(300), new MemorySource(BYTES)), expected);
  assertEquals(await readAll(frontToBack(300), new SlowSource(BYTES, 300)), expected);
  const short = await readAll(frontToBack(300), new SlowSource(BYTES, 70));
  assertEquals([short.pieces.slice(0, 3), short.bytes], [[70, 70, 70], expected.bytes]);
  let steps = 0;
  let waited = 0;
  await readAll(frontToBack(300), new MemorySource(BYTES), () => {
    assertEquals(waited, Math.floor(steps / 2), "it waits for the caller before it goes on");
    if (++steps % 2 === 0) return Promise.resolve().then(() => void waited++);
  });
  assertEquals([steps, waited], [9, 4]);
});

/** A reader that notes how it ended. */
function* noting(ends: string[]): Reading<void> {
  try {
    yield { offset: 0, into: new Uint8Array(10) };
    yield { offset: 10, into: new Uint8Array(10) };
    ends.push("done");
  } finally {
    ends.push("closed");
  }
}

Deno.test("drivers: a reader is closed when its source fails, when its caller throws, and when its caller goes away", async () => {
  const failing = (after: number) => {
    const source = new MemorySource(BYTES);
    const read = source.read.bind(source);
    source.read = (offset, into) => {
      if (source.reads.length === after) throw new UnrecError("no more");
      return read(offset, into);
    };
    return source;
  };
  const ends: string[] = [];
  assertThrows(() => readNow(noting(ends), failing(1)), UnrecError, "no more");
  await assertRejects(() => readAll(noting(ends), failing(1)), UnrecError, "no more");
  await assertRejects(
    () =>
      readAll(noting(ends), new MemorySource(BYTES), () => {
        throw new UnrecError("enough");
      }),
    UnrecError,
    "enough",
  );
  for (const _ of stepsOf(noting(ends), new MemorySource(BYTES))) break;
  assertEquals(ends, ["closed", "closed", "closed", "closed"]);
  readNow(noting(ends), new MemorySource(BYTES));
  assertEquals(ends.slice(4), ["done", "closed"]);
});

Deno.test("PushedReading: pieces of any size, an empty one among them, fill each request to its end", () => {
  for (const size of [1, 2, 3, 299, 300, 301, 1000, 5000]) {
    const pushed = new PushedReading(frontToBack(300));
    for (let at = 0; at < BYTES.length; at += size) {
      pushed.push(BYTES.subarray(at, at + size));
      pushed.push(new Uint8Array());
    }
    assertEquals(pushed.end().bytes, [...BYTES]);
  }
});

Deno.test("PushedReading: the bytes are copied, what comes after the reader's end is dropped, and errors come out of push", () => {
  const buffer = new Uint8Array(4);
  const pushed = new PushedReading((function* (): Reading<number[]> {
    const found: number[] = [];
    while (found.length < 10) {
      const into = new Uint8Array(10 - found.length);
      const count = yield { offset: found.length, into };
      found.push(...into.subarray(0, count));
    }
    return found;
  })());
  for (let at = 0; at < 40; at += 4) {
    buffer.set([at, at + 1, at + 2, at + 3]);
    pushed.push(buffer);
    buffer.fill(99);
  }
  assertEquals(pushed.end(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const failing = new PushedReading((function* (): Reading<void> {
    yield { offset: 0, into: new Uint8Array(3) };
    throw new UnrecError("not so");
  })());
  assertThrows(() => failing.push(buffer), UnrecError, "not so");
});

Deno.test("PushedReading: pauses do not keep a reader from what is there", () => {
  const found: number[] = [];
  const pushed = new PushedReading((function* (): Reading<void> {
    yield PAUSE;
    const into = new Uint8Array(1);
    for (let offset = 0; (yield { offset, into }) > 0; offset++) {
      yield PAUSE;
      found.push(into[0]);
    }
  })());
  pushed.push(Uint8Array.of(5));
  assertEquals(found, [5]);
  pushed.push(Uint8Array.of(6, 7));
  assertEquals(found, [5, 6, 7]);
  pushed.end();
});

Deno.test("PushedReading: a reader that only pauses needs no bytes", () => {
  const pushed = new PushedReading((function* (): Reading<string> {
    yield PAUSE;
    yield PAUSE;
    return "done";
  })());
  assertEquals(pushed.end(), "done");
});

for (const File of [FileSource, SequentialFile]) {
  Deno.test(`${File.name}: reads anywhere, less only at the end, and says what is wrong`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/file`;
    Deno.writeFileSync(path, BYTES);
    {
      using source = new File(path);
      assertEquals([source.name, source.size], [path, 1000]);
      for (
        const [offset, length, count] of [[0, 10, 10], [10, 10, 10], [5, 100, 100], [990, 50, 10], [1000, 5, 0], [
          2000,
          5,
          0,
        ], [3, 4, 4]]
      ) {
        const into = new Uint8Array(length);
        assertEquals(source.read(offset, into), count);
        assertEquals(into.subarray(0, count), BYTES.subarray(offset, offset + count));
      }
    }
    assertThrows(() => new File(`${path}x`), UnrecError, `Cannot read ${path}x: there is no such file or directory`);
    assertThrows(() => new File(folder.path), UnrecError, `Cannot read ${folder.path}: it is a directory`);
  });

  testUnless(WHY_NO_UNIX, `${File.name}: does not wait for somebody to write to a pipe`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/pipe`;
    assertEquals(new Deno.Command("mkfifo", { args: [path] }).outputSync().success, true);
    assertThrows(() => new File(path), UnrecError, `Cannot read ${path}: it is no regular file`);
  });
}

/** What a record says, as plain data. */
function plain({ offset, number, key, headerLabel, id, parts, bytes }: RecordView) {
  return { offset, number, key, headerLabel, id, parts, bytes: bytes.slice() };
}

/** The sample datasets that are one folder. */
const SAMPLES = EXPECTED.filter((name) => !name.includes("+"));

Deno.test("there are sample datasets of seven layouts", () => assertEquals(SAMPLES.length, 7));

for (const name of SAMPLES) {
  Deno.test(`${name}: every reader finds the same over all drivers, with both engines and chunks of any size`, async () => {
    const record = Deno.readFileSync(`${DATA}/${name}/train.rec`);
    const index = Deno.readFileSync(`${DATA}/${name}/train.idx`);
    using dataset = await openDataset(`${DATA}/${name}`);
    const tasks = [...dataset.tasks(20_000)];
    assert(name === "multipart" || tasks.length > 1 || record.length < 20_000, `${tasks.length} tasks`);
    const streams: unknown[] = [];
    const reads: unknown[] = [];
    const walks: unknown[] = [];
    const indexes: unknown[] = [];
    for (const engine of [wasmEngine, tsEngine]) {
      for (const chunkBytes of [256, 5000, 2 ** 20]) {
        const scanner = engine.createRecordScanner(chunkBytes);
        const lines = engine.createIndexScanner(256);
        const file = { name, size: record.length };

        /** The readers, and what each puts where. */
        const readings: [unknown[], Uint8Array, () => { reading: Reading<unknown>; found: unknown[] }][] = [
          [reads, record, () => {
            const found: unknown[] = [];
            const reading = (function* () {
              for (const task of tasks) {
                yield* readTask(new Cursor(file, scanner), task, { record: (view) => found.push(plain(view)) });
              }
            })();
            return { reading, found };
          }],
          [walks, record, () => {
            const found: unknown[] = [];
            const reading = walkRecords(new Cursor(file, scanner), 0, record.length, {
              records({ table }, count, chunkOffset) {
                for (let row = 0; row < count * ROW_WORDS; row += ROW_WORDS) {
                  found.push([chunkOffset + table[row + ROW.FRAME], table[row + ROW.PARTS]]);
                }
              },
              damaged: (damage) => found.push(damage),
            });
            return { reading, found };
          }],
        ];
        for (const [all, bytes, make] of readings) {
          const now = make();
          readNow(now.reading, new MemorySource(bytes));
          const later = make();
          await readAll(later.reading, new SlowSource(bytes, 777));
          all.push(now.found, later.found);
        }

        /** Those that go from front to back can be pushed too. */
        const stream = () => {
          const found: unknown[] = [];
          const endless = { name, size: Infinity };
          return { reading: readStream(new Cursor(endless, scanner), (view) => found.push(plain(view))), found };
        };
        const now = stream();
        readNow(now.reading, new MemorySource(record));
        const later = stream();
        await readAll(later.reading, new SlowSource(record, 777));
        streams.push(now.found, later.found);
        const asIndex = () => readIndex(name, index.length, lines);
        const text = ({ offsets, keys }: ReturnType<typeof asIndex> extends Reading<infer Result> ? Result : never) =>
          Array.from(offsets, (offset, row) => [keys.at(row), offset]);
        indexes.push(text(readNow(asIndex(), new MemorySource(index))));
        indexes.push(text(await readAll(asIndex(), new SlowSource(index, 77))));
        for (const size of [1, 13, 4096]) {
          const pushed = stream();
          const records = new PushedReading(pushed.reading);
          for (let at = 0; at < record.length; at += size) records.push(record.subarray(at, at + size));
          records.end();
          streams.push(pushed.found);
          const entries = new PushedReading(asIndex());
          for (let at = 0; at < index.length; at += size) entries.push(index.subarray(at, at + size));
          indexes.push(text(entries.end()));
        }
        lines.close();
        scanner.close();
      }
    }
    for (const all of [reads, walks, streams, indexes]) {
      assert((all[0] as unknown[]).length > 0);
      for (const other of all) assertEquals(other, all[0]);
    }
    // A stream finds all records, in the order of the file; so does a walk.
    assertEquals(
      (streams[0] as { offset: number }[]).map(({ offset }) => offset),
      (walks[0] as number[][]).map(([at]) => at),
    );
    assertEquals((indexes[0] as unknown[]).length, (walks[0] as unknown[]).length);
  });
}

Deno.test("a search after damage finds the same with short reads", async () => {
  const record = Deno.readFileSync(`${DATA}/glint_mini/train.rec`);
  record.fill(0, 3000, 9000);
  for (const engine of [wasmEngine, tsEngine]) {
    const scanner = engine.createRecordScanner(300);
    const search = () => findNextRecord(new Cursor({ name: "damaged", size: record.length }, scanner), 3000);
    const found = readNow(search(), new MemorySource(record));
    assert(found > 9000 && found < record.length);
    for (const size of [1, 5, 31, 299]) assertEquals(await readAll(search(), new SlowSource(record, size)), found);
    scanner.close();
  }
});
