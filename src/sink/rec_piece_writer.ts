import { frameBytes, IR_HEADER_BYTES } from "../recordio/constants.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { RecordWriter } from "../recordio/record_writer.ts";
import { PIECE_NAMES } from "./piece_name.ts";
import { type RecLayout, requireStorable } from "./rec_layout.ts";
import type { ShardFile, ShardFormat, ShardWriter } from "./shard_writer.ts";

/** How the pieces of a record file are written. Plain data. */
export interface RecPieces {
  layout: RecLayout;
}

/** Writes the records of a piece. */
class RecPieceWriter implements ShardWriter {
  readonly #records: RecordWriter;
  readonly #layout: RecLayout;
  #key = 0;

  constructor(file: ShardFile, layout: RecLayout) {
    this.#records = new RecordWriter((bytes) => file.write(bytes));
    this.#layout = layout;
  }

  write(record: RecordView): void {
    requireStorable(record, this.#layout);
    this.#records.image(record, this.#key++, this.#layout === "flat");
  }

  finish(): void {
    this.#records.flush();
  }
}

/** Pieces of a record file: records whose keys count the images of the piece, without an index. */
export const REC_PIECES: ShardFormat<RecPieces> = {
  ...PIECE_NAMES,
  writer: (file, { layout }) => new RecPieceWriter(file, layout),
  bytesOf: (length) => frameBytes(IR_HEADER_BYTES + 8 + length),
};
