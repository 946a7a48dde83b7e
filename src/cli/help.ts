import type { Command } from "./command.ts";
import { flag } from "./option.ts";
import { KUBERNETES } from "./recipes/kubernetes.ts";
import { SLURM } from "./recipes/slurm.ts";
import { TOPICS } from "./topics.ts";
import { UsageError } from "./usage_error.ts";

const TOPIC_NAMES = Object.keys(TOPICS);

const options = {
  slurm: flag({
    help: "with cluster: print a batch script for Slurm",
    more: "with `cluster`: print a batch script for Slurm",
  }),
  k8s: flag({ help: "with cluster: print Jobs for Kubernetes", more: "with `cluster`: print Jobs for Kubernetes" }),
};

/** The files that a cluster is given, by the option that prints them. */
const RECIPES = { slurm: SLURM, k8s: KUBERNETES };

/**
 * `unrec help`: prints a page about a command or a topic.
 *
 * @param commands All commands; a function, for the command is one of them.
 * @returns The command.
 */
export function help(commands: () => readonly [Command, ...Command[]]): Command<typeof options> {
  return {
    name: "help",
    summary: "say more about a command or a topic",
    usage: "unrec help [COMMAND|TOPIC]",
    description: "unrec help prints all there is to say about a command or a topic.",
    options,
    word: {
      value: "COMMAND|TOPIC",
      choices: () => [...commands().map(({ name }) => name), ...TOPIC_NAMES],
    },
    exitCodes: "0 it was printed, 1 not, 2 wrong usage.",
    async run(given, terminal, [word]) {
      const recipes = Object.entries(RECIPES).filter(([option]) => given[option as keyof typeof RECIPES]);
      if (recipes.length > 0) {
        const [[option, text], other] = recipes;
        if (word !== "cluster") throw new UsageError(`--${option} goes with: unrec help cluster --${option}`);
        if (other !== undefined) throw new UsageError(`--${option} and --${other[0]}: give one of them`);
        return terminal.print(text.trimEnd());
      }
      const { longHelp, shortHelp } = await import("./help_pages.ts");
      if (word === undefined) return terminal.print(shortHelp(commands()[0], commands()));
      const command = commands().find(({ name }) => name === word);
      if (command !== undefined) return terminal.print(longHelp(command, commands()));
      return terminal.print(TOPICS[word]);
    },
  };
}
