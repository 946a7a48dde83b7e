/**
 * Whether a name is taken: by a file, a folder or a link, wherever that leads.
 *
 * @param path The name.
 */
export function isTaken(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
