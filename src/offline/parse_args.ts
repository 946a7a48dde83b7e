/**
 * Stands in for `@std/cli/parse-args`, for command lines whose options are all known and collected. It reads them as
 * that does, oddities included, so that a command line means the same on every machine. `parseArgs` of `node:util` does
 * not: it takes `--output --quiet` for a value, and a text after `--quiet=` for none.
 */

/** What `parseArgs` is told of the options. */
export interface ParseOptions {
  /** The options that take no value. */
  boolean: readonly string[];
  /** The options that take a value. */
  string: readonly string[];
  /** The options whose values are collected: all of them. */
  collect: readonly string[];
  /** What follows `--` is kept apart. */
  "--": true;
  /** Told of each option that is none of these and, without a key, of each other word. Neither is kept. */
  unknown: (arg: string, key?: string, value?: unknown) => false;
}

/** The values of each option, in order. */
export type Args = Record<string, unknown> & {
  /** Nothing: `unknown` is told of the words that are no options. */
  _: (string | number)[];
  /** What follows `--`. */
  "--": string[];
};

/**
 * Reads the words of a command line.
 *
 * @param args The words.
 * @param options What may be among them.
 * @returns What they say. A value that is missing is `""`.
 */
export function parseArgs(args: readonly string[], { boolean, string, unknown }: ParseOptions): Args {
  const values: Record<string, unknown[]> = Object.fromEntries([...boolean, ...string].map((name) => [name, []]));
  const end = args.indexOf("--");
  const words = end < 0 ? [...args] : args.slice(0, end);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.startsWith("--")) readLong(word);
    else if (word.startsWith("-") && word !== "-") readShort(word);
    else unknown(word);
  }
  return { _: [], ...values, "--": end < 0 ? [] : args.slice(end + 1) };

  function readLong(word: string): void {
    const [, no = "", name, value] = /^--(no-)?(.+?)(?:=(.*))?$/s.exec(word) ?? [];
    // The no- of --no-name=value is lost; that of --no-name is part of its name.
    if (value !== undefined) set(word, name, boolean.includes(name) ? value !== "false" : value);
    else set(word, no + name, nextValue(no + name, words[0]?.startsWith("-")));
  }

  function readShort(word: string): void {
    const last = word.length - 1;
    for (let at = 1; at < last; at++) {
      const letter = word[at];
      const rest = word.slice(at + 1);
      if (rest === "-") return set(word, letter, rest);
      if (rest === "=") return set(word, letter, "");
      if (/[A-Za-z]/.test(letter)) {
        const assigned = /=(.+)/.exec(rest)?.[1];
        if (assigned !== undefined) return set(word, letter, assigned);
        if (/\d(\.\d*)?(e-?\d+)?$/.test(rest)) return set(word, letter, rest);
      }
      if (at + 1 < last && /\W/.test(word[at + 1])) return set(word, letter, rest);
      set(word, letter, string.includes(letter) ? "" : true);
    }
    set(word, word[last], nextValue(word[last], /^--?[^-]/.test(words[0] ?? "")));
  }

  /** The value of an option whose own word has none. */
  function nextValue(name: string, nextIsOption: boolean): string | boolean {
    if (words[0] && !nextIsOption && !boolean.includes(name)) return words.shift() as string;
    if (words[0] === "true" || words[0] === "false") return words.shift() === "true";
    return string.includes(name) ? "" : true;
  }

  function set(word: string, name: string, value: string | boolean): void {
    if (!Object.hasOwn(values, name)) return void unknown(word, name, value);
    const isNumber = typeof value === "string" && !string.includes(name) && /\S/.test(value) && isFinite(Number(value));
    values[name].push(isNumber ? Number(value) : value);
  }
}
