import { Buffer } from "node:buffer";
import { join } from "node:path";
import { codeOf, RefusedError, systemReason, UnrecError } from "../errors.ts";
import type { VerificationImage, VerificationSet } from "../pickle/verification_set.ts";
import { payloadKind } from "../recordio/payload_kind.ts";
import { writeImage } from "./image_file.ts";
import { entriesOf, makeOutput } from "./output_folder.ts";
import { putAnew } from "./put_anew.ts";
import { whyNoFolder, writeAll } from "./steps.ts";

/** The list of the pairs. It is written last: where it is, all images are. */
const LIST = "pairs.tsv";

/** Numbers of pairs in names have at least so many digits. */
const LEAST_DIGITS = 5;

/** Milliseconds after which signals and displays have their turn. */
const PAUSE_EVERY = 100;

/** How pairs are written. */
export interface PairsOptions {
  /**
   * Write over files of the same names, and among others.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /** Ends the writing. Images begun are finished. */
  signal?: AbortSignal;
  /** Told of each image that is there, and whether it had been before. */
  onImage?: (bytes: number, wasThere: boolean) => void;
}

/** What was written of a verification set. */
export interface PairsWritten {
  /** How many images were written: those that were not there yet. */
  images: number;
  /** Whether all was there already, and so nothing was written. */
  wasComplete: boolean;
}

/** The files of a verification set. */
export class PairsFolder {
  /** The folder. */
  readonly path: string;
  /** Its images by the names of their files. One that is used in several pairs is a file, named after the first. */
  readonly images: ReadonlyMap<string, VerificationImage>;
  readonly #list: Uint8Array<ArrayBuffer>;

  /**
   * Names the files; nothing is written yet.
   *
   * @param set The set.
   * @param path The folder, which need not exist.
   */
  constructor(set: VerificationSet, path: string) {
    this.path = path;
    const images = new Map<string, VerificationImage>();
    const names = new Map<VerificationImage, string>();
    const digits = Math.max(LEAST_DIGITS, `${set.length - 1}`.length);
    const lines: string[] = [];
    for (const { number, same, images: both } of set) {
      const files = both.map((image, i) => {
        let name = names.get(image);
        if (name === undefined) {
          name = `${`${number}`.padStart(digits, "0")}_${"ab"[i]}.${payloadKind(image.bytes).extension}`;
          names.set(image, name);
          images.set(name, image);
        }
        return name;
      });
      lines.push(`${number}\t${same ? 1 : 0}\t${files.join("\t")}\n`);
    }
    this.images = images;
    this.#list = new TextEncoder().encode(lines.join(""));
  }

  /**
   * Writes the images and then `pairs.tsv`: number, 1 for the same person or 0, and the names of both files. What is there
   * of an earlier run is not written again.
   *
   * @param options How.
   * @returns What was written; undefined if that was ended.
   * @throws {RefusedError} If other files are there.
   * @throws {UnrecError} If something cannot be written; the images before are whole.
   */
  async write({ overwrite = false, signal, onImage = () => {} }: PairsOptions = {}): Promise<PairsWritten | undefined> {
    this.#make();
    const left = await this.#left(overwrite, signal);
    if (left === undefined) return undefined;
    // A list that is there would tell of images that are not, or of others.
    if (left.size > 0) this.#removeList();
    for (const [name, image] of this.images) if (!left.has(name)) onImage(image.bytes.length, true);
    for await (const name of withPauses(left)) {
      if (signal?.aborted) return undefined;
      const { bytes } = this.images.get(name)!;
      writeImage(join(this.path, name), bytes);
      onImage(bytes.length, false);
    }
    const isListed = this.#hasList();
    if (!isListed) this.#writeList();
    return { images: left.size, wasComplete: left.size === 0 && isListed };
  }

  #make(): void {
    makeOutput(join(this.path, ".."));
    try {
      Deno.mkdirSync(this.path);
    } catch (error) {
      const reason = codeOf(error) === "EEXIST" ? whyNoFolder(this.path) : systemReason(error);
      if (reason !== "") throw new UnrecError(`Cannot make the folder ${this.path}: ${reason}`);
    }
  }

  /** The names of images that are not there yet, or only in part; undefined if that was ended. */
  async #left(overwrite: boolean, signal: AbortSignal | undefined): Promise<Set<string> | undefined> {
    const there = new Set(entriesOf(this.path).map(({ name }) => name));
    if (!overwrite && !this.#hasList()) this.#refuseOthers(there);
    const left = new Set<string>();
    for await (const [name, { bytes }] of withPauses(this.images)) {
      if (signal?.aborted) return undefined;
      const path = join(this.path, name);
      const state = there.has(name) ? compare(path, bytes) : "part";
      if (state === "other" && !overwrite) {
        throw new RefusedError(`Cannot write ${path}: what is there is another file`, ...WAYS);
      }
      if (state !== "same") left.add(name);
    }
    return left;
  }

  #refuseOthers(names: Iterable<string>): void {
    const [first, ...others] = Array.from(names).filter((name) => !this.images.has(name)).sort();
    if (first === undefined) return;
    const rest = others.length === 0 ? "" : ` and ${others.length} other ${others.length === 1 ? "entry" : "entries"}`;
    throw new RefusedError(
      `Cannot write to ${this.path}: it holds ${first}${rest}, not of this verification set`,
      ...WAYS,
    );
  }

  /** Whether the list is there, and of this set. */
  #hasList(): boolean {
    return compare(join(this.path, LIST), this.#list) === "same";
  }

  #removeList(): void {
    const path = join(this.path, LIST);
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw new UnrecError(`Cannot remove ${path}: ${systemReason(error)}`);
    }
  }

  #writeList(): void {
    const path = join(this.path, LIST);
    try {
      using _ = putAnew(path, (file) => writeAll(file, this.#list));
    } catch (error) {
      throw new UnrecError(`Cannot write ${path}: ${systemReason(error)}`);
    }
  }
}

/** What can be done where other files are. */
const WAYS = [{ kind: "other-output" }, { kind: "overwrite" }] as const;

/**
 * Compares a file with bytes. It may have only the first of them, as one that was being written when a process was killed;
 * one that is not there has none.
 */
function compare(path: string, bytes: Uint8Array): "same" | "part" | "other" {
  try {
    const { isFile, size } = Deno.lstatSync(path);
    if (!isFile || size > bytes.length) return "other";
    const there = Deno.readFileSync(path);
    if (Buffer.compare(there, bytes.subarray(0, there.length)) !== 0) return "other";
    return there.length < bytes.length ? "part" : "same";
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "part";
    throw new UnrecError(`Cannot read ${path}: ${systemReason(error)}`);
  }
}

/** Things one by one; signals and displays have their turn between them. */
async function* withPauses<Thing>(things: Iterable<Thing>): AsyncGenerator<Thing> {
  let paused = performance.now();
  for (const thing of things) {
    if (performance.now() - paused > PAUSE_EVERY) {
      await new Promise((resolve) => setTimeout(resolve));
      paused = performance.now();
    }
    yield thing;
  }
}
