import { UnrecError } from "../errors.ts";

/** How the lines of a list of labels are built. Columns count from 0. */
export interface ListForm {
  /** What stands between two columns: a tab, or any number of spaces. */
  separator: "tab" | "spaces";
  /** How many columns a line has. */
  columns: number;
  /** The column of the key; undefined if lines have none, and stand in reading order. */
  key: number | undefined;
  /** The column of the class. */
  label: number;
  /** The column of the path, or the name; undefined if lines have none. */
  name: number | undefined;
  /** How many labels a line has; the class is the first of them. */
  labels: number;
}

/** What stands above the lines of a list that this program writes. */
export const OWN_HEADING = "path\tlabel\tkey\tnumber\tidentity\tbytes";

/** How these lines are built, whatever is left empty in them. */
const OWN_FORM: ListForm = { separator: "tab", columns: 6, key: undefined, label: 1, name: 0, labels: 1 };

/** A line of a list. */
export interface ListLine {
  /** Its number, from 1. */
  number: number;
  /** Its text, without what ends it. */
  text: string;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads a number as lists have them: `3`, `3.000000`, `3.0e+00`.
 *
 * @param text All of it.
 * @returns NaN if it is something else.
 */
export function listNumber(text: string): number {
  return NUMBER.test(text) ? Number(text) : NaN;
}

/**
 * Whether a line names columns and has no data: it has no number.
 *
 * @param text The line.
 */
export function isHeading(text: string): boolean {
  return text.trim().split(/\s+/).every((word) => Number.isNaN(listNumber(word)));
}

/**
 * Tells the form of a list from its first lines. One column at most has words, the name or the path; where it stands
 * tells the others:
 *
 * - `key, name, label...`: as DCFace and others give it beside a set,
 * - `key, label..., path`: the `.lst` of MXNet's im2rec.py, which writes its first column to the index as the key,
 * - `flag, path, label...`: the list that InsightFace's face2rec2.py packs, if the first column is the same in all lines,
 * - `path, label...`,
 * - `key, label`.
 *
 * A list of this program says by its heading what it has.
 *
 * @param path The list, for messages.
 * @param lines Its first lines, without a heading and blank ones.
 * @param heading The first line, if it is a heading.
 * @returns The form.
 * @throws {UnrecError} If it is none of these, or could be two of them.
 */
export function formOf(path: string, lines: readonly ListLine[], heading?: string): ListForm {
  if (heading === OWN_HEADING) return OWN_FORM;
  const [first] = lines;
  const separator = first.text.includes("\t") ? "tab" : "spaces";
  const rows = lines.map(({ text }) => columnsOf(text, separator));
  const columns = rows[0].length;
  for (const [i, row] of rows.entries()) {
    if (row.length !== columns) throw otherColumns(path, { ...lines[i], columns: row.length }, { ...first, columns });
  }
  const words = Array.from(rows[0].keys())
    .filter((column) => rows.some((row) => Number.isNaN(listNumber(row[column]))));
  const name: number | undefined = words[0];
  const form = { separator, columns, name } as const;
  if (words.length === 0 && columns === 2) return { ...form, key: 0, label: 1, labels: 1 };
  if (words.length === 1 && columns > 1) {
    if (name === 0) return { ...form, key: undefined, label: 1, labels: columns - 1 };
    if (name === 1 && columns > 2) {
      const isFlag = rows.length > 1 && rows.every(([key]) => key === rows[0][0]);
      return { ...form, key: isFlag ? undefined : 0, label: 2, labels: columns - 2 };
    }
    if (name > 1 && name === columns - 1) return { ...form, key: 0, label: 1, labels: columns - 2 };
  }
  throw unknownForm(path, first, columns, words);
}

/**
 * Parts a line into its columns.
 *
 * @param text The line.
 * @param separator What stands between them.
 */
export function columnsOf(text: string, separator: ListForm["separator"]): string[] {
  return separator === "tab" ? text.split("\t").map((column) => column.trim()) : text.trim().split(/ +/);
}

/**
 * Says that a line has not as many columns as the first one.
 *
 * @param path The list.
 * @param line The line, and how many it has.
 * @param first The first line, and how many it has.
 */
export function otherColumns(
  path: string,
  line: { number: number; columns: number },
  first: { number: number; columns: number },
): UnrecError {
  return new UnrecError(
    `Cannot take labels from ${path}: line ${line.number} has ${count(line.columns)}, and line ${first.number} has ` +
      `${first.columns}`,
    { kind: "text", text: "where names have spaces, put tabs between the columns" },
  );
}

const FORMS = "a list has lines of key and label; key, name and label; key, label and path; or path and label, " +
  "with tabs or spaces between";

function unknownForm(path: string, { number, text }: ListLine, columns: number, words: number[]): UnrecError {
  const line = `line ${number}, ${JSON.stringify(text.slice(0, 60))},`;
  const cannot = `Cannot take labels from ${path}: ${line}`;
  if (words.length === 0 && columns > 2) {
    return new UnrecError(
      `${cannot} has ${columns} numbers, and nothing tells which is the key and which the label`,
      { kind: "keep-columns", path },
    );
  }
  const why = words.length > 1
    ? `has words in ${words.length} columns`
    : columns === 1
    ? "has one column"
    : "has no label";
  return new UnrecError(`${cannot} ${why}; ${FORMS}`);
}

function count(columns: number): string {
  return `${columns} ${columns === 1 ? "column" : "columns"}`;
}
