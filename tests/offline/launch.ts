/**
 * Runs `deno` with the arguments given. Where JSR cannot be reached and its modules are not cached, an import map puts
 * the stand-ins of this folder in their place.
 *
 *     deno run -A tests/offline/launch.ts test -A tests
 */
import { fileURLToPath } from "node:url";

/** A network that swallows packets must not hold up the tests. */
const PATIENCE = 20_000;

const [command, ...rest] = Deno.args;
const stand = await jsrAnswers() ? [] : [
  // Without the lock file, for it is about the modules that could not be loaded.
  "--no-lock",
  `--import-map=${fileURLToPath(new URL("import_map.json", import.meta.url))}`,
];
if (stand.length > 0) console.error("JSR cannot be reached: its modules are replaced by those in tests/offline");
const { code } = await new Deno.Command(Deno.execPath(), { args: [command, ...stand, ...rest] }).spawn().status;
Deno.exit(code);

async function jsrAnswers(): Promise<boolean> {
  const probe = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", fileURLToPath(new URL("probe.ts", import.meta.url))],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => probe.kill("SIGKILL"), PATIENCE);
  const { success } = await probe.status;
  clearTimeout(timer);
  return success;
}
