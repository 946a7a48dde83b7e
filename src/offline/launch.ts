/**
 * Runs `deno` with the arguments given. Where JSR's modules are neither to be had there nor in the cache, an import map
 * puts the stand-ins of this folder in their place.
 *
 *     deno run -A src/offline/launch.ts test -A tests
 *
 * With the environment variable UNREC_OFFLINE=1 it does not look for them. With UNREC_IMPORT_MAP=FILE it takes another
 * import map, as for a copy of JSR's modules on this machine.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import standIns from "./import_map.json" with { type: "json" };

/** How long JSR is waited for, in milliseconds. */
const PATIENCE = 3000;

const [command, ...rest] = Deno.args;
const flags: string[] = [];
const env: Record<string, string> = {};
const given = Deno.env.get("UNREC_IMPORT_MAP");
if (given !== undefined) useImportMap(resolve(given));
else if (!await hasJsr()) {
  console.error("JSR's modules cannot be had here: what is in src/offline is used in their place");
  useImportMap(fileURLToPath(new URL("./import_map.json", import.meta.url)));
  env.UNREC_OFFLINE = "1";
}
const { code } = await new Deno.Command(Deno.execPath(), { args: [command, ...flags, ...rest], env }).spawn().status;
Deno.exit(code);

function useImportMap(path: string): void {
  flags.push(`--import-map=${path}`);
  // Tells the tests what to run the command line with.
  env.UNREC_IMPORT_MAP = path;
}

async function hasJsr(): Promise<boolean> {
  if (Deno.env.get("UNREC_OFFLINE") === "1") return false;
  const silence = new Promise<false>((resolve) => setTimeout(resolve, PATIENCE, false));
  return await Promise.race([canImport(), silence]);
}

async function canImport(): Promise<boolean> {
  try {
    // What is npm's is not looked for before it is needed.
    for (const [name, file] of Object.entries(standIns.imports)) if (file.startsWith("./")) await import(name);
    return true;
  } catch {
    return false;
  }
}
