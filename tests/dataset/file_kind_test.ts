import { assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { fileKind } from "../../src/dataset/file_kind.ts";
import { tarHeader } from "../source/archive/make_archive.ts";
import { encodeFrames, encodeRecord } from "../write_dataset.ts";

/** A character is a byte. */
function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** The header of a ZIP archive's first file: what stands before the name, which is all that is looked at. */
function zipOf(name: string): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(30 + name.length);
  header.set(bytes("PK\x03\x04\x14\0"));
  header[26] = name.length;
  header.set(bytes(name), 30);
  return header;
}

/** CRC-32C by a table, to check the one that goes bit by bit. */
function crc32c(of: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, i) => {
    for (let bit = 0; bit < 8; bit++) i = i & 1 ? i >>> 1 ^ 0x82f63b78 : i >>> 1;
    return i;
  });
  return ~of.reduce((sum, byte) => sum >>> 8 ^ table[(sum ^ byte) & 255], -1) >>> 0;
}

/** A record as TensorFlow writes it: length, masked sum of the length, data, masked sum of the data. */
function tfRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const masked = (of: Uint8Array) => ((crc32c(of) >>> 15 | crc32c(of) << 17) + 0xa282ead8) >>> 0;
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}

/** A message of protocol buffers in which a map has an entry of that name, as SageMaker's `Record` begins. */
function protobuf(field: number, name: string, value: string): Uint8Array<ArrayBuffer> {
  const part = (tag: number, text: string) => {
    const low = String.fromCharCode(text.length & 127 | 128, text.length >> 7);
    return String.fromCharCode(tag << 3 | 2) + (text.length < 128 ? String.fromCharCode(text.length) : low) + text;
  };
  return bytes(part(field, part(1, name) + part(2, value)));
}

Deno.test("crc32c of this test gives what RFC 3720 says", () => {
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(bytes("123456789")), 0xe3069283);
});

const LMDB = new Uint8Array(4096);
new DataView(LMDB.buffer).setUint32(16, 0xbeefc0de, true);

const IMAGE = encodeRecord({ key: 1, label: 10, image: new Uint8Array(99) });

for (
  const [name, begins, kind] of [
    ["a record", IMAGE, "records"],
    ["an identity record", encodeRecord({ key: 0, label: [1, 9], image: new Uint8Array() }), "records"],
    ["a record with ten labels", encodeRecord({ key: 1, label: Array(10).fill(1), image: IMAGE }), "records"],
    ["a record of SageMaker", encodeFrames(protobuf(1, "values", "12345678")), "protobuf-records"],
    ["a long record of SageMaker", encodeFrames(protobuf(1, "values", "x".repeat(3000))), "protobuf-records"],
    ["a label of SageMaker", encodeFrames(protobuf(2, "values", "1234")), "protobuf-records"],
    ["a magic word", bytes("\x0a\x23\xd7\xce"), "records"],
    ["half a magic word", bytes("\x0a\x23"), "text"],
    ["nothing", new Uint8Array(), "empty"],
    ["zeros", new Uint8Array(4096), "zeros"],
    ["zeros and a byte", Uint8Array.from([...new Uint8Array(4000), 1]), undefined],
    ["ZIP", zipOf("faces/train.rec"), "zip"],
    ["ZIP without a file", bytes("PK\x05\x06" + "\0".repeat(18)), "zip"],
    ["ZIP in several files", bytes("PK\x07\x08PK\x03\x04"), "zip"],
    [".npz", zipOf("arr_0.npy"), "npz"],
    ["ZIP with arrays in folders", zipOf("faces/0001.npy"), "zip"],
    ["a PyTorch checkpoint", zipOf("archive/data.pkl"), "torch"],
    ["tar", tarHeader("train.rec", 0, "0"), "tar"],
    ["gzip", gzipSync("text"), "gzip"],
    ["xz", bytes("\xfd7zXZ\0\0\x04"), "xz"],
    ["zstd", bytes("\x28\xb5\x2f\xfd\x24"), "zstd"],
    ["zstd of pzstd", bytes("\x50\x2a\x4d\x18\x04\0\0\0"), "zstd"],
    ["bzip2", bytes("BZh91AY&SY"), "bzip2"],
    ["lz4", bytes("\x04\x22\x4d\x18\x64"), "lz4"],
    ["7z", bytes("7z\xbc\xaf\x27\x1c\0\x04"), "7z"],
    ["RAR", bytes("Rar!\x1a\x07\0"), "rar"],
    ["RAR 5", bytes("Rar!\x1a\x07\x01\0"), "rar"],
    ["TFRecord", tfRecord(utf8("an example")), "tfrecord"],
    ["TFRecord without data", tfRecord(new Uint8Array()), "tfrecord"],
    ["TFRecord of another length", tfRecord(utf8("an example")).with(0, 9), undefined],
    ["Parquet", bytes("PAR1\x15\x04"), "parquet"],
    ["Arrow", bytes("ARROW1\0\0\xff"), "arrow"],
    ["HDF5", bytes("\x89HDF\r\n\x1a\n\0"), "hdf5"],
    [".npy", bytes("\x93NUMPY\x01\0v\0{'descr'"), "npy"],
    ["LMDB", LMDB, "lmdb"],
    ["SQLite", bytes("SQLite format 3\0\x10\0"), "sqlite"],
    ["parameters of MXNet", bytes("\x12\x01" + "\0".repeat(14) + "\x05"), "params"],
    ["a pickle of Python 3", bytes("\x80\x03]q\0(C\x03abc"), "pickle"],
    ["a pickle with frames", bytes("\x80\x04\x95\x10\0\0\0\0\0\0\0]\x94"), "pickle"],
    ["a pickle of Python 2", bytes("\x80\x02]q\x01("), "pickle"],
    ["a pickle of protocol 1", bytes("(]q\0(U\x03abc"), "pickle"],
    ["a pickle of protocol 0", bytes("((lp0\nS'abc'\n"), "pickle"],
    ["a torrent", bytes("d8:announce20:http://a/announce/..4:infod6:lengthi3e\x01"), "torrent"],
    ["a JPEG", bytes("\xff\xd8\xff\xe0\0\x10JFIF\0"), "jpeg"],
    ["a PNG", bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "png"],
    ["a PDF", bytes("%PDF-1.7\n%\xe2\xe3"), "pdf"],
    ["a web page", utf8("<!DOCTYPE html><html></html>"), "html"],
    ["a web page in small letters, after blanks", utf8("\ufeff\r\n  <!doctype HTML>\n"), "html"],
    ["a web page without a doctype", utf8('<html lang="en">'), "html"],
    ["a web page after a comment", utf8("<!-- x -->\n<html>"), "html"],
    ["a web page in XML", utf8('<?xml version="1.0"?><!DOCTYPE html><html>'), "html"],
    ["a web page in another character set", bytes("<html><title>Unzul\xe4ssig</title>"), "html"],
    ["a script that sends elsewhere", utf8("<script>location='/login'</script>"), "html"],
    ["an error of S3", utf8('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'), "xml"],
    ["XML without a head", utf8("<Error><Code>NoSuchKey</Code></Error>"), "xml"],
    ["an error in JSON", utf8('{"error": {"code": 403}}'), "json"],
    ["JSON on lines", utf8("[\n  1,\n  2\n]"), "json"],
    ["a Git LFS pointer", utf8("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n"), "git-lfs"],
    ["an index", utf8("0\t0\n1\t80\n"), "index"],
    ["an index with CR LF", utf8("0\t0\r\n1\t80\r\n"), "index"],
    ["a line of an index", utf8("17\t0"), "index"],
    ["a list", utf8("0\t1.000000\timages/a.jpg\n"), "list"],
    ["a list of several labels", utf8("0\t1\t0.5\t-2e-3\timages/a.jpg\n"), "list"],
    ["three columns of numbers", utf8("0\t1\t2\n"), "text"],
    ["text", utf8("Not Found"), "text"],
    ["text of a server", utf8("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>"), "text"],
    ["text in UTF-16", bytes("\xff\xfe0\0\t\0"), "utf-16"],
    ["text in UTF-16, high byte first", bytes("\xfe\xff\0" + "0\0\t"), "utf-16"],
    ["text that is cut within a letter", utf8("naïve").subarray(0, 3), "text"],
    ["blank lines", utf8("\n \n"), undefined],
    ["random bytes", bytes("\x8f\x03\xaa\x00\x91\xfe\x1c\x07"), undefined],
  ] as [string, Uint8Array, string | undefined][]
) {
  Deno.test(`fileKind: ${name}`, () => {
    assertEquals(fileKind(begins)?.name, kind);
    // Where in a buffer they lie is no matter.
    const within = Uint8Array.from([0xff, ...begins, 0xff]).subarray(1, 1 + begins.length);
    assertEquals(fileKind(within), fileKind(begins));
  });
}

Deno.test("fileKind: what a text says of itself is shown, in one line and not too much of it", () => {
  const page = "<html><head>\n<title>\n  Quota\n  exceeded </title>";
  assertEquals(fileKind(utf8(page))?.what.endsWith(': "Quota exceeded"'), true);
  assertEquals(fileKind(utf8("<html><body>"))?.what.endsWith("login"), true);
  const error = '<?xml version="1.0"?>\n<Error>No</Error>';
  assertEquals(fileKind(utf8(error))?.what.endsWith(': "<Error>No</Error>"'), true);
  assertEquals(fileKind(utf8("x".repeat(61)))?.what, `text: "${"x".repeat(60)}..."`);
});
