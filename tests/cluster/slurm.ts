/** A Slurm of its own on this machine, for tests, and the `unrec` that its jobs start. */
import { whyMissing, whyNotRun } from "../needs.ts";
import { PROJECT, RUN } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** Why no Slurm can be started here; undefined if one can. */
export const WHY_NO_SLURM: string | undefined = Deno.build.os !== "linux" || Deno.uid() !== 0
  ? "only root can start a Slurm"
  : whyNotRun("slurmctld", "-V") ?? whyNotRun("slurmd", "-V") ?? whyNotRun("munged", "--version") ??
    whyMissing("sbatch");

/** A Slurm that runs. */
export class Slurm implements Disposable {
  /** Where jobs are submitted, and where they log. */
  readonly folder: string;
  readonly #folder = temporaryFolder();
  readonly #env: Record<string, string>;

  /** @param nodes How many nodes it has: n0, n1 and so on. */
  constructor(nodes: number) {
    this.folder = `${this.#folder.path}/jobs`;
    Deno.mkdirSync(`${this.folder}/bin`, { recursive: true });
    this.#env = {
      SLURM_CONF: `${this.#folder.path}/slurm/slurm.conf`,
      PATH: `${this.folder}/bin:${Deno.env.get("PATH")}`,
      NO_COLOR: "1",
    };
    Deno.writeTextFileSync(`${this.folder}/bin/unrec`, unrecThatIsHeld(this.folder), { mode: 0o755 });
    this.run("bash", `${PROJECT}tests/cluster/slurm_up.sh`, `${this.#folder.path}/slurm`, `${nodes}`);
  }

  /**
   * Runs a command among the jobs.
   *
   * @returns Its exit code, and what it printed.
   */
  try(command: string, ...args: string[]): { code: number; stdout: string; stderr: string } {
    const { code, stdout, stderr } = new Deno.Command(command, { args, cwd: this.folder, env: this.#env }).outputSync();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout).trim(), stderr: text.decode(stderr) };
  }

  /** Runs a command that must end well; returns what it printed. */
  run(command: string, ...args: string[]): string {
    const { code, stdout, stderr } = this.try(command, ...args);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** What the jobs have said so far. */
  logs(): string {
    return [...Deno.readDirSync(this.folder)].filter(({ name }) => name.endsWith(".log"))
      .map(({ name }) => `${name}: ${Deno.readTextFileSync(`${this.folder}/${name}`)}`).join("\n");
  }

  /** Has the share of an element stopped in its middle, the first time that it runs. */
  holdElement(element: number): void {
    Deno.writeTextFileSync(`${this.folder}/hold-${element}`, "");
  }

  /** Waits until an element is stopped in its middle; returns the process that Slurm has started for it. */
  async elementHeld(element: number): Promise<number> {
    for (;;) {
      try {
        return Number(Deno.readTextFileSync(`${this.folder}/held-${element}`));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Waits until a job waits to be run again, and has it begin at once: Slurm lets two minutes pass. */
  async beginAgain(job: string): Promise<void> {
    while (this.run("squeue", "--noheader", "--format=%T", `--jobs=${job}`) !== "PENDING") {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.run("scontrol", "update", `JobId=${job}`, "StartTime=now");
  }

  /** Has an element fail before it does anything, or not any more. */
  failElement(element: number, fails: boolean): void {
    if (fails) Deno.writeTextFileSync(`${this.folder}/fail-${element}`, "");
    else Deno.removeSync(`${this.folder}/fail-${element}`);
  }

  /** Ends a node at once, with the job that a process belongs to. */
  killNode(node: string, pid: number): void {
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))!;
    const daemon = Deno.readTextFileSync(`${this.#folder.path}/slurm/run/slurmd.${node}.pid`).trim();
    const children = this.try("pgrep", "-P", `${pid}`).stdout.split("\n").filter((line) => line !== "");
    this.run("kill", "-KILL", daemon, parent, `${pid}`, ...children);
  }

  [Symbol.dispose](): void {
    this.try("scancel", "--user=root");
    this.try(`${this.#folder.path}/slurm/slurm-down`);
    this.#folder[Symbol.dispose]();
  }
}

/** A command that starts unrec as users have it, but for elements that a test wants to be held, or to fail. */
function unrecThatIsHeld(folder: string): string {
  const unrec = [Deno.execPath(), ...RUN].map((word) => `'${word}'`).join(" ");
  return `#!/bin/bash
element=$SLURM_ARRAY_TASK_ID
if [ "$1" = finish ]; then exec ${unrec} "$@"; fi
if [ -e ${folder}/fail-$element ]; then echo "this element is told to fail"; exit 1; fi
if [ ! -e ${folder}/hold-$element ]; then exec ${unrec} "$@"; fi
rm ${folder}/hold-$element
output=$(printf '%s\\n' "$@" | sed -n 's/^--output=//p')
shares=$(printf '%s\\n' "$@" | sed -n 's#^--shard=auto/##p')
# As slow as it can be, and watched without starting other processes, so that it is met in its middle.
${unrec} "$@" --jobs=1 --engine=ts --chunk-size=256 &
journal=$output/.unrec-journal-$element-of-$shares
lines=()
# Until a task is noted, after the line that the journal begins with.
while [ \${#lines[@]} -lt 2 ] && kill -0 $!; do
  [ ! -e "$journal" ] || mapfile -t lines <"$journal"
done
kill -STOP $!
echo $$ >${folder}/held-$element.part
mv ${folder}/held-$element.part ${folder}/held-$element
wait $!
`;
}
