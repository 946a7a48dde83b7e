/** What is written is what MXNet's tools write: against the test's own writer, sample sets, and where there is one Python. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { IndexWriter } from "../../src/recordio/index_writer.ts";
import { RecordView } from "../../src/recordio/record_view.ts";
import { RecordWriter } from "../../src/recordio/record_writer.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { type Engine, ROW_WORDS } from "../../src/recordio/types.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { testUnless, whyNotRun } from "../needs.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { encodeRecord, seededRandom, type TestRecord, writeDataset } from "../write_dataset.ts";
import { ORACLE } from "./oracle.ts";
import { viewOf } from "./view_of.ts";

const ENGINES = [["wasm", wasmEngine], ["ts", tsEngine]] as const;

/** Sample sets with record 0 first, in which each record's id is its key. */
const SETS = ["glint_mini", "multipart", "scalar_label", "second_source"];

/** All that a writer hands on, and what it says of where it is. */
function written(write: (writer: RecordWriter) => void): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const writer = new RecordWriter((bytes) => pieces.push(bytes.slice()));
  write(writer);
  const { offset } = writer;
  writer.flush();
  const bytes = joined(pieces);
  assertEquals([offset, writer.offset], [bytes.length, bytes.length]);
  return bytes;
}

function joined(pieces: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Shows every record of a file that a scanner's memory has room for. */
function eachRecord(engine: Engine, file: Uint8Array, visit: (view: RecordView) => void): void {
  const scanner = engine.createRecordScanner(file.length);
  scanner.chunk.set(file);
  scanner.scan(0, file.length);
  assertEquals(scanner.next, file.length);
  const view = new RecordView();
  for (let i = 0; i < scanner.count; i++) visit(view.at(scanner, i * ROW_WORDS, 0, i, undefined));
  scanner.close();
}

/** Records with every number of bytes after the last whole word, many of them with magic words in all places. */
function* oddRecords(count: number): Generator<TestRecord> {
  const random = seededRandom(4711);
  for (let key = 1; key <= count; key++) {
    const labels = Math.floor(random() * 4);
    const image = Uint8Array.from({ length: Math.floor(random() * 60) }, () => random() * 256);
    for (let words = Math.floor(random() * 6); words > 0; words--) {
      const at = Math.floor(random() * image.length);
      image.set([0x0a, 0x23, 0xd7, 0xce].slice(0, image.length - at), at);
    }
    yield { key, label: labels === 0 ? key : [key, 0, 1].slice(0, labels), image };
  }
}

for (const [name, engine] of ENGINES) {
  for (const set of SETS) {
    Deno.test(`RecordWriter: writes ${set} byte for byte (${name})`, () => {
      const file = Deno.readFileSync(join(DATA, set, "train.rec"));
      const bytes = written((writer) =>
        eachRecord(engine, file, (view) => {
          const [first, end] = view.labels(2);
          if (view.length === 0) writer.range(Number(view.id), first, end);
          else writer.image(view, Number(view.id), false);
        })
      );
      assertEquals(bytes, file);
    });
  }

  Deno.test(`RecordWriter: payloads with the magic word in every place, in as many parts as MXNet's (${name})`, () => {
    const records = [...oddRecords(3000)];
    const file = joined(records.map(encodeRecord));
    let next = 0;
    const parts = new Set<number>();
    const again = written((writer) =>
      eachRecord(engine, file, (view) => {
        parts.add(view.parts);
        writer.image(view, ++next, false);
      })
    );
    assertEquals(again, file);
    assertEquals([...parts].sort(), [1, 2, 3, 4, 5]);
    // The class alone: the image moves within the record, by whole words.
    const scalars = records.map(({ label, ...rest }) => ({ ...rest, label: [label].flat()[0] }));
    next = 0;
    const alone = written((writer) => eachRecord(engine, file, (view) => writer.image(view, ++next, true)));
    assertEquals(alone, joined(scalars.map(encodeRecord)));
  });
}

Deno.test("RecordWriter: another key and another class, in a scalar and in the first place of a vector", () => {
  const image = Uint8Array.of(1, 2, 3, 4, 5);
  const scalar = viewOf(3, 7, image);
  scalar.labelShift = 100;
  const vector = viewOf([4, 1, 0.5], 8, image);
  vector.listedLabel = 12;
  const bytes = written((writer) => {
    writer.image(scalar, 2 ** 32 - 1, false);
    writer.image(vector, 0, false);
    writer.image(vector, 5, true);
  });
  assertEquals(
    bytes,
    joined([
      encodeRecord({ key: 2 ** 32 - 1, label: 103, image }),
      encodeRecord({ key: 0, label: [12, 1, 0.5], image }),
      encodeRecord({ key: 5, label: 12, image }),
    ]),
  );
});

Deno.test("RecordWriter: a key that is the magic word is one that is cut, as any other", () => {
  const key = 0xced7230a;
  const bytes = written((writer) => {
    writer.image(viewOf(3, 7, new Uint8Array()), key, false);
    writer.range(key, 1, 9);
  });
  assertEquals(
    bytes,
    joined([
      encodeRecord({ key, label: 3, image: new Uint8Array() }),
      encodeRecord({ key, label: [1, 9], image: new Uint8Array() }),
    ]),
  );
});

Deno.test("RecordWriter: records as large as its buffer, and larger, and one that grows beyond it when it is cut", () => {
  const records: TestRecord[] = [0, 1, 2 ** 20 - 40, 2 ** 20 - 32, 2 ** 20 - 31, 3 * 2 ** 20 + 1, 5].map((
    length,
    i,
  ) => ({
    key: i + 1,
    label: i,
    image: new Uint8Array(length).fill(i),
  }));
  const magic = new Uint8Array(2 ** 20 - 32);
  for (let at = 0; at < magic.length; at += 4) magic.set([0x0a, 0x23, 0xd7, 0xce], at);
  records.push({ key: 8, label: 7, image: magic }, { key: 9, label: 8, image: Uint8Array.of(9) });
  const bytes = written((writer) => {
    for (const { key, label, image } of records) writer.image(viewOf(label, 0, image.slice()), key, false);
  });
  assert(joined(records.map(encodeRecord)).every((byte, i) => bytes[i] === byte));
});

Deno.test("RecordWriter: goes on in a file that has records already", () => {
  const writer = new RecordWriter(() => {}, 4000);
  writer.range(0, 1, 2);
  assertEquals(writer.offset, 4040);
  writer.flush();
  assertEquals(writer.offset, 4040);
});

testUnless(
  whyNotRun("python3", "-c", "import struct"),
  "RecordWriter: what MXNet's own way of writing in Python gives, and what it reads",
  () => {
    using folder = temporaryFolder();
    const records = [...oddRecords(500)];
    writeDataset(`${folder.path}/theirs`, records);
    const lines: string[] = [];
    const bytes = written((writer) => {
      const index = new IndexWriter((text) => lines.push(new TextDecoder().decode(text)));
      eachRecord(wasmEngine, joined(records.map(encodeRecord)), (view) => {
        index.append(view.number + 1, writer.offset);
        writer.image(view, view.number + 1, false);
      });
      index.flush();
    });
    Deno.mkdirSync(`${folder.path}/ours`);
    Deno.writeFileSync(`${folder.path}/ours/train.rec`, bytes);
    Deno.writeTextFileSync(`${folder.path}/ours/train.idx`, lines.join(""));
    ORACLE.rewrite(`${folder.path}/ours`, `${folder.path}/again`);
    for (const file of ["train.rec", "train.idx"]) {
      const again = Deno.readFileSync(`${folder.path}/again/${file}`);
      assertEquals(again, Deno.readFileSync(`${folder.path}/ours/${file}`), file);
      assertEquals(again, Deno.readFileSync(`${folder.path}/theirs/${file}`), file);
    }
    assertEquals(
      ORACLE.read(`${folder.path}/ours`).map(({ key, labels, bytes }) => [key, labels, bytes]),
      records.map(({ key, label, image }) => [key, [label].flat(), image.length]),
    );
  },
);
