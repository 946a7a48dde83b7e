import { fileURLToPath } from "node:url";

const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;

/** What a shell leaves as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * Runs this program once more, with the permissions of this process and the stand-ins in place of JSR's modules. It
 * ends when this process is killed, and gets the signals that this process gets.
 *
 * @param args The arguments of the program.
 * @returns The exit code.
 */
export async function runSecondDeno(args: string[]): Promise<number> {
  const deno = Deno.execPath();
  const importMap = fileURLToPath(new URL("./import_map.json", import.meta.url));
  const flags = [...permissionFlags(), `--import-map=${importMap}`];
  if (Deno.permissions.querySync({ name: "run", command: deno }).state !== "granted") {
    const words = ["deno", "run", ...flags, fileURLToPath(Deno.mainModule), ...args];
    console.error(
      `unrec: JSR cannot be reached; run this, which goes on without it: ${words.map(quoted).join(" ")}`,
    );
    return 1;
  }
  const watch = new URL("./watch_parent.ts", import.meta.url);
  watch.searchParams.set("parent", `${Deno.pid}`);
  const child = new Deno.Command(deno, {
    args: ["run", ...flags, `--preload=${watch.href}`, Deno.mainModule, ...args],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  handOnSignals(child);
  return (await child.status).code;
}

/** A child that got a signal by itself, as at Ctrl-C, gets it once more. */
function handOnSignals(child: Deno.ChildProcess): void {
  if (Deno.build.os === "windows") {
    // There it always gets it by itself, and kill() would end it.
    return Deno.addSignalListener("SIGINT", () => {});
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      try {
        child.kill(signal);
      } catch {
        // It has ended.
      }
    });
  }
}

function permissionFlags(): string[] {
  const granted = PERMISSIONS.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  return granted.length === PERMISSIONS.length ? ["-A"] : granted.map((name) => `--allow-${name}`);
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
