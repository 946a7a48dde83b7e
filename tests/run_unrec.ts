import { fileURLToPath } from "node:url";
import { CommandLine } from "../src/cli/command_line.ts";
import { run } from "../src/cli/run.ts";
import { Terminal, type TextStream } from "../src/cli/terminal.ts";

/** The project's folder. */
export const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/** What to give `deno` for the command line to be one process: where the tests run without JSR, it does too. */
export const RUN: readonly string[] = ["run", "-A", ...importMapFlag(), `${PROJECT}main.ts`];

/** What a finished process left. */
export interface Finished {
  /** Exit code. */
  code: number;
  /** Standard output. */
  stdout: string;
  /** Standard error. */
  stderr: string;
}

/** Starts the command line as a process, with pipes in place of a terminal. */
export function startUnrec(
  args: string[],
  stdin: "null" | "piped" = "null",
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...RUN, ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
}

/** Runs the command line as a process. */
export async function runProcess(...args: string[]): Promise<Finished> {
  const { code, stdout, stderr } = await startUnrec(args).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/**
 * Runs the command line in this process, with pipes in place of a terminal: a tenth of the time that a process takes. All
 * is as in a process, except for what a system does at its begin and end.
 */
export async function runUnrec(...args: string[]): Promise<Finished> {
  const [out, err] = [new Pipe(), new Pipe()];
  const terminal = new Terminal(new CommandLine(args, ["deno", "run", "-A", `${PROJECT}main.ts`]), { out, err });
  const code = await run(args, terminal);
  return { code, stdout: out.text, stderr: err.text };
}

/** Keeps what is written to it. */
class Pipe implements TextStream {
  text = "";
  readonly #decoder = new TextDecoder();

  writeSync(bytes: Uint8Array): number {
    this.text += this.#decoder.decode(bytes, { stream: true });
    return bytes.length;
  }

  isTerminal(): boolean {
    return false;
  }
}

/** The lines of standard error that are about what went wrong: neither layouts nor what Deno says when it downloads. */
export function complaints({ stderr }: Finished): string[] {
  return stderr.split("\n").filter((line) =>
    line !== "" && !/^Download https:|(identity|flat) layout, record 0/.test(line)
  );
}

/** The import map that these tests run with: the launcher tells which; by hand, it is that of the stand-ins. */
function importMapFlag(): string[] {
  const told = Deno.env.get("UNREC_IMPORT_MAP");
  if (told === undefined && !import.meta.resolve("@std/assert").startsWith("file:")) return [];
  return [`--import-map=${told ?? `${PROJECT}src/offline/import_map.json`}`];
}
