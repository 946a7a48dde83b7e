import { systemReason, UnrecError } from "../errors.ts";
import { LabelSet } from "../label_set.ts";
import type { ImageSink } from "./image_sink.ts";
import { labelName } from "./label_name.ts";

/** Codes of failures that come after a file was begun, and leave a part of it. */
const PARTLY_WRITTEN = new Set(["ENOSPC", "EDQUOT", "EIO", "EFBIG"]);

/** The reference tree: `id_<label>/<label>_<ordinal>.jpg`, a folder a label. */
export class FolderSink implements ImageSink {
  readonly #output: string;
  /** Folders this sink has made sure of: a system call less for each image. */
  readonly #made = new LabelSet();
  #label = NaN;
  /** Path of an image up to its ordinal. Images of a label mostly come together. */
  #prefix = "";

  /** @param output The folder to write to; it must exist. */
  constructor(output: string) {
    this.#output = output;
  }

  write(label: number, ordinal: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (label !== this.#label) this.#enter(label);
    const path = `${this.#prefix}${ordinal}.jpg`;
    try {
      Deno.writeFileSync(path, bytes);
    } catch (error) {
      throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}${removePart(path, error)}`);
    }
  }

  #enter(label: number): void {
    const name = labelName(label);
    const folder = `${this.#output}/id_${name}`;
    if (!this.#made.has(label)) {
      try {
        // Recursive, so that a folder which another worker or an earlier run has made is no error.
        Deno.mkdirSync(folder, { recursive: true });
      } catch (error) {
        throw new UnrecError(`Cannot make the folder ${folder}: ${systemReason(error)}`);
      }
      this.#made.add(label);
    }
    this.#label = label;
    this.#prefix = `${folder}/${name}_`;
  }
}

/** Removes what is there of a file that could not be finished; says so if that fails too. */
function removePart(path: string, error: unknown): string {
  if (!PARTLY_WRITTEN.has((error as { code?: string }).code ?? "")) return "";
  try {
    Deno.removeSync(path);
  } catch (removal) {
    if (!(removal instanceof Deno.errors.NotFound)) return `; a part of that file is left and is not whole`;
  }
  return "";
}
