import type { Command } from "./command.ts";
import { TOPICS } from "./topics.ts";

const TOPIC_NAMES = Object.keys(TOPICS);

/**
 * `unrec help`: prints a page about a command or a topic.
 *
 * @param commands All commands; a function, for the command is one of them.
 * @returns The command.
 */
export function help(commands: () => readonly [Command, ...Command[]]): Command<Record<never, never>> {
  return {
    name: "help",
    summary: "say more about a command or a topic",
    usage: "unrec help [COMMAND|TOPIC]",
    description: "unrec help prints all there is to say about a command or a topic.",
    options: {},
    word: {
      value: "COMMAND|TOPIC",
      choices: () => [...commands().map(({ name }) => name), ...TOPIC_NAMES],
    },
    exitCodes: "0 it was printed, 1 not, 2 wrong usage.",
    async run(_given, terminal, [word]) {
      const { longHelp, shortHelp } = await import("./help_pages.ts");
      if (word === undefined) return terminal.print(shortHelp(commands()[0], commands()));
      const command = commands().find(({ name }) => name === word);
      if (command !== undefined) return terminal.print(longHelp(command, commands()));
      return terminal.print(TOPICS[word]);
    },
  };
}
