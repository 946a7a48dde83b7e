import { join } from "node:path";
import { UnrecError } from "../errors.ts";
import { requireRoom } from "./free_space.ts";
import { JoinedPieces } from "./joined_pieces.ts";
import { entriesOf, makeOutput } from "./output_folder.ts";
import { isPiece, numberOfPiece } from "./piece_name.ts";
import { type Piece, removePieces } from "./pieces.ts";
import { shardSink, type ShardSpec } from "./shard_sink.ts";
import { spaceOfShards } from "./shard_store.ts";
import type { ShardFormat } from "./shard_writer.ts";
import type {
  AskedField,
  ConcludeOptions,
  ImagePaths,
  Receipt,
  ShardCut,
  Sink,
  SinkStore,
  SourceFacts,
  SpaceNeeded,
  WorkLeft,
} from "./sink.ts";
import { isFileOf } from "./steps.ts";

/**
 * Where a piece ends: at about so many bytes of records, whatever the number of shares is, so that any share can be
 * written again by itself. A small piece shares out well, and takes little memory where images do not come in order.
 */
export const PIECE_CUT: ShardCut = { images: Infinity, bytes: 2 ** 24 };

/** What is told while pieces are joined. */
export interface JoiningOptions {
  /** How many different labels all images have. */
  labels: number;
  /** To be told how many bytes were written since it was told last. */
  onWritten(bytes: number): void;
  /**
   * To be called when the files of the whole are written, as soon as nothing can keep them from their names: from then on
   * they count in place of the pieces, if they have their names.
   */
  onJoined(): void;
}

/** A whole that goes to one file and is written in pieces. */
export interface WholeInPieces<Options> {
  /** What pieces are written with; the output is the folder that they lie in. */
  spec: ShardSpec<Options>;
  /** What the pieces are. */
  pieces: ShardFormat<Options>;
  /** What decides, besides the format, what is written. */
  form: Readonly<Record<string, string>>;
  /** What has to be told of every record. */
  asks: readonly AskedField[];
  /** The files of the whole, as paths from the folder of the pieces; the first one is always there. */
  files: readonly string[];
  /** Makes sure that what is read can be written. */
  check(sources: readonly SourceFacts[]): void;
  /** Makes sure that nothing is in the way of the whole. */
  requirePlace(): void;
  /** Tells where images are in the whole. */
  paths(): ImagePaths;
  /** Makes the whole of the pieces, which are all there, in order. Returns what is odd about it. */
  join(pieces: readonly Piece[], options: JoiningOptions): Promise<string[]>;
}

/**
 * What all goes to one file of, as shares write it: pieces with neighbouring images each, which are joined when all are
 * there. A journal beside those of the shares says which pieces were joined; these are removed.
 */
export class PieceStore<Options> implements SinkStore {
  readonly format: string;
  readonly output: string;
  readonly spec: ShardSpec<Options>;
  readonly form: Readonly<Record<string, string>>;
  readonly asks: readonly AskedField[];
  readonly tellsNumbers = false;
  readonly cut: ShardCut;
  readonly #whole: WholeInPieces<Options>;
  readonly #joined: JoinedPieces;

  /** @param whole What is written in pieces. */
  constructor(whole: WholeInPieces<Options>) {
    const { spec, form, asks, files } = whole;
    this.format = spec.format;
    this.output = spec.output;
    this.spec = spec;
    this.form = { ...form, "size of a piece": `${spec.cut.images} images, ${spec.cut.bytes} bytes` };
    this.asks = asks;
    this.cut = spec.cut;
    this.#whole = whole;
    this.#joined = new JoinedPieces(spec.output, files, spec.fsync);
  }

  open(): Promise<Sink> {
    return shardSink(this.spec, this.#whole.pieces);
  }

  check(sources: readonly SourceFacts[]): void {
    this.#whole.check(sources);
  }

  requirePlace(): void {
    this.#joined.lookAgain();
    if (!this.#joined.isWhole) this.#whole.requirePlace();
  }

  prepare(): void {
    makeOutput(this.output);
  }

  entries(): string[] {
    return entriesOf(this.output).map(({ name }) => name);
  }

  holds(_labels: Iterable<number>, receipts: readonly Receipt[]): boolean {
    return receipts.every((receipt) => isReceipt(receipt) && (this.#isThere(receipt) || this.#joined.has(receipt)));
  }

  clear(): Promise<void> {
    removePieces(this.output);
    return Promise.resolve();
  }

  space(left: WorkLeft, blockBytes: number): SpaceNeeded {
    return spaceOfShards(left, this.cut, this.#whole.pieces, blockBytes);
  }

  paths(): ImagePaths {
    return this.#whole.paths();
  }

  async conclude(
    receipts: readonly Receipt[],
    labels: number,
    { checkSpace = false, onWritten = () => {} }: ConcludeOptions = {},
  ): Promise<string[]> {
    const pieces = receipts.filter(isReceipt).sort((a, b) => numberOfPiece(a.path) - numberOfPiece(b.path));
    this.#joined.lookAgain();
    if (this.#joined.isWhole && pieces.every((piece) => this.#joined.has(piece))) {
      // Those that an earlier joining was ended before it removed them, and those that a share has written again.
      removePieces(this.output);
      return [];
    }
    this.#requireAll(pieces);
    if (checkSpace) {
      requireRoom(`Cannot join the pieces in ${this.output}: that needs about`, this.output, sumOf(pieces));
    }
    const onJoined = () => this.#joined.write(pieces);
    const odd = await this.#whole.join(pieces, { labels, onWritten, onJoined });
    removePieces(this.output);
    return odd;
  }

  /** A share that was written anew has other pieces than the whole, and those of the others are gone. */
  #requireAll(pieces: readonly Piece[]): void {
    const gone = pieces.find((piece) => !this.#isThere(piece));
    if (gone === undefined) return;
    this.#joined.write([]);
    throw new UnrecError(
      `Cannot join the pieces in ${this.output}: after they had been joined, some of them were written anew with other ` +
        "bytes, and the others are not there any more",
      { kind: "text", text: "run all shares again, and then this" },
    );
  }

  #isThere({ path, bytes }: Piece): boolean {
    return isFileOf(join(this.output, path), bytes);
  }
}

/** Whether a receipt is one of a piece: anybody can write a journal. */
function isReceipt(receipt: Receipt): receipt is Piece {
  const { path, bytes, images } = receipt;
  return typeof path === "string" && isPiece(path) && Number.isSafeInteger(bytes) && Number.isSafeInteger(images);
}

function sumOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}
