/** Files that should hold records: what they are, and what to do about it. */
import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { readDataset } from "../../src/dataset/dataset.ts";
import { expectRecords } from "../../src/dataset/wrong_file.ts";
import { type Remedy, UnrecError } from "../../src/errors.ts";
import { loadEngine } from "../../src/wasm/load_engine.ts";
import { MemorySource, SlowSource } from "../bytes/sources.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { encodeFrames, encodeRecord } from "../write_dataset.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const image = (key: number, bytes = 40) => encodeRecord({ key, label: 1, image: new Uint8Array(bytes).fill(7) });
const other = (text: string) => encodeFrames(utf8(text));
const zeros = (bytes: number) => new Uint8Array(bytes);

/** The number whose bytes are those of the magic word. */
const [MAGIC_LABEL] = new Float32Array(Uint32Array.of(0xced7230a).buffer);

for (
  const [name, bytes] of [
    ["images", joined(image(1), image(2))],
    ["an image larger than what is looked at", image(1, 9000)],
    ["an identity record", encodeRecord({ key: 0, label: [1, 2], image: zeros(0) })],
    ["an image in several parts", encodeRecord({ key: 1, label: 1, image: joined(zeros(4), image(2)) })],
    [
      "an image whose label lies in the second part",
      encodeRecord({ key: 1, label: [MAGIC_LABEL, 1], image: image(2) }),
    ],
    ["a record without a header among images", joined(other("odd"), other("a longer one, odd as well"), image(1))],
    ["a header that is damaged in the last record of the file", joined(image(1), other("odd"))],
    ["a record without a header, and damage", joined(other("odd"), zeros(40))],
    ["a record without a header that is cut", other("a longer one, odd as well, that is cut").subarray(0, 40)],
    ["zeros at the beginning", joined(zeros(90_000), image(1))],
    ["something in the middle of zeros", joined(zeros(300_000), image(1), zeros(300_000))],
    ["bytes that nobody knows", Uint8Array.of(0x8f, 3, 0xaa, 0, 0x91)],
  ] as [string, Uint8Array<ArrayBuffer>][]
) {
  Deno.test(`expectRecords: ${name} may be records, or damage`, async () => {
    await expectRecords(new MemorySource(bytes));
    await expectRecords(new SlowSource(bytes, 3));
  });
}

for (
  const [name, bytes, what, remedy] of [
    ["nothing", zeros(0), "is empty: 0 bytes; the download did not begin or was cut", {
      kind: "download-again",
      path: "train.rec",
    }],
    ["zeros", zeros(1_000_000), "is zeros from its beginning on", { kind: "download-again", path: "train.rec" }],
    [
      "a web page",
      utf8("<html><title>Quota</title>"),
      'is a web page, as servers send it of a download quota or a login: "Quota"',
      {
        kind: "download-again",
        path: "train.rec",
      },
    ],
    [
      "records of something else",
      joined(...["a", "b", "c", "d"].map(other)),
      "is RecordIO, but its records lack the header",
      {
        kind: "text",
        text: "that is for mxnet.recordio.MXRecordIO; unrec reads image records, as MXNet's tools write them",
      },
    ],
    ["one record of something else", other("odd"), "is RecordIO, but", {
      kind: "text",
      text: "that is for mxnet.recordio.MXRecordIO; unrec reads image records, as MXNet's tools write them",
    }],
    ["tar", makeTar({ names: ["header_last"], gzip: false }), "is a tar archive", {
      kind: "rename",
      path: "train.rec",
      to: "train.tar",
    }],
    ["tar in gzip", makeTar({ names: ["header_last"] }), "is a tar archive, compressed with gzip", {
      kind: "rename",
      path: "train.rec",
      to: "train.tar.gz",
    }],
    ["gzip", gzipSync(joined(image(1), image(2))), "is compressed with gzip", {
      kind: "inflate",
      path: "train.rec",
      inflater: "gzip",
      ending: ".gz",
    }],
    ["gzip that is cut", gzipSync(image(1)).subarray(0, 12), "is compressed with gzip", {
      kind: "inflate",
      path: "train.rec",
      inflater: "gzip",
      ending: ".gz",
    }],
    ["7z", Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), "is a 7z archive", {
      kind: "unpack-with-7z",
      path: "train.rec",
    }],
    ["a Git LFS pointer", utf8("version https://git-lfs.github.com/spec/v1\n"), "is a Git LFS pointer", {
      kind: "fetch-with-lfs",
      path: "train.rec",
    }],
    ["an index", utf8("0\t0\n1\t80\n"), "is the text of an index (key TAB offset)", {
      kind: "download-again",
      path: "train.rec",
    }],
  ] as [string, Uint8Array<ArrayBuffer>, string, Remedy][]
) {
  Deno.test(`expectRecords: ${name} are no records`, async () => {
    for (const source of [new MemorySource(bytes, "train.rec"), new SlowSource(bytes, 1000, "train.rec")]) {
      const error = await assertRejects(
        () => expectRecords(source),
        UnrecError,
        `Cannot read records: train.rec ${what}`,
      );
      assertEquals(error.remedies[0], remedy);
    }
  });
}

Deno.test("expectRecords: where the index is in place of the records, they may have each other's names", async () => {
  const text = utf8("0\t0\n");
  const swapped = await assertRejects(
    () => expectRecords(new MemorySource(text, "train.rec"), () => new MemorySource(image(0), "train.idx")),
    UnrecError,
    "train.rec is the text of an index (key TAB offset), and train.idx holds the records",
  );
  assertEquals(swapped.remedies, [{ kind: "swap-names", paths: ["train.rec", "train.idx"] }]);
  const twice = await assertRejects(
    () => expectRecords(new MemorySource(text, "train.rec"), () => new MemorySource(text, "train.idx")),
    UnrecError,
  );
  assertEquals(twice.remedies, [{ kind: "download-again", path: "train.rec" }]);
});

Deno.test("expectRecords: a file of images is read once, and a little of it", async () => {
  const source = new MemorySource(joined(image(0), zeros(100_000)));
  await expectRecords(source, () => {
    throw new Error("the index is of no interest");
  });
  assertEquals(source.reads, [[0, 4096]]);
});

Deno.test("expectRecords: a file that became shorter is read to where it ends now", async () => {
  const source = new MemorySource(utf8("<html>"), "train.rec");
  const shorter = { name: "train.rec", size: 9000, read: source.read.bind(source), [Symbol.dispose]() {} };
  await assertRejects(() => expectRecords(shorter), UnrecError, "train.rec is a web page");
});

Deno.test("readDataset: bytes from anywhere are looked at", async () => {
  const records = new MemorySource(utf8('{"error": "not found"}'), "https://example.org/train.rec");
  await assertRejects(
    async () => readDataset({ records, index: new MemorySource(utf8("0\t0\n")) }, { engine: await loadEngine("wasm") }),
    UnrecError,
    'https://example.org/train.rec is JSON, as servers send it with an error: "{"error": "not found"}"',
  );
});
