import { parseArgs } from "node:util";
import { nearest } from "./nearest.ts";
import type { OptionSpec } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** The options that a command line gives, each with its values in order. */
export type GivenOptions = ReadonlyMap<string, string[]>;

/**
 * Reads the options of a command.
 *
 * @param args The arguments, without the program and the command.
 * @param table The command's options.
 * @param ownersOf The commands that have an option of that name, for the message if this one has not.
 * @returns What is given, every name one of the table.
 * @throws {UsageError} If there is something else, or a value is missing or too much.
 */
export function readGivenOptions(
  args: string[],
  table: Record<string, OptionSpec>,
  ownersOf: (name: string) => string[],
): GivenOptions {
  const given = new Map<string, string[]>();
  for (const token of tokensOf(args, table)) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw new UsageError(
        `what is ${token.value} for? Datasets are given with --include=DIR, the output with --output=DIR`,
      );
    }
    const name = resolveName(token.rawName, table, ownersOf);
    const { value, repeatable } = table[name];
    if (value === undefined) {
      if (token.value !== undefined) throw new UsageError(`--${name} takes no value`);
    } else if (!token.value || !token.inlineValue && token.value.startsWith("--")) {
      throw new UsageError(`--${name} needs a value: --${name}=${value}`);
    }
    if (given.has(name) && !repeatable) throw new UsageError(`--${name} is given more than once`);
    given.set(name, [...given.get(name) ?? [], token.value ?? ""]);
  }
  return given;
}

function tokensOf(args: string[], table: Record<string, OptionSpec>) {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? "boolean" as const : "string" as const, ...(short ? { short } : {}) },
    ]),
  );
  // Not strict, for its errors are made for programmers; the tokens are checked above.
  return parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function resolveName(
  rawName: string,
  table: Record<string, OptionSpec>,
  ownersOf: (name: string) => string[],
): string {
  const names = Object.keys(table);
  const name = rawName.replace(/^-+/, "");
  const found = names.find((long) => rawName === `--${long}` || rawName === `-${table[long].short}`);
  if (found !== undefined) return found;
  const owners = ownersOf(name);
  if (owners.length > 0) throw new UsageError(`--${name} is an option of ${owners.join(" and ")}, not of this command`);
  throw new UsageError(`unknown option ${rawName}; did you mean --${nearest(name, names)}?`);
}
