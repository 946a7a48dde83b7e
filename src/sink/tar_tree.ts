import type { RecordView } from "../recordio/record_view.ts";
import { askedBy, checkNames } from "./check_names.ts";
import { TreePaths } from "./image_paths.ts";
import { NameTemplate, REFERENCE_NAMES } from "./name_template.ts";
import { Namer } from "./namer.ts";
import { oneFile } from "./one_file.ts";
import type { ShardFile, ShardWriter } from "./shard_writer.ts";
import type { SinkStore } from "./sink.ts";
import { blockRest, TAR_END, TarHeader } from "./tar_header.ts";

/** How a tree is written as a tar archive. */
export interface TarTreeOptions {
  /**
   * How files are named: text with fields in braces.
   *
   * @default {"id_{label}/{label}_{number}.jpg"}
   */
  names?: string;
  /**
   * Whether a file that is there may be replaced.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Whether it is durable when it is whole.
   *
   * @default {false}
   */
  fsync?: boolean;
}

/** The owner may write files. */
const MODE = 0o644;

/**
 * The tree of {@linkcode folderTree} as one tar archive, its files in reading order.
 *
 * @example
 * ```ts
 * import { decode, openDataset, tarTree } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * await decode([dataset], tarTree("images.tar"));
 * console.log((await Deno.stat("images.tar")).size, "bytes"); // 411136 bytes
 * ```
 *
 * @param target The file, or `-` for the standard output.
 * @param options How it is written.
 * @throws {UnrecError} If files cannot be named so.
 */
export function tarTree(
  target: string,
  { names = REFERENCE_NAMES, overwrite = false, fsync = false }: TarTreeOptions = {},
): SinkStore {
  const template = new NameTemplate(names);
  return oneFile({
    format: "tar",
    target,
    overwrite,
    fsync,
    asks: askedBy(template),
    check: (sources) => checkNames(template, sources),
    writer: (file) => new TarTreeWriter(file, template),
    paths: () => new TreePaths(template),
  });
}

class TarTreeWriter implements ShardWriter {
  readonly #file: ShardFile;
  readonly #namer: Namer;
  readonly #header = new TarHeader(MODE);

  constructor(file: ShardFile, names: NameTemplate) {
    this.#file = file;
    this.#namer = new Namer(names);
  }

  write(record: RecordView): void {
    const { bytes } = record;
    this.#header.set(this.#namer.pathOf(record), bytes.length);
    this.#file.write(this.#header.block);
    this.#file.write(bytes);
    this.#file.write(TAR_END.subarray(0, blockRest(bytes.length)));
  }

  finish(): void {
    this.#file.write(TAR_END);
  }
}
