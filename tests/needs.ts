/**
 * Tests that cannot run on every machine. Where one cannot, the runner says that it was ignored, and it does not pass.
 *
 * @module
 */
import { NO_DOWNLOAD, runDeno } from "./run_deno.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/**
 * Adds a test that needs what not every machine has.
 *
 * @param whyNot Why it cannot run here; undefined if it can.
 * @param name Its name.
 * @param fn The test.
 */
export function testUnless(
  whyNot: string | undefined,
  name: string,
  fn: (context: Deno.TestContext) => void | Promise<void>,
): void {
  if (whyNot !== undefined) console.log(`Not tested here: ${name}: ${whyNot}`);
  Deno.test({ name, ignore: whyNot !== undefined, fn });
}

/** Why what only Linux has cannot be tested here: what a process reads and takes, its special files. */
export const WHY_NO_LINUX: string | undefined = Deno.build.os === "linux" ? undefined : "this is no Linux";

/** Why what all systems have but Windows cannot be tested here: pipes with a name, links, signals. */
export const WHY_NO_UNIX: string | undefined = Deno.build.os === "windows" ? "Windows has nothing like it" : undefined;

/**
 * Why a program cannot be run here.
 *
 * @param program The program.
 * @param args With what it is tried; it must end well.
 * @returns The reason; undefined if it can be run.
 */
export function whyNotRun(program: string, ...args: string[]): string | undefined {
  try {
    const { success, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return String(error);
  }
}

/**
 * Why a program cannot be run here, where no arguments are known that make it end well.
 *
 * @param program Its name.
 * @returns The reason; undefined if it is there.
 */
export function whyMissing(program: string): string | undefined {
  return whyNotRun("sh", "-c", `command -v ${program}`) === undefined ? undefined : `there is no ${program} here`;
}

/** Why no binary can be compiled here: its base may be neither in the cache, nor to be downloaded, nor in DENORT_BIN. */
export async function whyNoBinary(): Promise<string | undefined> {
  using folder = temporaryFolder();
  const main = `${folder.path}/main.ts`;
  Deno.writeTextFileSync(main, "");
  const { success, stderr } = await runDeno(["compile", "--no-config", "--output", `${folder.path}/binary`, main]);
  return !success && NO_DOWNLOAD.test(stderr) ? "the base of a binary cannot be downloaded here" : undefined;
}
