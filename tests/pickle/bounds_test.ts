/** Pickles that claim much, name much, or repeat much: memory and time stay in proportion to the size of the file. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { readVerificationSet } from "../../src/pickle/verification_set.ts";
import { bytesOf, read } from "./sets.ts";

/** As many opcodes of a kind as are let through in a file of that many bytes. */
const BYTES = 2 ** 22;
const MOST = 2 ** 18 + BYTES / 32;

/** A file that begins in some way, and goes on with the same again and again. */
function repeated(begin: string, unit: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BYTES);
  bytes.set(bytesOf(begin));
  const again = bytesOf(unit);
  for (let at = begin.length; at + again.length <= BYTES; at += again.length) bytes.set(again, at);
  return bytes;
}

for (
  const [what, begin, unit] of [
    ["lists", "", "]"],
    ["tuples", "", ")"],
    ["tuples in tuples", "N", "\x85"],
    ["marks", "", "("],
    ["bytes", "", "C\0"],
    ["texts", "", "\x8c\0"],
    ["what is kept", "N", "\x94"],
    ["what is recalled", "]q\0(C\x01aq\x01", "h\x01"],
    ["types of arrays", "cnumpy\ndtype\nq\0\x8c\x02u1q\x01", "h\0h\x01NN\x87R"],
  ]
) {
  Deno.test(`readVerificationSet: a file of nothing but ${what}`, () => {
    const { message } = assertThrows(() => readVerificationSet(repeated(begin, unit), "x.bin"), UnrecError);
    // Those of the last file are refused for the first of them.
    const why = unit.startsWith("h\0") ? "calls numpy.dtype as no" : `has more than ${MOST} opcodes, too many for its`;
    assertStringIncludes(message, why);
  });
}

Deno.test("readVerificationSet: small sets may have many opcodes for their bytes", () => {
  const pairs = 50_000;
  const set = read(`]((${"U\0".repeat(2 * pairs)}l(${"\x88".repeat(pairs)}le.`);
  assertEquals(set.length, pairs);
});

Deno.test("readVerificationSet: a long text that is encoded again and again is decoded once", () => {
  const length = 2 ** 21;
  const text = `X\0\0\x40\0${"\xc2\x80".repeat(length)}`;
  const first = `c_codecs\nencode\nq\0${text}q\x01X\x06\0\0\0latin1q\x02\x86R`;
  const times = 40_000;
  const set = read(`]((${first}${"h\0h\x01h\x02\x86R".repeat(times - 1)}l(${"\x88".repeat(times / 2)}le.`);
  const images = new Set([...set].flatMap(({ images }) => images));
  assertEquals([set.length, images.size, [...images][0].bytes.length], [times / 2, 1, length]);
});

Deno.test("readVerificationSet: an array of more truths than there are pairs is not read", () => {
  const data = new Uint8Array(2 ** 27);
  const begin = bytesOf(
    "](]cnumpy.core.numeric\n_frombuffer\n(B\0\0\0\x08",
  );
  const end = bytesOf("cnumpy\ndtype\n(\x8c\x02b1\x89\x88tRJ\0\0\0\x08\x85\x8c\x01CtRe.");
  const bytes = new Uint8Array(begin.length + data.length + end.length);
  bytes.set(begin);
  bytes.set(end, begin.length + data.length);
  const { message } = assertThrows(() => readVerificationSet(bytes, "x.bin"), UnrecError);
  assertStringIncludes(message, `it has 0 images for ${data.length} pairs, and each pair needs two`);
});

Deno.test("readVerificationSet: an array of as many dimensions as the file has room for", () => {
  const array = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR";
  const dtype = "cnumpy\ndtype\n(U\x02u1I0\nI1\ntR";
  const ones = (count: number) => `${array}(K\x01(${"K\x01".repeat(count)}t${dtype}I0\nU\x01atb`;
  assertEquals(read(`((${ones(64)}${ones(1)}l(I1\nlt.`).length, 1);
  const { message } = assertThrows(() => read(ones(100_000)), UnrecError);
  assertStringIncludes(message, "fills a NumPy object as no verification set does");
});

Deno.test("readVerificationSet: a call with as many arguments as the file has room for", () => {
  const { message } = assertThrows(() => read(`cnumpy\ndtype\n(${"K\x01".repeat(100_000)}tR`), UnrecError);
  assertStringIncludes(message, "calls numpy.dtype as no verification set does");
});
