import { askedBy, checkNames } from "./check_names.ts";
import { TreePaths } from "./image_paths.ts";
import { NameTemplate, REFERENCE_NAMES } from "./name_template.ts";
import { fileInPieces } from "./file_pieces.ts";
import { oneFile, type OneFileOptions } from "./one_file.ts";
import type { SinkStore } from "./sink.ts";
import { TAR_END } from "./tar_header.ts";
import { TAR_PIECES, type TarPieces, TarTreeWriter } from "./tar_tree_writer.ts";

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
  const archive: OneFileOptions = {
    format: "tar",
    target,
    overwrite,
    fsync,
    asks: askedBy(template),
    head: new Uint8Array(),
    end: TAR_END,
    check: (sources) => checkNames(template, sources),
    writer: (file) => new TarTreeWriter(file, template),
    paths: () => new TreePaths(template),
    inPieces: (requirePlace) =>
      fileInPieces<TarPieces>(archive, requirePlace, {
        options: { names },
        form: { "name template": names },
        pieces: TAR_PIECES,
      }),
  };
  return oneFile(archive);
}
