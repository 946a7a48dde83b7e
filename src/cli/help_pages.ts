import { type Command, optionsOf } from "./command.ts";
import { type Option, typedOption } from "./option.ts";
import { TOPICS } from "./topics.ts";

/** Characters of a line of help. */
const WIDTH = 90;
/** Where the words on an option begin. */
const INDENT = 30;

/**
 * The page that `--help` shows: a line or two for each option. That of the first command names the others.
 *
 * @param command The command.
 * @param commands All commands.
 * @returns Lines, the last one without a line feed.
 */
export function shortHelp(command: Command, commands: readonly Command[]): string {
  return page(command, commands, [], ({ help }) => help);
}

/**
 * The page that `unrec help COMMAND` shows: all there is to say.
 *
 * @param command The command.
 * @param commands All commands.
 * @returns Lines, the last one without a line feed.
 */
export function longHelp(command: Command, commands: readonly Command[]): string {
  const details = command.details?.split("\n\n") ?? [];
  return page(command, commands, details, ({ help, more = help }) => more);
}

/**
 * Breaks text into lines at its spaces.
 *
 * @param text Words.
 * @param width The most characters of a line; a longer word has a line of its own.
 * @returns The lines.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function page(
  command: Command,
  commands: readonly Command[],
  details: readonly string[],
  words: (option: Option<unknown>) => string,
): string {
  const { usage, description, exitCodes } = command;
  const options = Object.entries(optionsOf(command)).map(([key, option]) => row(typed(key, option), words(option)));
  const paragraphs = [
    paragraph(description),
    `  ${usage}`,
    ...command === commands[0] ? [otherCommands(commands)] : [],
    `Options:\n${options.join("\n")}`,
    ...details.map(paragraph),
    paragraph(`Exit code: ${exitCodes}`),
  ];
  return paragraphs.join("\n\n");
}

function otherCommands(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => row(`  unrec ${name}`, summary));
  return [
    "Commands (unrec COMMAND --help shows the options of each, unrec help COMMAND says more):",
    ...rows,
    "",
    paragraph(`Topics (unrec help TOPIC): ${Object.keys(TOPICS).join(", ")}`),
  ].join("\n");
}

/** How an option is typed: `  -o, --output=DIR`. */
function typed(key: string, option: Option<unknown>): string {
  return `  ${option.short === undefined ? "" : `-${option.short}, `}${typedOption(key, option)}`;
}

function row(left: string, words: string): string {
  const lines = wrap(plain(words), WIDTH - INDENT);
  // What is too long for its column has a line of its own.
  if (left.length > INDENT - 2) return [left, ...lines.map((line) => " ".repeat(INDENT) + line)].join("\n");
  return lines.map((line, i) => (i === 0 ? left : "").padEnd(INDENT) + line).join("\n");
}

function paragraph(text: string): string {
  return wrap(plain(text), WIDTH).join("\n");
}

/** Markdown's marks for code say nothing on a terminal. */
function plain(markdown: string): string {
  return markdown.replaceAll("`", "");
}
