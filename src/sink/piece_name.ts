import type { ShardFormat } from "./shard_writer.ts";

const NAME = /^\.unrec-piece-(\d{6,})$/;

/** Digits of the numbers in names, at least. */
const DIGITS = 6;

/**
 * The name of a piece.
 *
 * @param number Its place among all, from 0.
 */
export function pieceName(number: number): string {
  return `.unrec-piece-${String(number).padStart(DIGITS, "0")}`;
}

/**
 * Whether a name is that of a piece.
 *
 * @param name The name.
 */
export function isPiece(name: string): boolean {
  return NAME.test(name);
}

/**
 * The place of a piece among all.
 *
 * @param name Its name.
 */
export function numberOfPiece(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}

/** What pieces are called, whatever they hold. */
export const PIECE_NAMES: Pick<ShardFormat<unknown>, "pathOf" | "owns"> = {
  pathOf: (_, shard) => pieceName(shard),
  owns: isPiece,
};
