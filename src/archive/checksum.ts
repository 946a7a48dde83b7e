import { createHash, type Hash } from "node:crypto";
import { basename } from "node:path";
import { UnrecError } from "../errors.ts";
import type { Checksums } from "./checksums.ts";

/** Takes the sum of a file while it is read. */
export class Checksum {
  readonly #expected: string | undefined;
  readonly #hash: Hash;

  /**
   * @param path The file; its base name is looked up.
   * @param sums What is expected of it. Without an entry the md5 is taken all the same, to be reported.
   */
  constructor(path: string, sums: Checksums) {
    this.#expected = sums.get(basename(path));
    this.#hash = createHash(this.#expected?.length === 64 ? "sha256" : "md5");
  }

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /**
   * Ends the file.
   *
   * @param path Its name, for the message.
   * @returns The sum.
   * @throws {UnrecError} If it is not the one expected.
   */
  end(path: string): string {
    const sum = this.#hash.digest("hex");
    if (this.#expected === undefined || sum === this.#expected) return sum;
    throw new UnrecError(
      `Cannot trust ${path}: its ${sum.length === 64 ? "sha256" : "md5"} is ${sum} and should be ${this.#expected}; ` +
        "download it again (--no-checksum decodes it as it is)",
    );
  }
}
