import deno from "../../deno.json" with { type: "json" };
import { CommandLine } from "./command_line.ts";
import { COMMANDS } from "./commands.ts";
import { parseCommandLine } from "./parse.ts";
import { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs a command line.
 *
 * @param args The arguments, without the program.
 * @param terminal Where what it says goes.
 * @returns The exit code.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal = new Terminal(new CommandLine(args)),
): Promise<number> {
  try {
    const request = parseCommandLine(args, COMMANDS);
    switch (request.asks) {
      case "version":
        return terminal.print(`unrec ${deno.version}`);
      case "help":
        return terminal.print((await import("./help_pages.ts")).shortHelp(request.command, COMMANDS));
      case "run":
        return await request.command.run(request.given, terminal, request.words);
    }
  } catch (error) {
    return await sayFailure(error, terminal);
  }
}

/** Says in one line what went wrong. Returns the exit code. */
async function sayFailure(error: unknown, terminal: Terminal): Promise<number> {
  const { stacksOf, wordFailure } = await import("./failure.ts");
  terminal.say(wordFailure(error, terminal.commandLine));
  stacksOf(error).forEach((line) => terminal.say(line));
  return error instanceof UsageError ? 2 : 1;
}
