import { flag, type OptionTable, type Values } from "./option.ts";
import type { Terminal } from "./terminal.ts";

/** A word, or words, that a command takes besides its options. */
export interface CommandWord {
  /** What stands for it in help: `SHELL`. */
  readonly value: string;
  /** Whether the command does nothing without it. */
  readonly required?: boolean;
  /** Whether there may be several. */
  readonly repeatable?: boolean;
  /** What it may be; anything, if that is not told. */
  choices?(): readonly string[];
}

/** A command of the command line. The module that defines one is light: what does the work is imported when it runs. */
export interface Command<Options extends OptionTable = OptionTable> {
  /** How it is called. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** How a command line of it looks. */
  readonly usage: string;
  /** What it does, in a paragraph. */
  readonly description: string;
  /** More about it, for its long help: paragraphs with an empty line between them. */
  readonly details?: string;
  /** Its options, in the order in which help shows them; `--help` and `--version` come besides. */
  readonly options: Options;
  /** The word it takes, if it takes one. */
  readonly word?: CommandWord;
  /** What its exit codes mean, in a sentence. */
  readonly exitCodes: string;
  /**
   * Looks for options that make no sense together.
   *
   * @param given What the command line gives.
   * @throws {UsageError} If there are such.
   */
  check?(given: Values<Options>): void;
  /**
   * Does what the command is for.
   *
   * @param given What the command line gives.
   * @param terminal Where to say things.
   * @param words The words besides the options.
   * @returns The exit code.
   * @throws {UsageError} If the command line turns out to make no sense.
   * @throws {UnrecError} If something cannot be done.
   */
  run(given: Values<Options>, terminal: Terminal, words: readonly string[]): Promise<number>;
}

/** A command without what it does. */
export type CommandDefinition<Options extends OptionTable> = Omit<Command<Options>, "run">;

/**
 * Puts a command together from its definition and what it does, which is loaded when it runs.
 *
 * @param definition The command.
 * @param load Loads what it does.
 * @returns The whole command.
 */
export function runBy<Options extends OptionTable>(
  definition: CommandDefinition<Options>,
  load: () => Promise<Command<Options>["run"]>,
): Command<Options> {
  return { ...definition, run: async (...given) => await (await load())(...given) };
}

/** The options that every command has. */
export const COMMON_OPTIONS: OptionTable = {
  help: flag({ short: "h", help: "show this help" }),
  version: flag({ short: "v", help: "show the version" }),
};

/**
 * All options of a command.
 *
 * @param command The command.
 * @returns Its own, then those that every command has.
 */
export function optionsOf(command: Command): OptionTable {
  return { ...command.options, ...COMMON_OPTIONS };
}
