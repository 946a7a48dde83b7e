/** Verification sets: every form that is met, and what is refused of all others. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { UnrecError } from "../../src/errors.ts";
import { readVerificationSet } from "../../src/pickle/verification_set.ts";
import { expectedRows, PAIRS, read, rowsOf, SETS } from "./sets.ts";

for (const name of SETS) {
  Deno.test(`${name}: the pairs that Python reads of it`, () => {
    const bytes = Deno.readFileSync(join(PAIRS, name));
    const set = readVerificationSet(bytes, name);
    assertEquals(rowsOf(set), expectedRows(name));
    assertEquals(set.length, expectedRows(name).length);
    const protocol = /_p(\d)/.exec(name)?.[1] ?? "2";
    assertEquals(set.facts, { name, size: bytes.length, protocol: Number(protocol), trailingBytes: 0 });
  });
}

/** `encode("\xe9", "latin1")` with the name of the encoding as Python writes it. */
const ENCODED = "c_codecs\nencode\n(X\x02\0\0\0\xc3\xa9X\x06\0\0\0latin1tR";
/** `numpy.dtype("u1", False, True)`, and what NumPy fills it with. */
const dtype = (code: string, order = "|") =>
  `cnumpy\ndtype\n(U\x02${code}I0\nI1\ntR(I3\nU\x01${order}NNNI-1\nI-1\nI0\ntb`;
/** An array of NumPy below version 2, as Python 2 writes it. */
const array = (code: string, shape: string, data: string) =>
  `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR(I1\n(${shape}t${dtype(code)}I00\n` +
  `U${String.fromCharCode(data.length)}${data}tb`;
/** A set of one pair of the same person. */
const set = (images: string, same = "(I01\nl") => `((${images}l${same}t.`;

/** What an image can be written as, and its bytes as text. */
const IMAGES: [string, string, string][] = [
  ["STRING", "S'ab'\n", "ab"],
  ["STRING, in the other quotes", 'S"a\'b"\n', "a'b"],
  ["STRING, with all escapes", "S'\\xff\\x0A\\n\\r\\t\\'\\\"\\\\'\n", "\xff\n\n\r\t'\"\\"],
  ["STRING, empty", "S''\n", ""],
  ["SHORT_BINSTRING", "U\x02\xff\xd8", "\xff\xd8"],
  ["BINSTRING", "T\x02\0\0\0\xff\xd8", "\xff\xd8"],
  ["SHORT_BINBYTES", "C\x02\xff\xd8", "\xff\xd8"],
  ["BINBYTES", "B\x02\0\0\0\xff\xd8", "\xff\xd8"],
  ["BINBYTES8", "\x8e\x02\0\0\0\0\0\0\0\xff\xd8", "\xff\xd8"],
  ["BYTEARRAY8", "\x96\x02\0\0\0\0\0\0\0\xff\xd8", "\xff\xd8"],
  ["encoded BINUNICODE", ENCODED, "\xe9"],
  ["encoded UNICODE", "c_codecs\nencode\n(V\xe9\\u005c\\u000a\\u0000\nVlatin1\ntR", "\xe9\\\n\0"],
  ["encoded SHORT_BINUNICODE", "\x8c\x07_codecs\x8c\x06encode\x93\x8c\x03a\xc2\x80\x8c\x07latin-1\x86R", "a\x80"],
  ["encoded BINUNICODE8", "c_codecs\nencode\n\x8d\x02\0\0\0\0\0\0\0\xc3\xbf\x8c\x06latin1\x86R", "\xff"],
  ["bytes() of Python 3 for Python 2", "c__builtin__\nbytes\n)R", ""],
  ["bytes() of Python 3", "cbuiltins\nbytes\n(tR", ""],
  ["an array", array("u1", "I3\n", "abc"), "abc"],
  ["an array in a column", array("u1", "I3\nI1\n", "abc"), "abc"],
  ["an array in a row of rows", array("u1", "I1\nI1\nL3L\n", "abc"), "abc"],
  ["an empty array", array("u1", "I0\n", ""), ""],
];

for (const [form, image, expected] of IMAGES) {
  Deno.test(`readVerificationSet: an image as ${form}`, () => {
    const [pair] = read(set(`${image}${image}`));
    for (const { bytes } of pair.images) assertEquals(String.fromCharCode(...bytes), expected);
  });
}

Deno.test("readVerificationSet: what is stored as it is, is a view of the file; an image is where its opcode is", () => {
  const file = Deno.readFileSync(join(PAIRS, "pairs_p3.bin"));
  for (const { images } of readVerificationSet(file, "x.bin")) {
    for (const { bytes, offset } of images) {
      assertEquals(bytes.buffer, file.buffer);
      // The opcode BINBYTES and a length of 4 bytes.
      assertEquals([bytes.byteOffset - offset, file[offset]], [5, 0x42]);
    }
  }
  const [{ images }] = read(set(`${ENCODED}S'b'\n`));
  assertEquals(images.map(({ offset }) => offset), [2 + "c_codecs\nencode\n(".length, 2 + ENCODED.length]);
});

/** How two truths can be written. */
const TRUTHS: [string, string][] = [
  ["a list of I01 and I00", "(I01\nI00\nl"],
  ["a list of NEWTRUE and NEWFALSE", "](\x88\x89e"],
  ["a tuple of numbers", "K\x01K\0\x86"],
  ["a tuple of numbers of other sizes", "J\x01\0\0\0M\0\0\x86"],
  ["a list of long numbers", "(L1L\nL0L\nl"],
  ["a list of LONG1", "](\x8a\x01\x01\x8a\0e"],
  ["an array of truths", array("b1", "I2\n", "\x01\0")],
  ["an array of numbers", array("i8", "I2\n", "\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")],
  [
    "a list of NumPy's truths",
    `(${["\x01", "\0"].map((byte) => `cnumpy.core.multiarray\nscalar\n(${dtype("b1")}U\x01${byte}tR`).join("")}l`,
  ],
];

for (const [form, truths] of TRUTHS) {
  Deno.test(`readVerificationSet: whether pairs are the same as ${form}`, () => {
    const pairs = [...read(set("S'a'\nS'b'\nS'c'\nS'd'\n", truths))];
    assertEquals(pairs.map(({ number, same }) => [number, same]), [[0, true], [1, false]]);
  });
}

Deno.test("readVerificationSet: lists in place of tuples, and tuples in place of lists", () => {
  for (
    const pickle of [
      "]((S'a'\nS'b'\nt(I01\nte.",
      "((S'a'\nS'b'\nt(I01\ntl.",
      "(lp0\n(lp1\nS'a'\naS'b'\naa(lp2\nI01\naa.",
    ]
  ) {
    assertEquals([...read(pickle)].map(({ same, images }) => [same, images.length]), [[true, 2]]);
  }
});

Deno.test("readVerificationSet: the same object in several pairs is one image, whichever way it is kept", () => {
  for (
    const [keep, recall] of [
      ["p5\n", "g5\n"],
      ["q\x05", "h\x05"],
      ["r\x05\x01\0\0", "j\x05\x01\0\0"],
      ["\x94", "h\0"],
    ]
  ) {
    const same = "(I01\nI00\nI01\nl";
    const [first, second, third] = read(set(`S'a'\n${keep}S'a'\n${recall}${recall}S'b'\n${recall}`, same));
    assertEquals(first.images[0] === first.images[1], false);
    assertEquals([...second.images, third.images[1]].map((image) => image === first.images[0]), [true, true, true]);
  }
  // What is made of kept text or kept bytes is kept too.
  const text = "c_codecs\nencode\np1\n(Va\np2\nVlatin1\np3\ntRg1\n(g2\ng3\ntR";
  const [{ images: [one, other] }] = read(set(text));
  assertEquals(one === other, true);
});

Deno.test("readVerificationSet: bytes after the pickle are counted and not read", () => {
  assertEquals(read(`${set("S'a'\nS'b'\n")}more`).facts.trailingBytes, 4);
});

Deno.test("readVerificationSet: the protocol is what the pickle says or, without that, what its opcodes need", () => {
  const protocols = ["((S'a'\nS'b'\nl(I01\nlt.", "](](U\x01aU\x01be](I01\nee.", "\x80\x02((S'a'\nS'b'\nl(I01\nlt."]
    .map((pickle) => read(pickle).facts.protocol);
  assertEquals(protocols, [0, 1, 2]);
});

/** What is refused, and what is said of it after "Cannot read x.bin: ". */
const REFUSED: [string, string, string][] = [
  ["no byte", "", "it is cut: it ends at byte 0, before the end of its pickle"],
  ["no pickle", "Hello", "it is no pickle: it begins with 0x48, which is no opcode"],
  ["no opcode", "\x80\x02](\xff", "its pickle is damaged: at byte 4 it has 0xff, which is no opcode"],
  ["a dict", "\x80\x02}q\0.", "at byte 2 its pickle has EMPTY_DICT, which is in no verification set"],
  ["a dict of protocol 0", "(dp0\n.", "at byte 1 its pickle has DICT, which is in no verification set"],
  ["a fraction", "\x80\x02](G\0\0\0\0\0\0\0\0", "at byte 4 its pickle has BINFLOAT, which is in no verification set"],
  ["an object", "\x80\x04)\x81.", "at byte 3 its pickle has NEWOBJ, which is in no verification set"],
  ["a buffer elsewhere", "\x80\x05\x97", "at byte 2 its pickle has NEXT_BUFFER, which is in no verification set"],
  ["a program", "cos\nsystem\n(S'id'\ntR.", "at byte 0 its pickle names os.system, which is in no verification set"],
  [
    "a program of protocol 4",
    "\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.",
    "at byte 17 its pickle names posix.system, which is in no verification set",
  ],
  [
    "a name that hides another",
    "c_codecs\nencode\n.\ndecode\n",
    "it is a pickle of text or a name, and a verification set is one of a pair: images and truths",
  ],
  [
    "a very long name",
    `c${"m".repeat(80)}\nx\n`,
    `at byte 0 its pickle names ${"m".repeat(60)}..., which is in no verification set`,
  ],
  ["a line without end", `c${"m".repeat(2000)}`, "it is cut: it ends at byte 2001, within the GLOBAL of byte 0"],
  [
    "a line too long",
    `c${"m".repeat(2000)}\n`,
    "its pickle is damaged: at byte 0 it has GLOBAL with a line of 2000 bytes",
  ],
  ["another encoding", ENCODED.replace("latin1", "utf-16"), "at byte 36 its pickle calls _codecs.encode as no"],
  ["a character beyond", ENCODED.replace("\xc3\xa9", "\xc4\x80"), "at byte 36 its pickle calls _codecs.encode as no"],
  ["a character that is spelled too long", ENCODED.replace("\xc3\xa9", "\xc1\xa9"), "at byte 36 its pickle calls"],
  ["half a character", ENCODED.replace("\x02\0\0\0\xc3\xa9", "\x01\0\0\0\xc3"), "at byte 35 its pickle calls _codecs"],
  [
    "a name that is called",
    "cnumpy\nndarray\n)R",
    "at byte 16 its pickle calls numpy.ndarray as no verification set does",
  ],
  ["a value that is called", "I1\n)R", "its pickle is damaged: at byte 4 it has REDUCE of what cannot be called"],
  ["a class of arrays", array("u1", "I1\n", "a").replace("cnumpy\nnd", "cx\nnd"), "its pickle names x.ndarray"],
  ["an array of objects", array("O8", "I1\n", "aaaaaaaa"), "its pickle calls numpy.dtype as no verification set does"],
  [
    "an array of another length",
    array("u1", "I2\n", "a"),
    "its pickle fills a NumPy object as no verification set does",
  ],
  ["an array with more than its shape says", array("u1", "I1\n", "ab"), "its pickle fills a NumPy object as no"],
  ["an array of a size below 0", array("u1", "I-1\nI-1\n", "a"), "its pickle fills a NumPy object as no"],
  ["the other byte order", dtype("i8", ">"), "its pickle fills a NumPy object as no verification set does"],
  ["something filled", "(l(tb", "at byte 4 its pickle fills a NumPy object as no verification set does"],
  [
    "bad quotes",
    "S'a\n",
    "its pickle is damaged: at byte 0 it has STRING of bytes that are not spelled as Python does",
  ],
  ["a bad escape", "S'\\q'\n", "its pickle is damaged: at byte 0 it has STRING of bytes that are not spelled"],
  [
    "an escape that is cut",
    "S'\\x4'\n",
    "its pickle is damaged: at byte 0 it has STRING of bytes that are not spelled",
  ],
  [
    "a quote that is escaped",
    "S'\\'\n",
    "its pickle is damaged: at byte 0 it has STRING of bytes that are not spelled",
  ],
  ["a bad number", "I1e3\n", "its pickle is damaged: at byte 0 it has INT of what is no whole number"],
  ["a huge number", "\x80\x02\x8a\x09aaaaaaaaa", "its pickle is damaged: at byte 2 it has LONG1 of 9 bytes"],
  ["nothing to keep", "p0\n", "its pickle is damaged: at byte 0 it has PUT with nothing on the stack"],
  ["nothing kept", "g7\n", "its pickle is damaged: at byte 0 it has GET of 7, under which nothing was kept"],
  ["a place below 0", "Np-1\n", "its pickle is damaged: at byte 1 it has PUT of a number below 0"],
  ["no mark", "I1\nl", "its pickle is damaged: at byte 3 it has LIST without a MARK before it"],
  ["below the mark", "I1\n(\x85", "its pickle is damaged: at byte 4 it has TUPLE1 with too little on the stack"],
  ["no list", "NNa", "its pickle is damaged: at byte 2 it has APPEND to what is no list"],
  ["a tuple that grows", ")Na", "its pickle is damaged: at byte 2 it has APPEND to what is no list"],
  ["several values", "NN.", "its pickle is damaged: at byte 2 it has STOP with more than one value left"],
  ["a mark that is left", "N(.", "its pickle is damaged: at byte 2 it has STOP with nothing on the stack"],
  ["a name of numbers", "K\x01K\x01\x93", "its pickle is damaged: at byte 4 it has STACK_GLOBAL without a name"],
  ["a later protocol", "\x80\x06", "its pickle is of protocol 6, and 5 is the highest that is known"],
  ["a length beyond the end", "B\xff\xff\xff\xffab", "it is cut: it ends at byte 7, within the BINBYTES of byte 0"],
  [
    "a length beyond all files",
    "\x8e\xff\xff\xff\xff\xff\xff\xff\xffab",
    "it is cut: it ends at byte 11, within the BINBYTES8 of byte 0",
  ],
  ["a frame beyond the end", "\x95\x09\0\0\0\0\0\0\0ab", "it is cut: it ends at byte 11, within the FRAME of byte 0"],
  ["None", "N.", "it is a pickle of None, and a verification set is one of a pair: images and truths"],
  ["a list of three", "](NNNe.", "it is a pickle of a list of 3, and a verification set is one of a pair"],
  ["bytes", "S'a'\n.", "it is a pickle of bytes, and a verification set is one of a pair"],
  [
    "an array of numbers in place of images",
    `(${array("f4", "I2\nI1\n", "12345678")}(I01\nlt.`,
    "its images are a NumPy array of the type f4 and the shape (2, 1), and not a list of images",
  ],
  [
    "pixels in place of images",
    set(`${array("u1", "I2\nI2\n", "1234")}S'a'\n`),
    "its image 0 is a NumPy array of the type u1 and the shape (2, 2), and not the bytes of an image file",
  ],
  [
    "an array that was not filled",
    set("S'a'\ncnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR"),
    "its image 1 is an empty NumPy array, and not the bytes of an image file",
  ],
  ["text in place of an image", set("Va\nS'a'\n"), "its image 0 is text or a name, and not the bytes of an image file"],
  [
    "numbers in place of an image",
    set(`S'a'\n${array("f4", "I1\n", "1234")}`),
    "its image 1 is a NumPy array of the type f4 and the shape (1), and not the bytes of an image file",
  ],
  ["a LONG1 below 0", set("S'a'\nS'b'\n", "(\x8a\x01\xffl"), "is told by the number -1, not by True or False"],
  ["truths beyond 1", set("S'a'\nS'b'\n", "(I2\nl"), "the images of pair 0 are the same is told by the number 2, not"],
  [
    "truths below 0",
    set("S'a'\nS'b'\n", array("i1", "I1\n", "\xff")),
    "is told by the number 255, not by True or False",
  ],
  ["no list of truths", set("S'a'\nS'b'\n", "I01\n"), "whether pairs are the same is told by True, and not by a list"],
  [
    "fractions as truths",
    set("S'a'\nS'b'\n", array("f4", "I1\n", "1234")),
    "is told by a NumPy array of the type f4 and the shape (1), and not by a list of True and False",
  ],
  ["more images", set("S'a'\nS'b'\nS'c'\n"), "it has 3 images for 1 pair, and each pair needs two"],
  ["more pairs", set("S'a'\nS'b'\n", "(I01\nI01\nl"), "it has 2 images for 2 pairs, and each pair needs two"],
  ["more truths in an array", set("S'a'\nS'b'\n", array("b1", "I2\n", "\0\0")), "it has 2 images for 2 pairs"],
  ["nothing", set("", "(l"), "it has no pairs"],
];

for (const [what, pickle, why] of REFUSED) {
  Deno.test(`readVerificationSet: refused: ${what}`, () => {
    const { message } = assertThrows(() => read(pickle), UnrecError);
    assertStringIncludes(message, why);
    assertEquals(message.startsWith("Cannot read x.bin: "), true, message);
  });
}

Deno.test("readVerificationSet: cut at any byte, it says where", () => {
  for (const name of SETS.filter((name) => !name.startsWith("pairs"))) {
    const bytes = Deno.readFileSync(join(PAIRS, name));
    for (let length = 0; length < bytes.length; length++) {
      const { message, remedies } = assertThrows(
        () => readVerificationSet(bytes.subarray(0, length), "x.bin"),
        UnrecError,
      );
      assertStringIncludes(message, `Cannot read x.bin: it is cut: it ends at byte ${length}, `);
      assertEquals(remedies, [{ kind: "download-again", path: "x.bin" }]);
    }
  }
});
