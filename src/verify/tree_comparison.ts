import { Buffer } from "node:buffer";
import { systemReason, UnrecError } from "../errors.ts";
import { labelName } from "../sink/label_name.ts";
import type { FindingKind } from "./findings.ts";

/** Compares images with the files that a decoding made of them. */
export class TreeComparison {
  readonly #tree: string;
  readonly #deep: boolean;

  /**
   * @param tree The folder that holds the folders `id_<label>`.
   * @param deep Whether bytes are compared, not only sizes.
   */
  constructor(tree: string, deep: boolean) {
    this.#tree = tree;
    this.#deep = deep;
  }

  /** The file of an image, as a path within the tree. */
  pathOf(label: number, ordinal: number): string {
    const name = labelName(label);
    return `id_${name}/${name}_${ordinal}.jpg`;
  }

  /**
   * Compares an image with its file.
   *
   * @param path From {@linkcode pathOf}.
   * @param bytes The image.
   * @returns What is wrong with the file, undefined if nothing is.
   * @throws {UnrecError} If the system does not let it be looked at.
   */
  compare(path: string, bytes: Uint8Array<ArrayBuffer>): FindingKind | undefined {
    const file = `${this.#tree}/${path}`;
    try {
      const stat = Deno.lstatSync(file);
      if (!stat.isFile) return "missing-file";
      if (stat.size !== bytes.length) return "file-size";
      if (this.#deep && Buffer.compare(Deno.readFileSync(file), bytes) !== 0) return "file-bytes";
      return undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "missing-file";
      throw new UnrecError(`Cannot read ${file}: ${systemReason(error)}`);
    }
  }
}
