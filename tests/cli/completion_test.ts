/** Completion: real shells run the scripts. */
import { assert, assertEquals } from "@std/assert";
import { optionsOf } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { completionScript, type Shell } from "../../src/cli/completion_scripts.ts";
import { optionName } from "../../src/cli/option.ts";
import { TOPICS } from "../../src/cli/topics.ts";
import { testUnless, whyNotRun } from "../needs.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** What a line can be completed with, as bash gives it. */
const CASES: [line: string, expected: string[]][] = [
  ["ver", ["verify"]],
  ["", COMMANDS.map(({ name }) => name)],
  ["help res", ["resume"]],
  ["help ", [...COMMANDS.map(({ name }) => name), ...Object.keys(TOPICS)]],
  ["completion z", ["zsh"]],
  ["--on", ["--on-error="]],
  ["decode --re", ["--relabel", "--restart"]],
  ["index --j", ["--json"]],
  ["verify --j", ["--jobs=", "--json"]],
  ["index --on-error=s", ["stop", "skip"]],
  ["--engine w", ["wasm"]],
  ["--output=fol", ["folder/"]],
  ["-o fol", ["folder/"]],
  ["--checksums=f", ["file", "folder/"]],
  ["--include=a,fi", ["a,file"]],
  ["--jobs=", []],
];

/** A folder with the script, a file and a folder to complete. */
function scratch(shell: Shell) {
  const folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/unrec.${shell}`, completionScript(shell, COMMANDS));
  Deno.mkdirSync(`${folder.path}/folder`);
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  return folder;
}

function runShell(shell: Shell, cwd: string, args: string[]): string {
  const { stdout, stderr, success } = new Deno.Command(shell, { args, cwd, env: { HOME: cwd } }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

testUnless(whyNotRun("bash", "-c", "true"), "bash completes commands, options, their values and paths", () => {
  using folder = scratch("bash");
  for (const [line, expected] of CASES) {
    // As bash breaks the line: at spaces, and at = unless COMP_WORDBREAKS is set otherwise.
    for (const atEquals of [true, false]) {
      const words = ["unrec", ...line.split(" ")].flatMap((word) => {
        return atEquals ? word.split(/(=)/).filter((part, i) => part !== "" || i === 0) : [word];
      });
      const quoted = words.map((word) => `'${word}'`).join(" ");
      const reply = runShell("bash", folder.path, [
        ...["--norc", "-c"],
        `source unrec.bash; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _unrec; ` +
        'for word in "${COMPREPLY[@]}"; do echo "$word"; done',
      ]);
      // Readline adds the slash of a folder.
      const found = reply.split("\n").filter((word) => word !== "").map((word) => word.replace(/folder$/, "folder/"));
      const head = atEquals ? "" : /(--[a-z-]+=)[^ ]*$/.exec(line)?.[1] ?? "";
      assertEquals(found.sort(), expected.map((word) => `${head}${word}`).sort(), `${line} (${atEquals})`);
    }
  }
});

testUnless(whyNotRun("fish", "-c", "true"), "fish completes commands, options, their values and paths", () => {
  using folder = scratch("fish");
  const lines = CASES.map(([line]) => `echo "> "; complete -C 'unrec ${line}'`).join("; ");
  const output = runShell("fish", folder.path, ["--no-config", "-c", `source unrec.fish; ${lines}`]);
  const replies = output.split("> \n").slice(1).map((reply) => {
    return reply.split("\n").filter((row) => row !== "").map((row) => row.split("\t")[0]);
  });
  for (const [i, [line, expected]] of CASES.entries()) {
    // Of several paths fish completes only the first.
    if (line.includes(",")) continue;
    // A value is given back with its option.
    const words = replies[i].map((word) => word.replace(/^--[a-z-]+=(?=.)/, ""));
    assertEquals(words.sort(), expected.map((word) => word.replace(/=$/, "")).sort(), line);
  }
});

testUnless(whyNotRun("zsh", "-c", "true"), "zsh completes commands, options, their values and paths", () => {
  using folder = scratch("zsh");
  Deno.writeTextFileSync(`${folder.path}/lines`, CASES.map(([line]) => `unrec ${line}\n`).join(""));
  Deno.writeTextFileSync(`${folder.path}/setup.zsh`, ZSH_SETUP);
  // Zsh completes only where a person types, so it gets a terminal of its own; one key has all lines completed.
  const output = runShell("zsh", folder.path, [
    ...["-f", "-c"],
    `zmodload zsh/zpty; zpty shell zsh -f -i; zpty -w shell 'source setup.zsh'; zpty -n -w shell $'\\x18'
     for i in {1..100}; do [[ -e .found ]] && grep -q END .found && break; sleep 0.1; done; cat .found`,
  ]);
  const replies = output.split("LINE\n").slice(1).map((reply) => {
    return reply.split("\n").filter((word) => word !== "" && word !== "END");
  });
  for (const [i, [line, expected]] of CASES.entries()) {
    // Where it knows no value it gives the option back that stands there.
    if (expected.length === 0) replies[i] = replies[i].filter((word) => !line.startsWith(word));
    // Zsh adds the slash of a folder and the = of an option itself, and leaves out what stands before.
    const words = expected.map((word) => word.replace(/[/=]$/, "").replace(/^a,/, ""));
    assertEquals([...new Set(replies[i])].sort(), words.sort(), line);
  }
});

const ZSH_SETUP = `autoload -Uz compinit; compinit -u -d dump; source unrec.zsh
compadd() {
  local -a matches
  builtin compadd -O matches "$@"
  print -rl -- $matches >> .found
  builtin compadd "$@"
}
drive() {
  local line
  while IFS= read -r line; do
    print LINE >> .found
    BUFFER=$line CURSOR=$#line
    zle list-choices
  done < lines
  print END >> .found
}
zle -N drive; bindkey '^X' drive
`;

Deno.test("every option is in every script", () => {
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const script = completionScript(shell, COMMANDS);
    for (const command of COMMANDS) {
      for (const name of Object.keys(optionsOf(command)).map(optionName)) {
        assert(script.includes(shell === "fish" ? `-l ${name} ` : `--${name}`), `${shell}: ${name}`);
      }
    }
  }
});
