/** Verification sets for tests: those in `tests/data/pairs`, and pickles written by hand. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readVerificationSet, type VerificationSet } from "../../src/pickle/verification_set.ts";
import { DATA } from "../tree.ts";

/** The folder of the sample sets. Beside each lies what Python reads of it: number, same, sha256 of both images. */
export const PAIRS = join(DATA, "pairs");

/** The names of the sample sets: `pairs_p3.bin`. */
export const SETS: readonly string[] = [...Deno.readDirSync(PAIRS)].map(({ name }) => name)
  .filter((name) => name.endsWith(".bin")).sort();

/** What Python reads of a sample set: a line for each pair. */
export function expectedRows(name: string): string[] {
  return Deno.readTextFileSync(join(PAIRS, `${name}.tsv`)).trimEnd().split("\n");
}

/** The same of a set that was read. */
export function rowsOf(set: VerificationSet): string[] {
  return Array.from(set, ({ number, same, images }) => [number, same ? 1 : 0, ...images.map(sumOf)].join("\t"));
}

/** Reads a pickle that is written by hand, a character for each byte. */
export function read(pickle: string): VerificationSet {
  return readVerificationSet(bytesOf(pickle), "x.bin");
}

/** Bytes that are written as text, a character for each. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function sumOf({ bytes }: { bytes: Uint8Array }): string {
  return createHash("sha256").update(bytes).digest("hex");
}
