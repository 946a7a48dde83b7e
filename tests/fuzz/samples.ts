/** Record files and index texts, whole and damaged, from seeded numbers. */
import { encodeRecord } from "../write_dataset.ts";

const MAGIC_BYTES = [0x0a, 0x23, 0xd7, 0xce];

/** A few records of all kinds: large and small, in one part and in many, identity records, scalar labels. */
export function sampleRecords(random: () => number): Uint8Array<ArrayBuffer> {
  const frames: Uint8Array[] = [];
  for (let key = 0; key < 12; key++) {
    const image = new Uint8Array(Math.floor(random() * 120));
    for (let i = 0; i < image.length; i++) image[i] = random() * 256;
    // Magic words at any place, aligned or not, next to each other, at the very end.
    for (let words = Math.floor(random() * 4); words > 0 && image.length >= 4; words--) {
      image.set(MAGIC_BYTES, Math.floor(random() * (image.length - 3)));
    }
    const label = random() < 0.4
      ? Math.floor(random() * 9)
      : Array.from({ length: 1 + random() * 3 }, () => random() * 9);
    frames.push(encodeRecord({ key, label, image }));
  }
  return joined(frames);
}

export function joined(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Damages bytes as disks, downloads and attackers do. */
export function mutate(bytes: Uint8Array<ArrayBuffer>, random: () => number): Uint8Array<ArrayBuffer> {
  let mutated = bytes.slice();
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
    const at = Math.floor(random() * mutated.length);
    const view = new DataView(mutated.buffer);
    const word = Math.min(at & ~3, mutated.length - 4);
    const kind = Math.floor(random() * 7);
    if (word < 0 || kind === 0) mutated = mutated.slice(0, at);
    else if (kind === 1) mutated[at] ^= 1 << Math.floor(random() * 8);
    else if (kind === 2) view.setUint32(word, random() * 2 ** 32, true);
    else if (kind === 3) view.setUint32(word, 0xced7230a, true);
    else if (kind === 4) view.setUint32(word, (Math.floor(random() * 8) << 29 | random() * 64) >>> 0, true);
    else if (kind === 5) {
      view.setUint32(word, [0, 1, 0xffffffff, 0x1fffffff, 0x7fffffff][Math.floor(random() * 5)], true);
    } else mutated = joined([mutated.subarray(0, at), mutated.subarray(at + Math.floor(random() * 12))]);
    if (mutated.length === 0) break;
  }
  return mutated;
}

/** Damages a text so that most of it can still be read: mostly digits take the place of digits. */
export function mutateText(text: Uint8Array<ArrayBuffer>, random: () => number): Uint8Array<ArrayBuffer> {
  const mutated = text.slice(0, random() < 0.8 ? text.length : random() * text.length);
  const at = Math.floor(random() * mutated.length);
  if (at < mutated.length) mutated[at] = random() < 0.7 ? 0x30 + random() * 10 : random() * 256;
  return mutated;
}

/** What takes the place of something else in JSON. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, 2, 30, -1, 0.5, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300],
  ...["", "x", "1", "NaN", "5..7", "-3..999999999999999", "../x", "/etc/passwd", "id_1/../../x"],
  ...[[], {}, [1], [null], JSON.parse('{"__proto__":1}'), { path: "x", bytes: 1 }],
];

/** Changes something in what is to be JSON: a value becomes another one, or is left out. */
export function mutateValue(value: unknown, random: () => number): unknown {
  const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
  if (names.length === 0 || random() < 0.1) return oneOf(VALUES, random);
  const name = oneOf(names, random);
  const changed = random() < 0.1 ? undefined : mutateValue((value as Record<string, unknown>)[name], random);
  return Array.isArray(value) ? value.with(Number(name), changed) : { ...value as object, [name]: changed };
}

/** One of some things. */
export function oneOf<Thing>(things: ArrayLike<Thing>, random: () => number): Thing {
  return things[Math.floor(random() * things.length)];
}

const INSERTS = ["", "\t", "\n", "\r", " ", "-", ".", "9", "00000000", ":", "/", "\x00", "é"];

/** An index text of a few lines, mostly with something in it that does not belong there. */
export function sampleIndex(random: () => number): string {
  const digits = (most: number) =>
    Array.from({ length: 1 + random() * most }, () => Math.floor(random() * 10)).join("");
  const end = random() < 0.5 ? "\n" : "\r\n";
  const most = random() < 0.5 ? 10 : 17;
  const text = Array.from({ length: 1 + random() * 12 }, () => `${digits(most)}\t${digits(most)}${end}`).join("");
  if (random() < 0.3) return text;
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + oneOf(INSERTS, random) + text.slice(at + Math.floor(random() * 3));
}

/** Opcodes and what follows them, of which a pickle is made: the kinds that verification sets have, and some others. */
const PICKLED = [
  ...["(", "]", ")", "N", "\x88", "\x89", "e", "a", "t", "l", "R", "b", "\x85", "\x86", "\x87", "\x94", ".", "}", "0"],
  ...["I01\n", "I2\n", "K\x01", "S'a'\n", "U\x02ab", "C\x02ab", "X\x02\0\0\0\xc3\xbf", "V\xff\n", "\x8c\x06latin1"],
  ...["q\0", "q\x01", "h\0", "h\x01", "p5\n", "g5\n", "r\x05\0\0\0", "j\x05\0\0\0", "\x80\x04", "\x8a\x01\xff"],
  ...[
    "c_codecs\nencode\n",
    "cnumpy\ndtype\n",
    "cnumpy\nndarray\n",
    "cnumpy.core.multiarray\n_reconstruct\n",
    "cos\nx\n",
  ],
];

/** A pickle that begins well and is damaged, or that is made of opcodes in any order. */
export function samplePickle(whole: readonly Uint8Array<ArrayBuffer>[], random: () => number): Uint8Array<ArrayBuffer> {
  const some = () => {
    const text = Array.from({ length: 1 + random() * 20 }, () => oneOf(PICKLED, random)).join("");
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  };
  if (random() < 0.2) return some();
  const bytes = oneOf(whole, random);
  if (random() < 0.7) return mutate(bytes, random);
  const at = Math.floor(random() * bytes.length);
  return joined([bytes.subarray(0, at), some(), bytes.subarray(at + Math.floor(random() * 4))]);
}
