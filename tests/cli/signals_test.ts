/** Signals: which ones stop the work, which one ends it at once, and which one is ignored. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless, WHY_NO_LINUX, WHY_NO_UNIX } from "../needs.ts";
import { UNREC } from "../paste.ts";
import { type TemporaryFolder, temporaryFolder } from "../temporary_folder.ts";
import { exists } from "../tree.ts";
import { encodeRecord, writeDataset } from "../write_dataset.ts";

/** Milliseconds in which a signal that is not ignored would have ended the work. */
const LONG = 300;

/** Makes a dataset that takes hours to read: of a record, and a hole of 4 TB in which the next one is looked for. */
function makeEndless({ path }: TemporaryFolder): void {
  const record = { key: 1, label: 1, image: new Uint8Array([0xff, 0xd8, 1, 0xff, 0xd9]) };
  writeDataset(path, [record]);
  Deno.truncateSync(`${path}/train.rec`, 2 ** 42);
  Deno.writeTextFileSync(`${path}/train.idx`, `1\t0\n2\t${encodeRecord(record).length}\n`);
}

/** Starts a shell command in a process of its own, and reads what it says until it is under way. */
async function start(command: string, isBegun: (child: Deno.ChildProcess) => boolean) {
  const child = new Deno.Command("bash", { args: ["-c", command], stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
  const stderr = new Response(child.stderr).text();
  while (!isBegun(child)) await new Promise((resolve) => setTimeout(resolve, 5));
  return { child, stderr };
}

/** Whether a process has a file open. */
function hasOpen(pid: number, path: string): boolean {
  try {
    return Array.from(Deno.readDirSync(`/proc/${pid}/fd`)).some(({ name }) =>
      Deno.readLinkSync(`/proc/${pid}/fd/${name}`) === path
    );
  } catch {
    return false; // One was closed meanwhile.
  }
}

for (
  const [name, command, signals, code] of [
    ["SIGHUP stops verify", "verify --jobs=2", ["SIGHUP"], 129],
    ["SIGHUP stops index", "index --on-error=skip", ["SIGHUP"], 129],
    ["with nohup SIGHUP does not", "verify", ["SIGHUP", "SIGTERM"], 143],
    ["with nohup SIGHUP does not stop index", "index --on-error=skip", ["SIGHUP", "SIGINT"], 130],
  ] as const
) {
  testUnless(WHY_NO_LINUX, `${name}, and the exit code tells the signal that did`, async () => {
    using folder = temporaryFolder();
    makeEndless(folder);
    const trap = name.startsWith("with nohup") ? "trap '' HUP; " : "";
    const { child, stderr } = await start(
      `${trap}exec ${UNREC} ${command} --include='${folder.path}'`,
      ({ pid }) => hasOpen(pid, `${folder.path}/train.rec`),
    );
    for (const [i, signal] of signals.entries()) {
      if (i > 0) await new Promise((resolve) => setTimeout(resolve, LONG));
      child.kill(signal);
    }
    assertEquals([(await child.status).code, await new Response(child.stdout).text()], [code, ""], await stderr);
    assertStringIncludes(await stderr, "unrec: Stopping; ");
  });
}

testUnless(
  WHY_NO_UNIX,
  "a second Ctrl-C ends the process at once, whatever it does; one that comes with the first is the same",
  async () => {
    using folder = temporaryFolder();
    const module = new URL("../../src/cli/stop_signals.ts", import.meta.url).href;
    // It finds no end, and its thread is never free for long. What is to be done later is done when it is told so.
    Deno.writeTextFileSync(
      `${folder.path}/busy.ts`,
      `import { StopSignals } from ${JSON.stringify(module)};
      const soon = setTimeout;
      let later = () => {};
      globalThis.setTimeout = (action, wait) => wait > 100 ? (later = action, 1) : soon(action, wait);
      const say = (text) => Deno.writeTextFileSync("${folder.path}/said", text + "\\n", { append: true });
      const isTold = (word) => Array.from(Deno.readDirSync("${folder.path}"), ({ name }) => name).includes(word);
      using stop = new StopSignals({ say }, "Stopping");
      say("Listening");
      for (;;) {
        await new Promise((resolve) => soon(resolve));
        for (const until = performance.now() + 90; performance.now() < until;);
        if (isTold("end")) Deno.exit(stop.exitCode - 100);
        if (isTold("turn")) Deno.removeSync("${folder.path}/turn");
        if (!isTold("later")) continue;
        later();
        Deno.removeSync("${folder.path}/later");
      }`,
    );
    const path = (name: string) => `${folder.path}/${name}`;
    const said = () => exists(path("said")) ? Deno.readTextFileSync(path("said")) : "";
    for (
      const [steps, code, ended] of [
        [["SIGINT", "turn", "SIGINT", "turn", "end"], 30, null],
        [["SIGINT", "turn", "SIGINT", "later", "SIGINT"], 130, "SIGINT"],
        [["SIGTERM", "later", "SIGTERM", "end"], 43, null],
        [["SIGTERM", "later", "SIGINT"], 130, "SIGINT"],
      ] as const
    ) {
      const args = ["run", "-A", "--no-config", path("busy.ts")];
      const child = new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn();
      let isOver = false;
      child.status.then(() => isOver = true);
      const until = async (isSo: () => boolean) => {
        while (!isSo() && !isOver) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await until(() => said().includes("Listening"));
      for (const step of steps) {
        if (isOver) break;
        if (step.startsWith("SIG")) child.kill(step as Deno.Signal);
        else Deno.writeTextFileSync(path(step), "");
        if (step === "later" || step === "turn") await until(() => !exists(path(step)));
        else if (step !== "end") await until(() => said().includes("Stopping"));
      }
      const status = await child.status;
      assertEquals([status.code, status.signal], [code, ended], steps.join(" "));
      assertEquals(said(), "Listening\nStopping; Ctrl-C ends it at once\n", steps.join(" "));
      for (const name of ["said", "end", "turn"]) if (exists(path(name))) Deno.removeSync(path(name));
    }
  },
);
