import type { Command } from "./command.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/**
 * `unrec completion`: prints a script that lets a shell complete `unrec`.
 *
 * @param commands All commands; a function, for the command is one of them.
 * @returns The command.
 */
export function completion(commands: () => readonly Command[]): Command<Record<never, never>> {
  return {
    name: "completion",
    summary: "print what makes a shell complete commands and options",
    usage: `unrec completion ${SHELLS.join("|")}`,
    description:
      "unrec completion prints a script that makes a shell complete the commands, options and values of an " +
      "installed unrec.",
    details: 'For bash put  eval "$(unrec completion bash)"  into ~/.bashrc.\n\n' +
      "For zsh put  source <(unrec completion zsh)  into ~/.zshrc, after compinit.\n\n" +
      "For fish run  unrec completion fish > ~/.config/fish/completions/unrec.fish  once.",
    options: {},
    word: { value: "SHELL", required: true, choices: () => SHELLS },
    exitCodes: "0 it was printed, 1 not, 2 wrong usage.",
    async run(_given, terminal, [shell]) {
      const { completionScript } = await import("./completion_scripts.ts");
      return terminal.print(completionScript(shell as typeof SHELLS[number], commands()));
    },
  };
}
