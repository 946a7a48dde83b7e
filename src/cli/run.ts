import deno from "../../deno.json" with { type: "json" };
import { UnrecError } from "../errors.ts";
import { CommandLine } from "./command_line.ts";
import { COMMANDS } from "./commands.ts";
import { parseCommandLine } from "./parse.ts";
import { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs a command line.
 *
 * @param args The arguments, without the program.
 * @returns The exit code.
 */
export async function run(args: readonly string[]): Promise<number> {
  const terminal = new Terminal(new CommandLine(args));
  try {
    const request = parseCommandLine(args, COMMANDS);
    switch (request.asks) {
      case "version":
        return terminal.print(`unrec ${deno.version}`);
      case "help":
        return terminal.print((await import("./help_pages.ts")).shortHelp(request.command, COMMANDS));
      case "run":
        return await request.command.run(request.given, terminal, request.word);
    }
  } catch (error) {
    return await sayFailure(error, terminal);
  }
}

/** Says in one line what went wrong. Returns the exit code. */
async function sayFailure(error: unknown, terminal: Terminal): Promise<number> {
  if (error instanceof UsageError) {
    terminal.say(`${error.message}${error.message.endsWith("?") ? "" : ";"} --help shows how it is used`);
    return 2;
  }
  if (error instanceof UnrecError) {
    const { wordError } = await import("./remedy.ts");
    terminal.say(wordError(error, terminal.commandLine));
    return 1;
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  terminal.say(`Internal error, please report it: ${message}`);
  if (debugs()) stack?.split("\n").forEach((line) => terminal.say(line));
  return 1;
}

/** Whether the person who runs this wants to see where an internal error comes from. */
function debugs(): boolean {
  const variable = "UNREC_DEBUG";
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted" && Deno.env.get(variable) === "1";
}
