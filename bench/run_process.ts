/** Runs a program and takes its time. */

/** What running a program took, in seconds. */
export interface ProcessTimes {
  /** From before its start to after its end. */
  wall: number;
  /** Processor time outside the kernel, all threads together; NaN where there is no /proc. */
  user: number;
  /** Processor time in the kernel. */
  system: number;
  /** Processor time that everything else on the machine took meanwhile. */
  others: number;
}

/** What a program did. */
export interface ProcessRun extends ProcessTimes {
  /** What it printed. */
  stdout: string;
}

/** Where a program runs, and how. */
export interface ProcessOptions {
  /** Working directory. */
  cwd?: string;
  /** Environment variables added to those of this program. */
  env?: Record<string, string>;
}

/**
 * Runs a program to its end.
 *
 * @param command The program and its arguments.
 * @param options Where it runs.
 * @returns What it took, and what it printed.
 * @throws {Error} If it ends with another exit code than 0.
 */
export function runProcess(command: string[], options: ProcessOptions = {}): ProcessRun {
  const [program, ...args] = command;
  const before = readTimes();
  const begin = performance.now();
  const { code, stdout, stderr } = new Deno.Command(program, { args, ...options }).outputSync();
  const wall = (performance.now() - begin) / 1000;
  const after = readTimes();
  const user = after.user - before.user;
  const system = after.system - before.system;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  return {
    wall,
    user,
    system,
    others: after.machine - before.machine - user - system,
    stdout: new TextDecoder().decode(stdout),
  };
}

/**
 * Whether a program can be run.
 *
 * @param command The program and arguments with which it does nothing.
 */
export function isRunnable(command: string[]): boolean {
  try {
    runProcess(command);
    return true;
  } catch {
    return false;
  }
}

/** Clock ticks of /proc in a second: 100 on every Linux. */
const TICKS = 100;

/**
 * Processor time of all children that have ended (`cutime` and `cstime` of proc(5)), and of the whole machine: user, nice
 * and system.
 */
function readTimes(): { user: number; system: number; machine: number } {
  try {
    const self = Deno.readTextFileSync("/proc/self/stat");
    // The name of the program may contain spaces; fields are counted from after it, where the third one stands.
    const fields = self.slice(self.lastIndexOf(")") + 2).split(" ");
    const machine = Deno.readTextFileSync("/proc/stat").split(/\s+/, 4).slice(1);
    return {
      user: Number(fields[16 - 3]) / TICKS,
      system: Number(fields[17 - 3]) / TICKS,
      machine: machine.reduce((sum, ticks) => sum + Number(ticks) / TICKS, 0),
    };
  } catch {
    return { user: NaN, system: NaN, machine: NaN };
  }
}
