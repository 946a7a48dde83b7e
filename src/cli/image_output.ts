import { join } from "node:path";
import { UnrecError } from "../errors.ts";
import { payloadKind } from "../recordio/payload_kind.ts";
import { isThere, writeImage } from "../sink/image_file.ts";
import { makeOutput } from "../sink/output_folder.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { isFolder } from "../source/in_folder.ts";
import { overlapOf } from "./check_apart.ts";
import type { GetGiven } from "./get.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/** An image with its key. */
export interface KeyedImage {
  /** Its key in `train.idx`. */
  key: number;
  /** The image as it is stored. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Where images go that are taken out of a dataset: the standard output, a file, or a folder. */
export class ImageOutput {
  readonly #terminal: Terminal;
  readonly #overwrite: boolean;
  /** The file or the folder; undefined for the standard output. */
  readonly #output: string | undefined;
  readonly #isFolder: boolean;

  /**
   * @param given What the command line gives.
   * @param several Whether there are several images.
   * @param place The dataset.
   * @param terminal The standard output.
   * @throws {UsageError} If the output is a file of the dataset.
   * @throws {UnrecError} If the folder cannot be made.
   */
  constructor({ output, overwrite }: GetGiven, several: boolean, place: DatasetPlace, terminal: Terminal) {
    this.#terminal = terminal;
    this.#overwrite = overwrite;
    this.#output = output;
    this.#isFolder = output !== undefined && (several || isFolder(output) || /[\\/]$/.test(output));
    if (output === undefined) return;
    if (this.#isFolder) makeOutput(output);
    else if ([place.path, place.index].some((path) => overlapOf(output, path) === "same")) {
      throw new UsageError(`--output=${output} is a file of the dataset; give another one`);
    }
  }

  /**
   * Writes an image, and prints the path of its file if it has one.
   *
   * @param image The image.
   * @throws {UnrecError} If it cannot be written.
   */
  put({ key, bytes }: KeyedImage): void {
    if (this.#output === undefined) {
      this.#terminal.write(bytes);
      return;
    }
    const path = this.#isFolder ? join(this.#output, `${key}.${payloadKind(bytes).extension}`) : this.#output;
    if (!this.#overwrite && isThere(path)) {
      const again = this.#terminal.commandLine.again({ add: "--overwrite" });
      throw new UnrecError(`Cannot write ${path}: it is there`, { kind: "text", text: `write over it with: ${again}` });
    }
    writeImage(path, bytes);
    this.#terminal.write(new TextEncoder().encode(`${printable(path)}\n`));
  }
}
