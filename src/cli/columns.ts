/** Columns of a list, and the three forms it is printed in: fields with tabs between them, a table, lines of JSON. */
import type { Terminal } from "./terminal.ts";

/** What a cell holds: null where that is not known. */
export type Cell = number | string | readonly number[] | null;

/** A column of a list. */
export interface Column<Row> {
  /** Its name, in the first line and in JSON. */
  readonly name: string;
  /** Whether it holds words; else numbers, which stand to the right in a table. */
  readonly isText?: true;
  /** What it holds of a row. */
  readonly of: (row: Row) => Cell;
}

/** Takes the rows of a list, and gives the text to be printed. */
export interface ListForm<Row> {
  /** What comes before the first row. */
  readonly head: string;
  /** Takes a row. Returns its text, or that of some rows before it too, or none yet. */
  add(row: Row): string;
  /** The text of the rows that were taken and not given. */
  end(): string;
}

/**
 * The form that a list is printed in: a table where a person looks at it, lines of JSON where these are asked for.
 *
 * @param columns Its columns.
 * @param json Whether JSON is asked for.
 * @param terminal Where it is printed.
 */
export function listForm<Row>(
  columns: readonly Column<Row>[],
  json: boolean,
  terminal: Pick<Terminal, "isOutSeen" | "columns">,
): ListForm<Row> {
  return json ? jsonLines(columns) : terminal.isOutSeen ? tableOf(columns, terminal.columns) : tabs(columns);
}

/**
 * Fields with tabs between them, and the names of the columns in the first line. What is not known is empty.
 *
 * @param columns The columns.
 */
export function tabs<Row>(columns: readonly Column<Row>[]): ListForm<Row> {
  const [first, ...others] = columns;
  return {
    head: `${columns.map(({ name }) => name).join("\t")}\n`,
    add(row) {
      let line = text(first.of(row));
      for (let i = 0; i < others.length; i++) line += `\t${text(others[i].of(row))}`;
      return `${line}\n`;
    },
    end: () => "",
  };
}

/**
 * An object a line.
 *
 * @param columns The columns.
 */
export function jsonLines<Row>(columns: readonly Column<Row>[]): ListForm<Row> {
  const starts = columns.map(({ name }, i) => `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  return {
    head: "",
    add(row) {
      let line = "";
      for (let i = 0; i < columns.length; i++) {
        const cell = columns[i].of(row);
        line += starts[i] + (typeof cell === "number" ? cell : JSON.stringify(cell));
      }
      return `${line}}\n`;
    },
    end: () => "",
  };
}

/** Rows that a table is fitted to at a time: it is not known how wide those are that come later. */
const BLOCK_ROWS = 256;

/**
 * A table for people: columns as wide as what they hold, and no line longer than those of the screen.
 *
 * @param columns The columns.
 * @param width The characters of a line of the screen.
 */
export function tableOf<Row>(columns: readonly Column<Row>[], width: number): ListForm<Row> {
  const widths = columns.map(({ name }) => name.length);
  let block: string[][] = [columns.map(({ name }) => name)];
  function draw(): string {
    for (const cells of block) cells.forEach((cell, i) => widths[i] = Math.max(widths[i], cell.length));
    const lines = block.map((cells) => {
      const padded = cells.map((cell, i) => columns[i].isText ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
      const line = padded.join("  ").trimEnd();
      return line.length > width ? `${line.slice(0, width - 1)}…\n` : `${line}\n`;
    });
    block = [];
    return lines.join("");
  }
  return {
    head: "",
    add: (row) => block.push(columns.map(({ of }) => text(of(row)))) < BLOCK_ROWS ? "" : draw(),
    end: draw,
  };
}

function text(cell: Cell): string {
  return cell === null ? "" : typeof cell === "object" ? cell.join(",") : `${cell}`;
}
