import { dirname, join } from "node:path";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import { entriesOf, makeOutput, requireFolder } from "./output_folder.ts";
import { whyNoPrefix } from "./prefix.ts";
import type { ShardSpec } from "./shard_sink.ts";
import type { ShardFiles } from "./shard_writer.ts";
import { ShardPaths } from "./image_paths.ts";
import { putTextAnew } from "./put_anew.ts";
import type {
  AskedField,
  ClearOptions,
  ImagePaths,
  Receipt,
  ShardCut,
  Sink,
  SinkStore,
  SourceFacts,
  SpaceNeeded,
  WorkLeft,
} from "./sink.ts";
import { isFileOf, whyNoFolder } from "./steps.ts";
import { syncFile } from "./sync_file.ts";
import { nameOfPart } from "./whole_file.ts";

/** What journals call the beginning of names. */
const FORM_PREFIX = "prefix";

/** A folder of files that hold many images each, as the main thread sees it. */
export abstract class ShardStore<Options> implements SinkStore {
  readonly format: string;
  readonly output: string;
  readonly spec: ShardSpec<Options>;
  readonly form: Readonly<Record<string, string>>;
  readonly asks: readonly AskedField[] = [];
  readonly tellsNumbers = false;
  readonly cut: ShardSpec<Options>["cut"];
  readonly #files: ShardFiles<Options>;

  /**
   * @param spec Where it is written, and how.
   * @param files What is written.
   * @param form What else decides what is written: names and values, as messages have them.
   * @throws {UnrecError} If names cannot begin so.
   */
  constructor(spec: ShardSpec<Options>, files: ShardFiles<Options>, form: Readonly<Record<string, string>>) {
    const { output, prefix, cut } = spec;
    const why = whyNoPrefix(prefix);
    if (why !== undefined) throw new UnrecError(`Cannot name files by ${prefix}: ${why}`);
    this.format = spec.format;
    this.output = output;
    this.spec = spec;
    this.cut = cut;
    this.#files = files;
    this.form = {
      [FORM_PREFIX]: prefix,
      "number of images in a shard": cut.images === Infinity ? "any" : String(cut.images),
      "number of bytes in a shard": cut.bytes === Infinity ? "any" : String(cut.bytes),
      ...form,
    };
  }

  abstract open(): Sink | Promise<Sink>;

  check(_sources: readonly SourceFacts[]): void {}

  requirePlace(): void {
    requireFolder(this.output);
  }

  prepare(): void {
    makeOutput(this.output);
  }

  entries(): string[] {
    return entriesOf(this.output).map(({ name }) => name);
  }

  holds(_labels: Iterable<number>, receipts: readonly Receipt[]): boolean {
    // Anybody can write a journal: what is looked at is a file of this format, wherever its path seems to lead.
    return receipts.every(({ path, bytes }) =>
      typeof path === "string" && this.#files.owns(path, this.spec.prefix) && isFileOf(join(this.output, path), bytes)
    );
  }

  clear(_from: number, { form = this.form, signal }: ClearOptions = {}): Promise<void> {
    const prefix = form[FORM_PREFIX];
    const example = this.#files.pathOf(prefix, 0, 1);
    for (const folder of new Set([".", dirname(example)])) {
      // A link is not gone through.
      if (folder !== "." && whyNoFolder(join(this.output, folder)) !== "") continue;
      for (const { name, isFile } of everythingIn(join(this.output, folder))) {
        if (signal?.aborted) break;
        const isOwn = this.#files.owns(join(folder, nameOfPart(name) ?? name), prefix);
        if (isFile && isOwn) remove(join(this.output, folder, name));
      }
    }
    return Promise.resolve();
  }

  paths(): ImagePaths {
    const { prefix, cut, options } = this.spec;
    return new ShardPaths(this.#files, prefix, cut, options);
  }

  abstract isConcluded(): boolean;

  abstract conclude(receipts: readonly Receipt[]): void;

  /**
   * Writes a text that tells of the shards, in place of one that is there.
   *
   * @param name Its name within the output.
   * @param text The text.
   * @throws {UnrecError} If it cannot be written.
   */
  protected writeText(name: string, text: string): void {
    const path = join(this.output, name);
    putTextAnew(path, text);
    if (this.spec.fsync) syncFile(path);
  }

  space(left: WorkLeft, blockBytes: number): SpaceNeeded {
    return spaceOfShards(left, this.cut, this.#files, blockBytes);
  }
}

/**
 * What files with many images take.
 *
 * @param left The images.
 * @param cut Where the files end.
 * @param format What they are.
 * @param blockBytes Bytes of the file system's blocks.
 */
export function spaceOfShards(
  { imageBytes }: WorkLeft,
  cut: ShardCut,
  format: Pick<ShardFiles<never>, "bytesOf">,
  blockBytes: number,
): SpaceNeeded {
  let images = 0;
  let bytes = 0;
  for (const length of imageBytes) {
    images++;
    bytes += format.bytesOf(Math.max(0, length));
  }
  const files = images === 0 ? 0 : 1 + Math.ceil(Math.max(images / cut.images, bytes / cut.bytes));
  return { images, bytes: bytes + files * blockBytes, inodes: files, subfolders: 0, otherNames: undefined };
}

/** What is in a folder, hidden files too. */
function everythingIn(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return [];
    throw new UnrecError(`Cannot read the folder ${folder}: ${systemReason(error)}`);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot remove ${path}: ${systemReason(error)}`);
  }
}
