import { isThere, splitAtCommas } from "./path_list.ts";
import { UsageError } from "./usage_error.ts";

/** An option of a command: all that parsing, help, README and completion know of it. */
export interface Option<Value> {
  /** What stands for its value in help: `DIR` in `--output=DIR`. An option without it takes no value. */
  readonly value?: string;
  /** What is meant where it is given without its value; a value has to follow an equals sign then. */
  readonly without?: string;
  /** A letter for short. */
  readonly short?: string;
  /** Whether it may be given more than once. */
  readonly repeatable?: boolean;
  /** Whether a command does nothing without it. */
  readonly required?: boolean;
  /** The words that it takes, if these are all. */
  readonly choices?: readonly string[];
  /** What a shell completes its value with. */
  readonly completes?: "folder" | "file";
  /** What it does, in a line or two. */
  readonly help: string;
  /** The same in more words and in Markdown, for `unrec help COMMAND`. */
  readonly more?: string;
  /** Its value if it is not given. */
  readonly default: Value;
  /**
   * Reads what is given.
   *
   * @param texts The values as typed, in order; one, unless it is repeatable.
   * @param flag How it is called: `--output`.
   * @returns The value.
   * @throws {UsageError} If they make no sense.
   */
  parse(texts: readonly string[], flag: string): Value;
}

/** The options of a command. An option is called by its key: `onError` is `--on-error`. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What a command gets: the value of every option of its table, under the same keys. */
export type Values<Options extends OptionTable> = {
  readonly [Key in keyof Options]: Options[Key] extends Option<infer Value> ? Value : never;
};

/**
 * What a command gets where nothing is given.
 *
 * @param table Its options.
 */
export function defaultsOf<Options extends OptionTable>(table: Options): Values<Options> {
  return Object.fromEntries(Object.entries(table).map(([key, option]) => [key, option.default])) as Values<Options>;
}

/** What every option says of itself. */
type Described = Pick<Option<unknown>, "help" | "more" | "short">;

/** What an option with a value says of itself. */
type Valued = Described & Required<Pick<Option<unknown>, "value">>;

/**
 * How an option is typed.
 *
 * @param key Its key in the table, such as `onError`.
 * @returns Its name without dashes, such as `on-error`.
 */
export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * How an option is typed, with what stands for its value.
 *
 * @param key Its key in the table.
 * @param option The option.
 * @returns Such as `--output=DIR`.
 */
export function typedOption(key: string, { value, without }: Option<unknown>): string {
  const name = `--${optionName(key)}`;
  return value === undefined ? name : without === undefined ? `${name}=${value}` : `${name}[=${value}]`;
}

/**
 * An option that is given or not.
 *
 * @param described What it says of itself.
 * @returns The option.
 */
export function flag(described: Described): Option<boolean> {
  return { ...described, default: false, parse: () => true };
}

/**
 * An option that takes one of a few words.
 *
 * @param words The words, the default first.
 * @param described What it says of itself.
 * @returns The option.
 */
export function choice<Word extends string>(words: readonly [Word, ...Word[]], described: Described): Option<Word> {
  return {
    ...described,
    value: words.join("|"),
    choices: words,
    default: words[0],
    parse: ([text], flag) => words.find((word) => word === text) ?? refuse(flag, text, `give ${orList(words)}`),
  };
}

/**
 * An option that takes some of a few words, with commas between them or given more than once.
 *
 * @param words The words.
 * @param described What it says of itself.
 * @returns The option.
 */
export function someOf<Word extends string>(words: readonly Word[], described: Described): Option<readonly Word[]> {
  return {
    ...described,
    value: `${words[0]}[,...]`,
    repeatable: true,
    choices: words,
    default: [],
    parse(texts, flag) {
      const given = texts.flatMap((text) => text.split(","));
      return given.map((text) => words.find((word) => word === text) ?? refuse(flag, text, `give ${orList(words)}`));
    },
  };
}

/**
 * An option that takes a whole number.
 *
 * @param bounds The least and the most, and the default; undefined if it has none.
 * @param valued What it says of itself.
 * @returns The option.
 */
export function count<Default extends number | undefined>(
  { least, most, ...rest }: { least: number; most: number; default: Default },
  valued: Valued & Pick<Option<unknown>, "required" | "without">,
): Option<number | Default> {
  return {
    ...valued,
    default: rest.default,
    parse([text], flag) {
      const number = Number(text);
      if (/^\d+$/.test(text) && number >= least && number <= most) return number;
      return refuse(flag, text, `give a whole number from ${least} to ${most}`);
    },
  };
}

/**
 * An option that takes a number of bytes, in which K stands for 2^10, M for 2^20 and G for 2^30.
 *
 * @param bounds The least and the most, and the default, as they are typed.
 * @param valued What it says of itself.
 * @returns The option.
 */
export function size<Default extends string | undefined>(
  { least, most, ...rest }: { least: string; most: string; default: Default },
  valued: Valued,
): Option<Default extends string ? number : number | undefined> {
  return {
    ...valued,
    default: (rest.default === undefined ? undefined : bytesOf(rest.default)) as number,
    parse([text], flag) {
      const bytes = bytesOf(text);
      if (bytes >= bytesOf(least) && bytes <= bytesOf(most)) return bytes;
      return refuse(flag, text, `give a number of bytes from ${least} to ${most}`);
    },
  };
}

/**
 * An option that takes any text.
 *
 * @param valued What it says of itself.
 * @returns The option.
 */
export function text(valued: Valued): Option<string | undefined> {
  return { ...valued, default: undefined, parse: ([text]) => text };
}

/**
 * An option that takes the path of a file or a folder.
 *
 * @param valued What it says of itself, and what a shell completes it with.
 * @returns The option.
 */
export function path(
  valued: Valued & Required<Pick<Option<unknown>, "completes">> & Pick<Option<unknown>, "required">,
): Option<string | undefined> {
  return { ...valued, default: undefined, parse: ([text], flag) => withoutTilde(text, flag) };
}

/**
 * An option that takes paths, with commas between them or given more than once. What names something that is there is
 * one path, whatever commas it has.
 *
 * @param valued What it says of itself, and whether a command does nothing without it.
 * @returns The option.
 */
export function paths(valued: Valued & Pick<Option<unknown>, "required">): Option<readonly string[]> {
  return {
    ...valued,
    repeatable: true,
    completes: "file",
    default: [],
    parse(texts, flag) {
      const paths = texts.flatMap(splitAtCommas);
      if (paths.length === 0) throw new UsageError(`${flag} names nothing: give ${flag}=${valued.value}`);
      return paths.map((path) => withoutTilde(path, flag));
    },
  };
}

/**
 * Words to choose from, as a sentence has them.
 *
 * @param words One or more.
 * @returns `stop or skip`.
 */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}

function refuse(flag: string, text: string, advice: string): never {
  throw new UsageError(`${flag}=${text}: ${advice}`);
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

function bytesOf(text: string): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  return Number(match?.[1]) * UNITS[match?.[2].toUpperCase() ?? ""];
}

/** A shell puts the home folder in place of a `~` only where a word begins, and `--output=~/x` is one word. */
function withoutTilde(path: string, flag: string): string {
  if (!/^~(\/|$)/.test(path) || isThere(path)) return path;
  throw new UsageError(
    `${flag}=${path}: the shell leaves that ~ as it is; give ${flag}="$HOME${path.slice(1)}", or ${flag} ${path} ` +
      "with a space",
  );
}
