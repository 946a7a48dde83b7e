/**
 * Pieces of a whole: files that shares write, and that are joined when all are there. They lie hidden, for beside a
 * `train.rec` no program is to meet anything else.
 *
 * @module
 */
import { join } from "node:path";
import { codeOf, systemReason, UnrecError } from "../errors.ts";
import { isPiece } from "./piece_name.ts";
import type { Receipt } from "./sink.ts";
import { nameOfPart } from "./whole_file.ts";

/** What is known of a piece that is whole. Plain data. */
export interface Piece extends Receipt {
  /** Its name. */
  path: string;
  /** Its size. */
  bytes: number;
  /** How many images it has. */
  images: number;
}

/** Bytes that are read of a piece at once. */
const READ_BYTES = 2 ** 20;

/**
 * Reads a piece from front to back.
 *
 * @param folder Where it lies.
 * @param piece The piece.
 * @param read Does it: is given what puts the next bytes into an array and says how many, until none come.
 * @throws {UnrecError} If it cannot be read, or does not have as many bytes as it had.
 */
export function readPiece(
  folder: string,
  { path, bytes }: Piece,
  read: (more: (into: Uint8Array<ArrayBuffer>) => number) => void,
): void {
  const whole = join(folder, path);
  let left = bytes;
  const reading = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new UnrecError(`Cannot read the piece ${whole}: ${systemReason(error)}`);
    }
  };
  using file = reading(() => Deno.openSync(whole));
  read((into) => {
    const count = reading(() => file.readSync(into)) ?? 0;
    left -= count;
    return count;
  });
  if (left !== 0) throw new UnrecError(`Cannot read the piece ${whole}: it does not have its ${bytes} bytes any more`);
}

/**
 * Hands on the bytes of a piece.
 *
 * @param folder Where it lies.
 * @param piece The piece.
 * @param take Takes them, some at a time; they are overwritten after the call.
 * @throws {UnrecError} If they cannot be read.
 */
export function copyPiece(folder: string, piece: Piece, take: (bytes: Uint8Array<ArrayBuffer>) => void): void {
  const buffer = new Uint8Array(READ_BYTES);
  readPiece(folder, piece, (more) => {
    for (let count = more(buffer); count > 0; count = more(buffer)) take(buffer.subarray(0, count));
  });
}

/**
 * Removes all pieces of a folder, also what a process that was killed left of some.
 *
 * @param folder The folder.
 * @throws {UnrecError} If one cannot be removed.
 */
export function removePieces(folder: string): void {
  try {
    for (const { name } of [...Deno.readDirSync(folder)]) {
      if (isPiece(nameOfPart(name) ?? name)) Deno.removeSync(join(folder, name));
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return;
    throw new UnrecError(`Cannot remove the pieces in ${folder}: ${systemReason(error)}`);
  }
}

/** Lets others run, such as a display; to be called between pieces. */
export async function pauseBetween(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}
