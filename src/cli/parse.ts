import { parseArgs } from "@std/cli/parse-args";
import { type Command, COMMON_OPTIONS, optionsOf } from "./command.ts";
import { quoted } from "./command_line.ts";
import { nearest } from "./nearest.ts";
import { optionName, type OptionTable, orList, type Values } from "./option.ts";
import { UsageError } from "./usage_error.ts";

/** What a command line asks for. */
export type Request =
  | { asks: "run"; command: Command; given: Values<OptionTable>; words: readonly string[] }
  | { asks: "help"; command: Command }
  | { asks: "version" };

/**
 * Reads a command line.
 *
 * @param args The arguments, without the program.
 * @param commands All commands. The first is meant if none is named.
 * @returns What it asks for.
 * @throws {UsageError} If it makes no sense.
 */
export function parseCommandLine(args: readonly string[], commands: readonly [Command, ...Command[]]): Request {
  const named = args.length > 0 && !args[0].startsWith("-");
  const command = named ? commandOf(args[0], commands) : commands[0];
  const { texts, words } = new Reader(command, commands).read(named ? args.slice(1) : args);
  if (texts.has("help")) return { asks: "help", command };
  if (texts.has("version")) return { asks: "version" };
  checkWords(words, command, commands);
  const given = valuesOf(texts, command.options);
  command.check?.(given);
  return { asks: "run", command, given, words };
}

function commandOf(word: string, commands: readonly Command[]): Command {
  const names = commands.map(({ name }) => name);
  const at = names.indexOf(word);
  if (at >= 0) return commands[at];
  const guess = nearest(word, names);
  throw new UsageError(
    `unknown command ${quoted(word)}; ${
      guess === undefined
        ? "datasets are given with --include=DIR, the output with --output=DIR"
        : `did you mean ${guess}?`
    }`,
  );
}

/** Makes sure that the words besides the options are some that the command takes. */
function checkWords(words: readonly string[], command: Command, commands: readonly Command[]): void {
  const { name, word: expected } = command;
  const stray = words[expected === undefined ? 0 : expected.repeatable ? words.length : 1];
  if (stray !== undefined) {
    const advice = commands.some(({ name }) => name === stray)
      ? `A command comes first: unrec ${stray}`
      : expected === undefined
      ? "Datasets are given with --include=DIR, the output with --output=DIR"
      : `unrec ${name} takes one ${expected.value}`;
    throw new UsageError(`what is ${quoted(stray)} for? ${advice}`);
  }
  const choices = expected?.choices?.();
  if (expected?.required && words.length === 0) {
    throw new UsageError(`unrec ${name}: give ${orList(choices ?? [expected.value])}`);
  }
  const other = choices && words.find((word) => !choices.includes(word));
  if (choices !== undefined && other !== undefined) {
    throw new UsageError(`unrec ${name} ${quoted(other)}: give ${orList(choices)}`);
  }
}

function valuesOf(texts: ReadonlyMap<string, readonly string[]>, table: OptionTable): Values<OptionTable> {
  const values = Object.entries(table).map(([key, option]) => {
    const name = optionName(key);
    const given = texts.get(name);
    if (given !== undefined) return [key, option.parse(given, `--${name}`)];
    if (option.required) throw new UsageError(`--${name}=${option.value} is missing`);
    return [key, option.default];
  });
  return Object.fromEntries(values);
}

/** What is typed after a command: the texts of its options by name, and the other words. */
interface Typed {
  texts: Map<string, string[]>;
  words: string[];
}

/** Reads the options of a command, in which every name is known and whether it takes a value. */
class Reader {
  readonly #command: Command;
  readonly #commands: readonly Command[];
  readonly #table: OptionTable;
  /** The option's own name by how it may be typed: `--output` and `-o`. */
  readonly #names = new Map<string, string>();

  constructor(command: Command, commands: readonly Command[]) {
    this.#command = command;
    this.#commands = commands;
    this.#table = Object.fromEntries(
      Object.entries(optionsOf(command)).map(([key, option]) => [optionName(key), option]),
    );
    for (const [name, { short }] of Object.entries(this.#table)) {
      this.#names.set(`--${name}`, name);
      if (short !== undefined) this.#names.set(`-${short}`, name);
    }
  }

  read(args: readonly string[]): Typed {
    const end = args.indexOf("--");
    const forms = this.#longForms(end < 0 ? args : args.slice(0, end));
    for (const form of forms) this.#checkInline(form);
    const names = Object.keys(this.#table);
    const unknown: string[] = [];
    const words: string[] = [];
    const parsed = parseArgs([...forms, ...end < 0 ? [] : args.slice(end)], {
      boolean: names.filter((name) => !this.#takesValue(name)),
      string: names.filter((name) => this.#takesValue(name)),
      collect: names,
      "--": true,
      // Words come this way too, and as they are typed: among the results 007 would be a number.
      unknown(arg, key) {
        (key === undefined ? words : unknown).push(arg);
        return false;
      },
    });
    const texts = new Map<string, string[]>();
    for (const name of names) {
      const given = (parsed[name] as (string | boolean)[]).map(String);
      if (given.length > 0) texts.set(name, this.#checked(name, given));
    }
    if (unknown.length > 0) this.#refuse(unknown[0]);
    return { texts, words: [...words, ...parsed["--"] ?? []] };
  }

  #takesValue(name: string): boolean {
    return this.#table[name].value !== undefined;
  }

  /**
   * Short options are spelled out, for `parseArgs` has no rule for what follows a letter: of `-i/data/a=b` it takes the
   * `b`, and of `-ofoo` four options. And `--include -` becomes `--include=-`, whose value it would not take; an option
   * that may be given without its value gets the one that is meant.
   */
  #longForms(args: readonly string[]): string[] {
    const forms: string[] = [];
    for (const arg of args) {
      const before = this.#names.get(forms.at(-1) ?? "");
      const without = this.#table[this.#names.get(arg) ?? ""]?.without;
      if (without !== undefined) forms.push(`${arg}=${without}`);
      else if (arg === "-" && before !== undefined && this.#takesValue(before)) forms.push(`${forms.pop()}=-`);
      else if (/^-[^-]/.test(arg)) forms.push(...this.#spelledOut(arg));
      else forms.push(arg);
    }
    return forms;
  }

  #spelledOut(arg: string): string[] {
    const [word] = arg.slice(1).split("=", 1);
    if (word.length > 1 && this.#names.has(`--${word}`)) {
      throw new UsageError(`${arg}: an option has two dashes, --${word}`);
    }
    const forms: string[] = [];
    for (let at = 1; at < arg.length; at++) {
      const name = this.#names.get(`-${arg[at]}`);
      if (name === undefined) return [arg];
      const rest = arg.slice(at + 1);
      if (rest !== "" && (this.#takesValue(name) || rest.startsWith("="))) {
        return [...forms, `--${name}=${rest.replace(/^=/, "")}`];
      }
      forms.push(`--${name}`);
    }
    return forms;
  }

  /** Of `--name=value`: `parseArgs` does not tell of a flag's value, and takes `--no-output=x` for `--output=x`. */
  #checkInline(form: string): void {
    const [flag, value] = form.split("=", 2);
    if (!form.startsWith("--") || value === undefined) return;
    const name = this.#names.get(flag);
    if (name === undefined) this.#refuse(form);
    if (!this.#takesValue(name)) throw new UsageError(`${flag} takes no value`);
  }

  #checked(name: string, texts: string[]): string[] {
    const { value, repeatable } = this.#table[name];
    if (value === undefined && texts.includes("false")) throw new UsageError(`--${name} takes no value`);
    if (value !== undefined && texts.includes("")) {
      throw new UsageError(`--${name} needs a value: --${name}=${value}`);
    }
    if (texts.length > 1 && !repeatable) throw new UsageError(`--${name} is given more than once`);
    return texts;
  }

  #refuse(arg: string): never {
    const letter = Array.from(arg).find((letter, at) => at > 0 && !this.#names.has(`-${letter}`));
    const flag = arg.startsWith("--") ? arg.split("=", 1)[0] : `-${letter}`;
    const owners = this.#commands.filter((command) => {
      const options = Object.entries(command.options);
      return options.some(([key, { short }]) => flag === `--${optionName(key)}` || flag === `-${short}`);
    }).map(({ name }) => `unrec ${name}`);
    if (owners.length > 0) {
      throw new UsageError(`${flag} is an option of ${owners.join(" and ")}, not of unrec ${this.#command.name}`);
    }
    const guess = nearest(flag.replace(/^-+/, ""), Object.keys({ ...this.#table, ...COMMON_OPTIONS }));
    throw new UsageError(`unknown option ${quoted(flag)}${guess === undefined ? "" : `; did you mean --${guess}?`}`);
  }
}
