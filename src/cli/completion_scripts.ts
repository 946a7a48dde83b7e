import { type Command, optionsOf } from "./command.ts";
import { type Option, optionName } from "./option.ts";

/** A shell that completes. */
export type Shell = "bash" | "zsh" | "fish";

/**
 * A script that makes a shell complete the commands, options and values of `unrec`.
 *
 * @param shell The shell.
 * @param commands All commands; the first is meant where none is named.
 * @returns Lines, the last one without a line feed.
 */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return SCRIPTS[shell](commands);
}

const SCRIPTS: Record<Shell, (commands: readonly Command[]) => string> = { bash, zsh, fish };

/** The options of a command with their names. */
function named(command: Command): { name: string; option: Option<unknown> }[] {
  return Object.entries(optionsOf(command)).map(([key, option]) => ({ name: optionName(key), option }));
}

/** Bash breaks words at `=` as a rule, so that a value may come as a word of its own; but that can be set otherwise. */
function bash(commands: readonly Command[]): string {
  const values = commands.flatMap((command) =>
    named(command).filter(({ option }) => option.value !== undefined).map(({ name, option }) => {
      const typed = [`--${name}`, ...option.short === undefined ? [] : [`-${option.short}`]];
      const pattern = typed.map((flag) => `"${command.name} ${flag}"`).join("|");
      const answer = option.choices
        ? `words="${option.choices.join(" ")}"`
        : `paths=${option.completes === "folder" ? "-d" : option.completes === "file" ? "-f" : "none"}`;
      return `    ${pattern}) ${answer} ;;`;
    })
  );
  const options = commands.map((command) => {
    const names = named(command).map(({ name, option: { value, without } }) =>
      `--${name}${value === undefined || without !== undefined ? "" : "="}`
    );
    return `      ${command.name}) words="${names.join(" ")}" ;;`;
  });
  const words = commands.flatMap(({ name, word }) => {
    const choices = word?.choices?.();
    return choices === undefined ? [] : [`      ${name}) words="${choices.join(" ")}" ;;`];
  });
  return `# Completion of unrec for bash.
_unrec() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command=${commands[0].name} option="" head="" words="" paths=""
  if [[ $COMP_CWORD -gt 1 && \${COMP_WORDS[1]} != -* ]]; then command="\${COMP_WORDS[1]}"; fi
  if [[ $current == "=" ]]; then option="$before" current=""
  elif [[ $before == "=" ]]; then option="\${COMP_WORDS[COMP_CWORD - 2]}"
  elif [[ $current == --*=* ]]; then option="\${current%%=*}" head="\${current%%=*}=" current="\${current#*=}"
  elif [[ $current != -* ]]; then option="$before"
  fi
  case "$command $option" in
${values.join("\n")}
  esac
  if [[ -n $paths ]]; then
    if [[ $current == *,* ]]; then head="$head\${current%,*}," current="\${current##*,}"; fi
    local IFS=$'\\n'
    COMPREPLY=()
    if [[ $paths != none ]]; then COMPREPLY=($(compgen "$paths" -P "$head" -- "$current")); fi
    compopt -o filenames 2>/dev/null
    return
  fi
  if [[ -z $words && $current == -* ]]; then
    case "$command" in
${options.join("\n")}
    esac
  elif [[ -z $words && $COMP_CWORD -eq 1 ]]; then
    words="${commands.map(({ name }) => name).join(" ")}"
  elif [[ -z $words ]]; then
    case "$command" in
${words.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -P "$head" -- "$current"))
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _unrec unrec`;
}

function zsh(commands: readonly Command[]): string {
  const words = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const specs = named(command).flatMap(({ name, option }) => zshSpecs(name, option));
    const { word } = command;
    if (word !== undefined) {
      const choices = word.choices === undefined ? " " : `(${word.choices().join(" ")})`;
      specs.push(`${word.repeatable ? "*" : "1"}:${word.value.toLowerCase()}:${choices}`);
    }
    return `    ${command.name}) _arguments -s ${specs.map((spec) => `\\\n      ${quote(spec)}`).join(" ")} ;;`;
  });
  return `#compdef unrec
# Completion of unrec for zsh.
_unrec() {
  local command=${commands[0].name}
  local -a commands=(
${words.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  if [[ $words[2] != -* ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join("\n")}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _unrec "$@"; else compdef _unrec unrec; fi`;
}

/** An option as `_arguments` is told of it, once for each way to type it. */
function zshSpecs(name: string, option: Option<unknown>): string[] {
  const { value, without, short, repeatable, choices, completes, help } = option;
  const letter = short === undefined ? [] : [`-${short}${value === undefined ? "" : "+"}`];
  const typed = [`--${name}${value === undefined ? "" : without === undefined ? "=" : "=-"}`, ...letter];
  const before = repeatable ? "*" : `(--${name}${short === undefined ? "" : ` -${short}`})`;
  const files = completes === "folder" ? "_files -/" : completes === "file" ? "_files" : " ";
  const action = choices ? `(${choices.join(" ")})` : repeatable ? `_sequence ${files}` : files;
  const after = value === undefined
    ? ""
    : `${without === undefined ? "" : ":"}:${value.replaceAll(/[^\w]/g, " ").toLowerCase()}:${action}`;
  return typed.map((flag) => `${before}${flag}[${help.replaceAll(/[[\]\\]/g, "\\$&")}]${after}`);
}

function fish(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) =>
    `complete -c unrec -n '__unrec_is_first' -a ${name} -d ${quoteFish(summary)}`
  );
  const options = commands.flatMap((command) => [
    ...named(command).map(({ name, option }) => {
      const { value, without, short, choices, completes, help } = option;
      const letter = short === undefined ? "" : ` -s ${short}`;
      const answer = value === undefined || without !== undefined
        ? ""
        : choices
        ? ` -x -a '${choices.join(" ")}'`
        : completes === "folder"
        ? " -x -a '(__fish_complete_directories)'"
        : completes === "file"
        ? " -r -F"
        : " -x";
      return `complete -c unrec -n '__unrec_is ${command.name}'${letter} -l ${name}${answer} -d ${quoteFish(help)}`;
    }),
    ...command.word?.choices === undefined
      ? []
      : [`complete -c unrec -n '__unrec_is ${command.name}' -a '${command.word.choices().join(" ")}'`],
  ]);
  return `# Completion of unrec for fish.
function __unrec_is_first
    test (count (commandline -opc)) -eq 1
end
function __unrec_is
    set -l words (commandline -opc)
    set -l command ${commands[0].name}
    if set -q words[2]; and not string match -q -- '-*' $words[2]
        set command $words[2]
    end
    test $command = $argv[1]
end
complete -c unrec -f
${[...names, ...options].join("\n")}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function quoteFish(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
