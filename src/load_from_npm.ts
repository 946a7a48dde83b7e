import { systemReason, UnrecError } from "./errors.ts";

/**
 * Loads a module of this project that imports packages of npm, which Deno fetches when they are asked for the first time.
 * Nobody else imports such a module, not even in a place that is never reached: what Deno can see, it fetches before
 * anything runs. `deno compile` does not see it either, so it is named there.
 *
 * @param task What it is needed for: the rest of a sentence that begins with "Cannot".
 * @param url Where it is.
 * @returns What it exports.
 * @throws {UnrecError} If a package can neither be found in Deno's cache nor be fetched.
 */
export async function loadFromNpm<Module>(task: string, url: URL): Promise<Module> {
  const module = url.href;
  try {
    return await import(module);
  } catch (error) {
    throw new UnrecError(
      `Cannot ${task}: what does that is not in Deno's cache, and cannot be fetched: ${systemReason(error)}`,
      { kind: "fetch", module },
    );
  }
}
