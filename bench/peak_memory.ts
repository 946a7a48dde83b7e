/** Runs a program and takes its peak memory. */
import { isRunnable } from "./run_process.ts";

/**
 * The most memory that a program has had in use at once (its resident set, the pages of its own binary included): as GNU
 * time tells it, or else as /proc does while the program runs.
 *
 * @param command The program and its arguments. What it prints is thrown away.
 * @returns Bytes.
 * @throws {Error} If it ends with another exit code than 0, or if neither source exists.
 */
export async function peakMemory(command: string[]): Promise<number> {
  const measured = hasGnuTime() ? ["/usr/bin/time", "--format=peak %M", ...command] : command;
  const [program, ...args] = measured;
  const process = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  let polled = 0;
  const poll = setInterval(() => polled = Math.max(polled, highWater(process.pid)), 10);
  try {
    const { code, stderr } = await process.output();
    const said = new TextDecoder().decode(stderr);
    if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${said}`);
    const kilobytes = Number(/^peak (\d+)$/m.exec(said)?.[1] ?? polled);
    if (kilobytes === 0) throw new Error("there is no GNU time here and no /proc, so no peak memory");
    return kilobytes * 1024;
  } finally {
    clearInterval(poll);
  }
}

function hasGnuTime(): boolean {
  return isRunnable(["/usr/bin/time", "--format=peak %M", "true"]);
}

/** VmHWM of a process in KiB. It never falls, so only what comes after the last look is missed. */
function highWater(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
