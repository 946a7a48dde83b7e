import { type Finished, RUN } from "./run_unrec.ts";

/** Starts the command line in a shell, as one process: options come after it. */
export const UNREC: string = [Deno.execPath(), ...RUN].map((word) => `'${word}'`).join(" ");

/** Where the tests do without JSR, a command that is pasted does not look for it either. */
const OFFLINE = RUN.some((word) => word.startsWith("--import-map"));

/**
 * Pastes a command into a shell, as somebody does who was told to run it.
 *
 * @param command As a message has it.
 * @param cwd The folder that the shell is in.
 */
export async function paste(command: string, cwd?: string): Promise<Finished> {
  // Messages quote what has control characters in it as bash does.
  const env = { NO_COLOR: "1", ...OFFLINE ? { UNREC_OFFLINE: "1" } : {} };
  const shell = new Deno.Command("bash", { args: ["-c", command], cwd, stdin: "null", env });
  const { code, stdout, stderr } = await shell.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/**
 * Finds a command in what was said.
 *
 * @param said Standard error.
 * @param words What comes before it, without the colon.
 * @returns The command.
 */
export function commandAfter(said: string, words: string): string {
  const begin = said.indexOf(`${words}: `);
  if (begin < 0) throw new Error(`Nobody was told to ${words}: ${said}`);
  const [rest] = said.slice(begin + words.length + 2).split("\n");
  // What is to be run ends where another choice begins, or something to do after it.
  return rest.split(/, or [a-z]|; when /)[0];
}
