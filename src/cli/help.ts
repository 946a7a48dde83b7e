import { type CommandName, COMMANDS, type OptionSpec } from "./options.ts";

/**
 * The help text of a command: lines of at most 90 characters, the last one without a line feed.
 *
 * @param command Which one. The default command's names the others.
 */
export function helpText(command: CommandName): string {
  const { usage, description, options, exitCodes } = COMMANDS[command];
  return `${description}

  ${usage}
${command === "decode" ? otherCommands() : ""}
Options:
${optionLines(options)}

Exit code: ${exitCodes}`;
}

function otherCommands(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  unrec ${name.padEnd(8)}  ${summary}`);
  return `\nCommands (unrec COMMAND --help shows the options of each):\n${lines.join("\n")}\n`;
}

function optionLines(options: Record<string, OptionSpec>): string {
  const rows = Object.entries(options).map(([name, { value, short, help }]) => {
    const left = `  ${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : `=${value}`}`;
    return help.map((line, i) => `${(i === 0 ? left : "").padEnd(26)}  ${line}`).join("\n");
  });
  return rows.join("\n");
}
