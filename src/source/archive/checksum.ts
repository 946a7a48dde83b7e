import { createHash, type Hash } from "node:crypto";
import { basename } from "node:path";
import { UnrecError } from "../../errors.ts";
import type { Checksums } from "./checksums.ts";

/**
 * What the sum of a file should be.
 *
 * @param sums The sums that are known.
 * @param path The file; its base name is looked up.
 * @returns A taker of its sum; undefined if nothing is known, so that there is nothing to compare.
 */
export function checksumFor(sums: Checksums | undefined, path: string): Checksum | undefined {
  const expected = sums?.get(basename(path));
  return expected === undefined ? undefined : new Checksum(expected);
}

/** Takes the sum of a file while it is read, to compare it. */
export class Checksum {
  readonly #expected: string;
  readonly #hash: Hash;

  /** @param expected What it should be: an md5 or a sha256, in hexadecimal digits. */
  constructor(expected: string) {
    this.#expected = expected;
    this.#hash = createHash(expected.length === 64 ? "sha256" : "md5");
  }

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /**
   * Ends the file.
   *
   * @param path Its name, for the message.
   * @throws {UnrecError} If its sum is not the one expected.
   */
  end(path: string): void {
    const sum = this.#hash.digest("hex");
    if (sum === this.#expected) return;
    throw new UnrecError(
      `Cannot trust ${path}: its ${sum.length === 64 ? "sha256" : "md5"} is ${sum} and should be ${this.#expected}`,
      { kind: "download-again", path },
      { kind: "no-checksum" },
    );
  }
}
