import { printable } from "./printable.ts";

/** A line of a summary: a name and its value. */
export type Row = readonly [name: string, value: string];

/**
 * Puts a summary together.
 *
 * @param rows Its lines.
 * @param width The cells of the names.
 * @returns A line each, whatever the values contain.
 */
export function table(rows: readonly Row[], width: number): string {
  return rows.map(([name, value]) => `${name.padEnd(width)}${printable(value)}`).join("\n");
}
