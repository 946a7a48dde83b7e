import { UnrecError } from "../errors.ts";
import type { CommandLine } from "./command_line.ts";
import { wordError } from "./remedy.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Says what ended a command.
 *
 * @param error What was thrown.
 * @param line How this process was started.
 * @returns A line without its last full stop.
 */
export function wordFailure(error: unknown, line: CommandLine): string {
  if (error instanceof UnrecError) return wordError(error, line);
  if (error instanceof UsageError) {
    return `${error.message}${error.message.endsWith("?") ? "" : ";"} --help shows how it is used`;
  }
  const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
  const more = wantsStacks() ? "" : `, with what this says: UNREC_DEBUG=1 ${line.again()}`;
  return `This is a defect of unrec: ${message}; please report it${more}`;
}

/**
 * Where a defect comes from.
 *
 * @param error What was thrown.
 * @returns The calls that led to it, and to what was its cause, a line each; none unless somebody wants to see them.
 */
export function stacksOf(error: unknown): string[] {
  if (!(error instanceof Error) || error instanceof UnrecError || error instanceof UsageError) return [];
  return wantsStacks() ? [...error.stack?.split("\n") ?? [], ...stacksOf(error.cause)] : [];
}

/** Whether the person who runs this wants to see where a defect comes from. */
function wantsStacks(): boolean {
  const variable = "UNREC_DEBUG";
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted" && Deno.env.get(variable) === "1";
}
