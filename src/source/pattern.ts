import { byNumber } from "./in_folder.ts";

/**
 * Whether a path that names nothing may be a pattern.
 *
 * @param path The path.
 */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * What a pattern matches.
 *
 * @param pattern The pattern.
 * @returns Paths of files and folders, in the order of their numbers; relative ones if the pattern is relative.
 */
export async function pathsOf(pattern: string): Promise<string[]> {
  // It takes a while to load, and few need it.
  const { expandGlobSync } = await import("@std/fs/expand-glob");
  const paths = Array.from(expandGlobSync(pattern, { includeDirs: true, extended: false }), (entry) => entry.path);
  // Relative patterns stay relative in messages.
  const cwd = `${Deno.cwd()}/`;
  return paths.sort(byNumber)
    .map((path) => pattern.startsWith("/") || !path.startsWith(cwd) ? path : path.slice(cwd.length));
}
