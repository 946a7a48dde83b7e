import { fileURLToPath } from "node:url";
import { readJournal } from "../decode/journal.ts";

/** Characters that no shell makes anything of. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** The command line of this process, to be pasted into a shell; without `--restart`, which would begin anew. */
export function resumeCommand(): string {
  const program = Deno.build.standalone ? [Deno.execPath()] : [Deno.execPath(), "run", "-A", mainModule()];
  return [...program, ...Deno.args.filter((arg) => arg !== "--restart")].map(quoted).join(" ");
}

/**
 * What can be done after a failure whose cause is gone.
 *
 * @param output The output folder.
 */
export function afterFailure(output: string): string {
  try {
    Deno.statSync(output);
  } catch {
    return `${output} is not there any more, so the same command writes all again`;
  }
  try {
    if (readJournal(output) !== undefined) return "when that is put right, the same command goes on from there";
  } catch {
    // Then nothing is promised.
  }
  return "when that is put right, the same command writes all again";
}

function mainModule(): string {
  return Deno.mainModule.startsWith("file:") ? fileURLToPath(Deno.mainModule) : Deno.mainModule;
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
