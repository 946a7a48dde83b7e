import { basename, dirname, join, resolve } from "node:path";
import type { OneFileOptions } from "./one_file.ts";
import { type JoiningOptions, PIECE_CUT, PieceStore, type WholeInPieces } from "./piece_store.ts";
import { copyPiece, pauseBetween, type Piece, readPiece } from "./pieces.ts";
import type { ShardSpec } from "./shard_sink.ts";
import type { ShardCut, SinkStore } from "./sink.ts";
import { WholeFile } from "./whole_file.ts";

/** How one file is written in pieces. */
export interface FilePieces<Options> extends Pick<WholeInPieces<Options>, "pieces" | "form"> {
  /** What the pieces are written with. Plain data. */
  options: Options;
  /**
   * Where they end.
   *
   * @default {as pieces end where nothing else matters}
   */
  cut?: ShardCut;
}

/**
 * The folder of the pieces of a file, and of the journals of its shares: beside the file, and hidden.
 *
 * @param file The file.
 */
export function partsFolder(file: string): string {
  return join(dirname(file), `.${basename(file)}.parts`);
}

/**
 * The file whose pieces lie in a folder.
 *
 * @param folder The folder, see {@linkcode partsFolder}.
 */
export function fileOfParts(folder: string): string {
  const whole = resolve(folder);
  return join(dirname(whole), basename(whole).replace(/^\.(.*)\.parts$/s, "$1"));
}

/**
 * A store for the pieces of a file.
 *
 * @param file The file as it is written without pieces.
 * @param requirePlace Makes sure that nothing is in the way of it.
 * @param pieces How the pieces are written.
 */
export function fileInPieces<Options>(
  file: OneFileOptions,
  requirePlace: () => void,
  { options, cut = PIECE_CUT, ...how }: FilePieces<Options>,
): SinkStore {
  const { format, target, fsync, asks, check, paths } = file;
  const output = partsFolder(target);
  const spec: ShardSpec<Options> = { format, output, prefix: "", cut, fsync, md5: false, options };
  return new PieceStore({
    ...how,
    ...{ spec, asks, check, requirePlace, paths },
    files: [join("..", basename(target))],
    join: (found, options) => joinFile(file, output, found, options),
  });
}

async function joinFile(
  { target, fsync, head, end, paths }: OneFileOptions,
  folder: string,
  pieces: readonly Piece[],
  { onWritten, onJoined }: JoiningOptions,
): Promise<string[]> {
  const file = new WholeFile(dirname(target), basename(target), { fsync });
  const { shifted } = paths();
  let images = 0;
  try {
    file.write(head);
    for (const piece of pieces) {
      if (shifted === undefined) copyPiece(folder, piece, (bytes) => file.write(bytes));
      else file.write(new TextEncoder().encode(shifted(textOf(folder, piece), images)));
      images += piece.images;
      onWritten(piece.bytes);
      await pauseBetween();
    }
    file.write(end);
    file.finish(onJoined);
    return [];
  } catch (error) {
    file.abandon();
    throw error;
  }
}

/** A piece that is text; it takes a line where the records take many bytes, so it is small. */
function textOf(folder: string, piece: Piece): string {
  const bytes = new Uint8Array(piece.bytes);
  readPiece(folder, piece, (more) => {
    for (let at = 0; at < bytes.length;) {
      const count = more(bytes.subarray(at));
      if (count === 0) break;
      at += count;
    }
  });
  return new TextDecoder().decode(bytes);
}
