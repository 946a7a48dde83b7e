/** A network that swallows packets must not hold up the tests. */
const PATIENCE = 60_000;

/** What Deno says when it cannot download something. */
export const NO_DOWNLOAD = /download|sending request|caching npm|loading https/i;

/** What a finished process left. */
export interface Ended {
  success: boolean;
  stdout: string;
  stderr: string;
}

/** Runs Deno where it may have to download something; it is ended if that takes too long. */
export async function runDeno(args: string[]): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, PATIENCE);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  return {
    success,
    stdout: text.decode(stdout),
    stderr: `${text.decode(stderr)}${late ? `\nNo download was done within ${PATIENCE} ms` : ""}`,
  };
}
