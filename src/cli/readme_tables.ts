import { type Command, optionsOf } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { wrap } from "./help_pages.ts";
import { type Option, optionName, typedOption } from "./option.ts";

/** Characters of a line of the README, as the formatter wraps it. */
const WIDTH = 120;

const HARD_SPACE = "\u00a0";

/**
 * The Markdown table of a command's options, as the formatter leaves it. What is the same for the first command is only
 * named after it.
 *
 * @param command The command.
 * @param commands All commands.
 * @returns Lines, the last one without a line feed.
 */
export function optionsTable(command: Command, commands: readonly Command[] = COMMANDS): string {
  const first = optionsOf(commands[0]);
  const options = Object.entries(optionsOf(command));
  const shared = command === commands[0] ? [] : options.filter(([key, option]) => first[key] === option);
  const rows = options.filter((entry) => !shared.includes(entry)).map(([key, option]) => {
    return [typed(key, option), asMarkdown(option.help)];
  });
  const table = rows.length === 0 ? [] : tableLines([["option", "meaning"], ...rows]);
  if (shared.length === 0) return table.join("\n");
  const names = shared.map(([key]) => `\`--${optionName(key)}\``);
  const sentence = `${rows.length === 0 ? "" : "And "}${names.slice(0, -1).join(", ")} and ${
    names.at(-1)
  }, as for \`unrec ${commands[0].name}\`.`;
  // The formatter keeps code in one piece.
  const lines = wrap(sentence.replace(/`[^`]+`/g, (code) => code.replaceAll(" ", HARD_SPACE)), WIDTH);
  return [...table, ...table.length === 0 ? [] : [""], ...lines].join("\n").replaceAll(HARD_SPACE, " ");
}

/**
 * Puts the tables of all commands between their marks: `<!-- options: decode -->` and `<!-- end -->`.
 *
 * @param markdown A text with such marks.
 * @returns The same with today's tables.
 */
export function withTables(markdown: string): string {
  return markdown.replace(/(<!-- options: (\w+) -->\n)[^]*?(<!-- end -->)/g, (whole, begin, name, end) => {
    const command = COMMANDS.find((command) => command.name === name);
    return command === undefined ? whole : `${begin}\n${optionsTable(command)}\n\n${end}`;
  });
}

/** Text of a help page as Markdown: what is typed, and what looks like a tag, becomes code. */
function asMarkdown(text: string): string {
  return text.replace(/--[a-z-]+(=[^\s:,]+)?|[^\s,]*<[^>]+>[^\s,;]*|\b\w*\.(rec|idx|bin|tsv)\b/g, (word) => {
    return `\`${word.replaceAll("|", "\\|")}\``;
  });
}

/** How an option is typed, as Markdown: `` `--output=DIR`, `-o` ``. */
function typed(key: string, option: Option<unknown>): string {
  const long = `\`${typedOption(key, option).replaceAll("|", "\\|")}\``;
  return option.short === undefined ? long : `${long}, \`-${option.short}\``;
}

function tableLines(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(rows[0]), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)];
}

if (import.meta.main) {
  const path = Deno.args[0] ?? "README.md";
  Deno.writeTextFileSync(path, withTables(Deno.readTextFileSync(path)));
}
