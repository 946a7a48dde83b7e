/**
 * Writes a table as Markdown.
 *
 * @param head The names of the columns.
 * @param rows The cells.
 * @returns Lines, the last one without a line feed; the first column to the left, the others to the right.
 */
export function markdownTable(head: string[], rows: string[][]): string {
  const widths = head.map((name, i) => Math.max(3, name.length, ...rows.map((row) => row[i].length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join(" | ")} |`;
  const rule = widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
