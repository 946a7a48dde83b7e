import { runSecondDeno } from "./second_deno.ts";

/** What the module of the command line exports. */
interface CommandLine {
  run(args: string[]): Promise<number>;
}

/** How long JSR is waited for, in milliseconds. Where packets are dropped, Deno waits for 40 seconds. */
const PATIENCE = 3000;

/** A module of JSR that is always needed. */
const ONE_OF_JSR = "@std/cli/parse-args";

/**
 * Runs the command line, which imports modules of JSR. Where they are neither to be had there nor in the cache, a second
 * Deno runs it with the stand-ins of this folder.
 *
 * @param module The module of the command line.
 * @param args Its arguments.
 * @returns The exit code.
 */
export async function start(module: URL, args: string[]): Promise<number> {
  const mayFallBack = !Deno.build.standalone && import.meta.url.startsWith("file:") && !hasStandIns();
  if (!mayFallBack || !wantsStandIns()) {
    const loaded = mayFallBack ? await unlessMissing(() => load(module)) : await load(module);
    if (loaded !== undefined) return await loaded.run(args);
  }
  return await runSecondDeno(args);
}

/** The specifier is no literal: for one, Deno would look for the modules of JSR before anything runs. */
function load(module: URL): Promise<CommandLine> {
  return import(module.href);
}

/** Whether the import map names the stand-ins already. */
function hasStandIns(): boolean {
  try {
    return import.meta.resolve(ONE_OF_JSR) === new URL("./parse_args.ts", import.meta.url).href;
  } catch {
    return false;
  }
}

function wantsStandIns(): boolean {
  const variable = "UNREC_OFFLINE";
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted" && Deno.env.get(variable) === "1";
}

/** The module, or undefined if modules of JSR cannot be had. */
async function unlessMissing(load: () => Promise<CommandLine>): Promise<CommandLine | undefined> {
  // Deno tells of each module that it looks for. Where there is none, it is to tell of one.
  const name = ONE_OF_JSR;
  const loading = import(name).then(load);
  const { promise: silence, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    console.error("unrec: JSR does not answer, so this goes on without it; UNREC_OFFLINE=1 does so at once");
    resolve(undefined);
  }, PATIENCE);
  try {
    return await Promise.race([loading, silence]);
  } catch (error) {
    // "JSR package manifest for '@std/cli' failed to load", or 'Import "@std/cli/parse-args" not a dependency'.
    if (error instanceof TypeError && /jsr|@std\/|lockfile/i.test(error.message.split("\n", 1)[0])) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
