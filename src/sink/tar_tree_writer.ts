import type { RecordView } from "../recordio/record_view.ts";
import { NameTemplate } from "./name_template.ts";
import { Namer } from "./namer.ts";
import { PIECE_NAMES } from "./piece_name.ts";
import type { ShardFile, ShardFormat, ShardWriter } from "./shard_writer.ts";
import { BLOCK_BYTES, blockRest, TAR_END, TarHeader } from "./tar_header.ts";

/** The owner may write files. */
const MODE = 0o644;

/** Writes the members of a tree, without the end of an archive. */
export class TarTreeWriter implements ShardWriter {
  readonly #file: ShardFile;
  readonly #namer: Namer;
  readonly #header = new TarHeader(MODE);

  /**
   * @param file Takes them.
   * @param names How files are named.
   */
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

  finish(): void {}
}

/** How the pieces of an archive are written. Plain data. */
export interface TarPieces {
  /** How files are named: the text of a {@linkcode NameTemplate}. */
  names: string;
}

/** Pieces of an archive, which are joined by appending one to the other. */
export const TAR_PIECES: ShardFormat<TarPieces> = {
  ...PIECE_NAMES,
  writer: (file, { names }) => new TarTreeWriter(file, new NameTemplate(names)),
  bytesOf: (length) => BLOCK_BYTES + length + blockRest(length),
};
