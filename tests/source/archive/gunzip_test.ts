/** What is inflated of gzip data, and what is said of damage, whichever pieces they come in. */
import { assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { gunzip, GunzipError } from "../../../src/source/archive/gunzip.ts";

const TEXT = new TextEncoder().encode("some text, some text, and some more text");

/** Inflates bytes that come in pieces of a size. Returns the text, and where garbage begins; or why not. */
async function inflated(bytes: Uint8Array, size: number): Promise<[string, number[]] | string> {
  const garbage: number[] = [];
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
  };
  let text = "";
  try {
    for await (const piece of gunzip(pieces(), (at) => garbage.push(at))) text += new TextDecoder().decode(piece);
    return [text, garbage];
  } catch (error) {
    if (!(error instanceof GunzipError)) throw error;
    return error.message;
  }
}

/** Bytes of which one is changed; from the end where its place is below 0. */
function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at < 0 ? copy.length + at : at] = change(copy.at(at)!);
  return copy;
}

const WHOLE = new Uint8Array(gzipSync(TEXT));
const SAID = new TextDecoder().decode(TEXT);
const join = (...pieces: Uint8Array[]) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));

for (
  const [name, bytes, expected] of [
    ["one member", WHOLE, [SAID, []]],
    ["two members", join(WHOLE, WHOLE), [SAID + SAID, []]],
    ["zeros after it", join(WHOLE, new Uint8Array(600)), [SAID, []]],
    ["something else after it", join(WHOLE, new Uint8Array(3), TEXT), [SAID, [WHOLE.length + 3]]],
    ["another magic word", changed(WHOLE, 1, () => 0), "incorrect header"],
    ["another method", changed(WHOLE, 2, () => 7), "incorrect header"],
    ["a flag that nobody knows", changed(WHOLE, 3, (flags) => flags | 0x20), "incorrect header"],
    ["a wrong sum", changed(WHOLE, -8, (byte) => byte ^ 1), "incorrect data check"],
    ["a wrong length", changed(WHOLE, -4, (byte) => byte ^ 1), "incorrect length check"],
    ["a cut header", WHOLE.subarray(0, 5), "unexpected end of file"],
    ["a cut end", WHOLE.subarray(0, -3), "unexpected end of file"],
  ] as [string, Uint8Array, [string, number[]] | string][]
) {
  Deno.test(`gunzip: ${name}`, async () => {
    for (const size of [1, 7, 1000]) assertEquals(await inflated(bytes, size), expected, `pieces of ${size}`);
  });
}
